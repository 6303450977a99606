/** The two keys of a machine, as people change them (design §8: one follows the other). */
import { identityBundle } from '#identity/bundle.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import { accountOf } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { clearTombstones, recordTombstone } from '../managed/tombstones.ts';
import { authorizeKey, type KeyBringer } from './machine-scope.ts';
import { accessOfMachine, addKey, fingerprintsOf, machineNamed, requirePublicKey } from './machines.ts';

export interface SecondKey {
  readonly machine: string;
  /** Standard base64 of the raw 32 bytes; null: a key pair is made, and its private half answered once. */
  readonly publicKey: string | null;
  readonly mountPath: string;
  readonly apiUrl: string;
  readonly caCertificate: string | null;
}

export interface AddedKey {
  readonly fingerprint: string;
  /** The files of the identity with the new key, by name; null where the caller brought the key. Kept nowhere. */
  readonly bundle: Record<string, string> | null;
}

/**
 * Who holds a key of a machine reads what the machine reads: it takes Secrets: Manage in each of its projects (H1).
 * A machine that waits for approval takes none.
 * Throws DomainError `NotFound`, `Forbidden`, `Invalid`, `KeySlotsBusy`, `FingerprintTaken`, `KeyCompromised`.
 */
export async function addKeyByPerson(act: Act, by: KeyBringer, second: SecondKey): Promise<AddedKey> {
  const { machine: machineName, publicKey, mountPath, apiUrl, caCertificate } = second;
  const machine = await machineNamed(act, machineName);
  await authorizeKey(act, by, await accessOfMachine(act, machine));
  const made = publicKey === null ? newKeyPair() : null;
  const key = made?.publicKey ?? requirePublicKey(publicKey ?? undefined);
  await addKey(act, machine, key, accountOf(act.actor));
  const { fingerprint } = key;
  const subject = { kind: 'MachineBinding', key: machineName } as const;
  await act.audit({ action: 'machine.key-added', subject, details: { id: machine.id, fingerprint } });
  await clearTombstones(act, subject, ['MachineKeyRevoked'], [fingerprint]);
  const vaultId = act.vault.id;
  const facts = { machineId: machine.id, machineName, vaultId, apiUrl, mountPath, caCertificate };
  return { fingerprint, bundle: made === null ? null : identityBundle(facts, made) };
}

/**
 * The next request by that key is refused, and no manager brings the key back (rail 7).
 * Throws DomainError `NotFound`, and `LastKey` for the only one.
 */
export async function revokeKeyByPerson(act: Act, name: string, fingerprint: string): Promise<void> {
  const machine = await machineNamed(act, name);
  const fingerprints = await fingerprintsOf(act, machine);
  if (!fingerprints.includes(fingerprint)) throw refuse('NotFound', `${name} has no such key.`);
  if (fingerprints.length === 1) {
    throw new DomainError({
      code: 'LastKey',
      status: 409,
      detail: `It is the only key of ${name}.`,
      next: 'Add its second key first, or revoke the machine.',
    });
  }
  await act.db
    .deleteFrom('machine_keys')
    .where('vault_id', '=', act.vault.id)
    .where('fingerprint', '=', fingerprint)
    .execute();
  const subject = { kind: 'MachineBinding', key: name } as const;
  const details = { id: machine.id, fingerprint };
  const entry = await act.audit({ action: 'machine.key-revoked', subject, details });
  await recordTombstone(act, entry, { ...subject, act: 'MachineKeyRevoked', item: fingerprint });
}
