/** Machines that a person makes: for a time, or without an end; approved by that. */
import type { MachineProject } from '#model/organization.ts';
import { accountOf } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { Guardrails } from './guardrails.ts';
import { machineNamed, registerMachine, setMachineAccess } from './machines.ts';
import { type AnsweredBundle, type NewIdentity, newIdentity } from './new-identity.ts';

export interface Provision {
  readonly name: string;
  /** Milliseconds from now; null: a standard machine, without an end. */
  readonly life: number | null;
  /** Of temporary machines alone. */
  readonly guardrails: Guardrails | null;
  readonly access: readonly MachineProject[];
  readonly identity: NewIdentity;
}

export interface Provisioned {
  readonly machineId: string;
  readonly machineName: string;
  readonly vaultId: string;
  readonly expiresAt: number | null;
  readonly bundle: AnsweredBundle;
}

/** Throws DomainError `Invalid`, `NotFound`, `NameTaken`, `FingerprintTaken`, `QuotaReached`. */
export async function provisionMachine(act: Act, provision: Provision): Promise<Provisioned> {
  const { name, life, guardrails, access } = provision;
  if (guardrails !== null && life === null) {
    throw refuse('Invalid', 'Only a temporary machine, one with a life, takes guardrails.');
  }
  const { key, bundleOf } = newIdentity(act, provision.identity);
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
  return { machineId, machineName: name, vaultId, expiresAt, bundle: bundleOf(machineId, name) };
}
