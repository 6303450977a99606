/** The two keys of a machine, as people change them (design §8: one follows the other). */
import { accountOf } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { clearTombstones, recordTombstone } from '../managed/tombstones.ts';
import { authorizeKey, type KeyBringer } from './machine-scope.ts';
import { accessOfMachine, addKey, fingerprintsOf, machineNamed } from './machines.ts';
import { type AnsweredBundle, type NewIdentity, newIdentity } from './new-identity.ts';

export interface SecondKey {
  readonly machine: string;
  readonly identity: NewIdentity;
}

export interface AddedKey {
  readonly fingerprint: string;
  /** With the new key. */
  readonly bundle: AnsweredBundle;
}

/**
 * Who holds a key of a machine reads what the machine reads: it takes Secrets: Manage in each of its projects (H1).
 * A machine that waits for approval takes none.
 * Throws DomainError `NotFound`, `Forbidden`, `Invalid`, `KeySlotsBusy`, `FingerprintTaken`, `KeyCompromised`.
 */
export async function addKeyByPerson(act: Act, by: KeyBringer, second: SecondKey): Promise<AddedKey> {
  const { machine: machineName, identity } = second;
  const machine = await machineNamed(act, machineName);
  await authorizeKey(act, by, await accessOfMachine(act, machine));
  const { key, bundleOf } = newIdentity(act, identity);
  await addKey(act, machine, key, accountOf(act.actor));
  const { fingerprint } = key;
  const subject = { kind: 'MachineBinding', key: machineName } as const;
  await act.audit({ action: 'machine.key-added', subject, details: { id: machine.id, fingerprint } });
  await clearTombstones(act, subject, ['MachineKeyRevoked'], [fingerprint]);
  return { fingerprint, bundle: bundleOf(machine.id, machineName) };
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
