/**
 * V9: values for many machines in one request. The automation identity reads nothing by itself: each machine's
 * own key signs that it may. Poll memory and the last use of keys are left alone.
 *
 * Decides V9: which values one request is answered.
 */
import type { SyncAnswer, SyncRequest } from '#protocol/management.ts';
import { type SyncProof, syncPayload, TIMESTAMP_TOLERANCE, verifyPayload } from '#protocol/signing.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { useNonce } from '../act/nonces.ts';
import { actDelegated, type DelegatedAct } from '../automation/delegation.ts';
import { refuse, sealed } from '../common/domain-error.ts';
import { keyObject } from '../common/key-object.ts';
import { byText } from '../common/scope.ts';
import { isAllowed } from '../machines/ip-allowlist.ts';
import { addressesOf } from '../machines/key-addresses.ts';
import { PolicyGate, type PolicyRefusal } from '../secrets/policy.ts';

type Claim = SyncRequest['machines'][number];
type MachineAnswer = SyncAnswer['machines'][number];

/** A value as it lies in the tables; opened after the commit of the audit entry. */
interface Served {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly version: number;
  readonly fieldNames: string | null;
  readonly policy: PolicyGate | null;
  readonly projectKey: { readonly wrapped_key: string; readonly root_key_id: string };
  readonly box: { readonly wrapped_key: string; readonly sealed: string };
}

type SyncOutcome =
  | { readonly machineId: string; readonly error: string }
  | {
      readonly machineId: string;
      readonly error: null;
      readonly name: string;
      readonly served: readonly Served[];
      readonly refused: MachineAnswer['refused'];
    };

export interface ReceivedSync {
  /** The address that values leave to. */
  readonly source: string;
  /** What the request was signed for; each proof names the same. */
  readonly audience: string;
}

type Refusal = 'NotGranted' | 'OutOfBounds' | 'PolicyForbidsSync' | PolicyRefusal;

/** Throws `Sealed`, and `Forbidden` by the source. What is wrong with one machine is in its answer. */
export async function sync(
  context: VaultContext,
  by: DelegatedAct,
  { machines }: SyncRequest,
  { source, audience }: ReceivedSync,
): Promise<SyncAnswer> {
  if (context.cipher.isSealed) throw sealed();
  const { vaultId } = by;
  // A signature costs more than all else; it is not checked while the vault is locked.
  const proofs = new Map<Claim, string>();
  for (const claim of machines) {
    const fingerprint = await provenBy(context, { audience, vaultId }, claim);
    if (fingerprint !== undefined) proofs.set(claim, fingerprint);
  }

  const outcomes = await actDelegated(context, by, async (act, actor) => {
    await checkSource(act, actor, source);
    const outcomes: SyncOutcome[] = [];
    for (const claim of machines)
      outcomes.push(await serve(act, { actor, source }, claim, proofs.get(claim)));
    await auditServed(act, source, outcomes);
    return outcomes;
  });
  return { machines: outcomes.map((outcome) => opened(context, outcome)) };
}

/**
 * V9: values leave to where the automation is. An identity with addresses of its own was held to them already; for any
 * other, what the IP allowlist of the vault lets through. Throws `Forbidden`.
 */
async function checkSource(act: Act, { bounds }: AutomationActor, source: string): Promise<void> {
  if (bounds.addresses !== null || (await isAllowed(act.db, act.vault.id, source))) return;
  throw refuse(
    'Forbidden',
    'The IP allowlist of the vault does not hold the address that this sync comes from.',
    'Add the address to the list, or the owner makes an identity with addresses of its own.',
  );
}

/** Fingerprint of the key that signed; undefined where none of the machine's did, or not in this time. */
async function provenBy(
  context: VaultContext,
  { audience, vaultId }: Pick<SyncProof, 'audience' | 'vaultId'>,
  claim: Claim,
): Promise<string | undefined> {
  const { machineId, timestamp, nonce, proof } = claim;
  const seconds = Number(timestamp);
  const isTimely = Math.abs(context.clock.now() / 1000 - seconds) <= TIMESTAMP_TOLERANCE;
  if (!/^[0-9]+$/.test(timestamp) || !isTimely) return undefined;
  const keys = await context.reader
    .selectFrom('machine_keys')
    .select(['fingerprint', 'public_key'])
    .where('vault_id', '=', vaultId)
    .where('machine_id', '=', machineId)
    .execute();
  const payload = syncPayload({ audience, vaultId, machineId, timestamp, nonce });
  return keys.find(({ public_key }) => verifyPayload(keyObject(public_key), payload, proof))?.fingerprint;
}

