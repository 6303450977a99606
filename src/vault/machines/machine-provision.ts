/** Machines that a person makes: for a time, or without an end; approved by that. */
import { identityBundle } from '#identity/bundle.ts';
import { newKeyPair } from '#identity/key-pair.ts';
import type { MachineProject } from '#model/organization.ts';
import { accountOf } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { Guardrails } from './guardrails.ts';
import { machineNamed, registerMachine, requirePublicKey, setMachineAccess } from './machines.ts';

export interface Provision {
  readonly name: string;
  /** Milliseconds from now; null: a standard machine, without an end. */
  readonly life: number | null;
  /** Of temporary machines alone. */
  readonly guardrails: Guardrails | null;
  readonly access: readonly MachineProject[];
  /** Standard base64 of the raw 32 bytes; null: a key pair is made, and its private half answered once. */
  readonly publicKey: string | null;
  /** The folder that the identity will lie in. */
  readonly mountPath: string;
  /** The vault's address as the machine will know it. */
  readonly apiUrl: string;
  /** PEM of the authority that it needs to believe that address; null: none beside those of its system. */
  readonly caCertificate: string | null;
}

export interface Provisioned {
  readonly machineId: string;
  readonly machineName: string;
  readonly vaultId: string;
  readonly expiresAt: number | null;
  /** The files of the identity by name, the private key among them; null where the caller brought the key. Kept nowhere. */
  readonly bundle: Record<string, string> | null;
}

/** Throws DomainError `Invalid`, `NotFound`, `NameTaken`, `FingerprintTaken`, `QuotaReached`. */
export async function provisionMachine(act: Act, provision: Provision): Promise<Provisioned> {
  const { name, life, guardrails, access, apiUrl, mountPath, caCertificate } = provision;
  if (guardrails !== null && life === null) {
    throw refuse('Invalid', 'Only a temporary machine, one with a life, takes guardrails.');
  }
  const made = provision.publicKey === null ? newKeyPair() : null;
  const key = made?.publicKey ?? requirePublicKey(provision.publicKey ?? undefined);
  const expiresAt = life === null ? null : act.now + life;
  const kind = life === null ? 'standard' : 'temporary';
  const machineId = await registerMachine(act, name, key, {
    kind,
    approved: true,
    expiresAt,
    hostname: null,
    maker: accountOf(act.actor),
    guardrails,
  });
  await setMachineAccess(act, await machineNamed(act, name), access);
  await act.audit({
    action: 'machine.provisioned',
    subject: { kind: 'MachineBinding', key: name },
    details: {
      id: machineId,
      kind,
      expiresAt,
      fingerprint: key.fingerprint,
      access: access.map(({ project, secrets }) => ({ project, secrets: [...secrets] })),
      guardrails: guardrails === null ? null : JSON.parse(JSON.stringify(guardrails)),
    },
  });
  const vaultId = act.vault.id;
  const facts = { machineId, machineName: name, vaultId, apiUrl, mountPath, caCertificate };
  const bundle = made === null ? null : identityBundle(facts, made);
  return { machineId, machineName: name, vaultId, expiresAt, bundle };
}