async function serve(
  act: Act,
  { actor: { bounds }, source }: { readonly actor: AutomationActor; readonly source: string },
  claim: Claim,
  fingerprint: string | undefined,
): Promise<SyncOutcome> {
  const { machineId } = claim;
  const machine = await act.db
    .selectFrom('machines')
    .select(['name', 'approved', 'enabled', 'expires_at', 'guardrails'])
    .where('id', '=', machineId)
    .where('vault_id', '=', act.vault.id)
    .executeTakeFirst();
  const isOver = machine?.expires_at != null && machine.expires_at <= act.now;
  if (machine === undefined || isOver) return { machineId, error: 'Unknown' };
  // Looked up again: the key may have been revoked, or bound, since its signature was checked.
  const key = fingerprint === undefined ? undefined : await keyOf(act, machineId, fingerprint);
  const isFresh =
    key !== undefined &&
    (await useNonce(act.db, `sync:${machineId}`, claim.nonce, act.now + 2 * TIMESTAMP_TOLERANCE * 1000));
  if (!isFresh) return { machineId, error: 'BadProof' };
  // V4: the value leaves to where the automation is, which then has to be where the machines of its delegation are.
  if (addressesOf(key)?.has(source) === false) return { machineId, error: 'NotAllowed' };
  if (machine.approved === 0) return { machineId, error: 'NotApproved' };
  if (machine.enabled === 0) return { machineId, error: 'Disabled' };
  // They are about who asks and when, and it is not the machine that asks here.
  if (machine.guardrails !== null) return { machineId, error: 'Guarded' };
  const granted = await grantedTo(act, machineId);
  const served: Served[] = [];
  const refused: { readonly id: string; readonly reason: Refusal }[] = [];
  for (const id of new Set(claim.secrets)) {
    const secret = granted.get(id);
    const reason =
      secret === undefined
        ? 'NotGranted'
        : bounds.projects?.includes(secret.projectId) === false
          ? 'OutOfBounds'
          : forbidden(secret.policy, source, act.now);
    if (secret !== undefined && reason === null) served.push(secret);
    else if (reason !== null) refused.push({ id, reason });
  }
  return { machineId, error: null, name: machine.name, served, refused };
}

function keyOf(act: Act, machineId: string, fingerprint: string) {
  return act.db
    .selectFrom('machine_keys')
    .select('addresses')
    .where('vault_id', '=', act.vault.id)
    .where('machine_id', '=', machineId)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst();
}

/** What is copied cannot be counted when it is read; all other conditions hold for the copy as for a read. */
function forbidden(policy: PolicyGate | null, source: string, now: number): Refusal | null {
  if (policy === null) return null;
  return policy.isMetered ? 'PolicyForbidsSync' : policy.refuses(source, now);
}

/** H2: the living secrets that the machine was granted, in projects that it is in. */
async function grantedTo(act: Act, machineId: string): Promise<Map<string, Served>> {
  const rows = await act.db
    .selectFrom('machine_secrets')
    .innerJoin('secrets', 'secrets.id', 'machine_secrets.secret_id')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .innerJoin('machine_projects', (join) =>
      join
        .onRef('machine_projects.project_id', '=', 'secrets.project_id')
        .onRef('machine_projects.machine_id', '=', 'machine_secrets.machine_id'),
    )
    .innerJoin('secret_versions', (join) =>
      join
        .onRef('secret_versions.secret_id', '=', 'secrets.id')
        .onRef('secret_versions.version', '=', 'secrets.current_version'),
    )
    .leftJoin('secret_policies', 'secret_policies.secret_id', 'secrets.id')
    .select([
      'secrets.id',
      'secrets.name',
      'secrets.project_id',
      'secrets.field_names',
      'secret_versions.version',
      'secret_versions.wrapped_key',
      'secret_versions.sealed',
      'projects.wrapped_key as project_key',
      'projects.root_key_id',
      'secret_policies.conditions',
    ])
    .where('machine_secrets.machine_id', '=', machineId)
    .where('secrets.deleted_at', 'is', null)
    .where('projects.deleted_at', 'is', null)
    .execute();
  return new Map(
    rows.map((row): [string, Served] => [
      row.id,
      {
        id: row.id,
        name: row.name,
        projectId: row.project_id,
        version: row.version,
        fieldNames: row.field_names === null ? null : (JSON.parse(row.field_names) as string[]).join(','),
        policy: row.conditions === null ? null : new PolicyGate(row.conditions),
        projectKey: { wrapped_key: row.project_key ?? '', root_key_id: row.root_key_id ?? '' },
        box: { wrapped_key: row.wrapped_key, sealed: row.sealed },
      },
    ]),
  );
}

/** One entry a request (A3): which versions left for which machine; another for what policies kept back. */
async function auditServed(act: Act, source: string, outcomes: readonly SyncOutcome[]): Promise<void> {
  const reads = outcomes.flatMap((outcome) =>
    outcome.error === null && outcome.served.length > 0
      ? [
          {
            machine: outcome.machineId,
            name: outcome.name,
            source,
            secrets: outcome.served
              .map(({ id, version }) => ({ id, version }))
              .sort((a, b) => byText(a.id, b.id)),
          },
        ]
      : [],
  );
  const refusals = outcomes.flatMap((outcome) => {
    if (outcome.error !== null) return [];
    const secrets = outcome.refused
      .filter(({ reason }) => reason !== 'NotGranted')
      .map(({ id, reason }) => ({ id, why: reason }));
    return secrets.length === 0
      ? []
      : [{ machine: outcome.machineId, name: outcome.name, source, call: 'sync', secrets }];
  });
  const subject = { kind: 'Organization', key: act.vault.id };
  if (reads.length > 0) {
    await act.auditOnly({ action: 'secrets.synced-for-machine', subject, details: { reads } }, 'none');
  }
  if (refusals.length > 0) {
    await act.auditOnly({ action: 'secrets.refused-by-policy', subject, details: { refusals } }, 'none');
  }
}

function opened(context: VaultContext, outcome: SyncOutcome): MachineAnswer {
  const { machineId, error } = outcome;
  if (error !== null) return { machineId, error, secrets: [], refused: [] };
  const secrets = outcome.served.map(({ projectKey, box, policy: _, ...secret }) => ({
    ...secret,
    value: context.cipher.decrypt(secret.projectId, projectKey, secret.id, box).reveal(),
  }));
  return { machineId, error, secrets, refused: outcome.refused };
}
