/** Machines, their keys and grants in the tables (H1, H2). The caller writes the audit entry (A2). */
import type { Kysely } from 'kysely';
import { type PublicKey, parsePublicKey } from '#identity/key-pair.ts';
import type { MachineProject } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { projectIds } from '../authorization/project-names.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { takeName } from '../managed/taken-names.ts';
import { checkQuota } from '../projects/projects.ts';
import { inChunks } from '../store/chunks.ts';
import type { Database, MachineTable } from '../store/schema.ts';
import { requireUncompromised } from './compromised-keys.ts';
import type { Guardrails } from './guardrails.ts';
import { boundOfKey } from './key-addresses.ts';
import { machineAccess, machineAccessRows } from './machine-access-rows.ts';

/** A machine has at most two keys, so that one can follow the other (design §8). */
const KEY_SLOTS = 2;

/** Throws `Invalid` unless it is 32 bytes in standard base64. */
export function requirePublicKey(text: string | undefined): PublicKey {
  const key = text === undefined ? undefined : parsePublicKey(text);
  if (key === undefined) throw refuse('Invalid', 'The public key is not 32 bytes in standard base64.');
  return key;
}

export async function findMachine(
  db: Kysely<Database>,
  vaultId: string,
  name: string,
): Promise<MachineTable | undefined> {
  return db
    .selectFrom('machines')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Throws `NotFound`. */
export async function machineNamed(act: Act, name: string): Promise<MachineTable> {
  const row = await findMachine(act.db, act.vault.id, name);
  if (row === undefined) throw refuse('NotFound', `There is no machine ${name}.`);
  return row;
}

export async function accessOfMachine(act: Act, machine: MachineTable): Promise<MachineProject[]> {
  return machineAccess(await machineAccessRows(act.db, { machines: [machine.id] }));
}

/** What the second access has and the first has not: `project`, and `project/secret` (names have no slash). */
export function gainedItems(before: readonly MachineProject[], after: readonly MachineProject[]): string[] {
  const had = new Set(itemsOf(before));
  return itemsOf(after).filter((item) => !had.has(item));
}

function itemsOf(access: readonly MachineProject[]): string[] {
  return access.flatMap(({ project, secrets }) => [
    project,
    ...secrets.map((secret) => `${project}/${secret}`),
  ]);
}

/** Fingerprints of a machine's keys, sorted. */
export async function fingerprintsOf(act: Act, machine: MachineTable): Promise<string[]> {
  const rows = await act.db
    .selectFrom('machine_keys')
    .select('fingerprint')
    .where('machine_id', '=', machine.id)
    .execute();
  return rows.map(({ fingerprint }) => fingerprint).sort(byText);
}

/** What a machine is beside its name and key. */
export interface NewMachine {
  /** A UUID; left out, one is drawn. */
  readonly id?: string;
  readonly kind: MachineTable['kind'];
  readonly approved: boolean;
  /** Milliseconds since the epoch; null: it has no end. */
  readonly expiresAt: number | null;
  readonly hostname: string | null;
  /** Account of the person who holds its key, or may; left out: nobody's. */
  readonly maker?: string | null;
  /** Left out: none. */
  readonly guardrails?: Guardrails | null;
  /** The installation whose step brings it; left out: none. */
  readonly installation?: string | null;
}

/** Approved at once: who may register it may approve it. */
const REGISTERED: NewMachine = { kind: 'standard', approved: true, expiresAt: null, hostname: null };

/**
 * A new machine, by default an approved one without an end. Throws `Invalid`, `NameTaken`, `QuotaReached`,
 * `FingerprintTaken`, `KeyCompromised`.
 */
export async function registerMachine(
  act: Act,
  name: string,
  key: PublicKey,
  of: Partial<NewMachine> = {},
): Promise<string> {
  const fields = { ...REGISTERED, ...of };
  await takeName(act, 'machine', name);
  await checkQuota(act, 'machines');
  const id = fields.id ?? act.ids.machine();
  await act.db
    .insertInto('machines')
    .values({
      id,
      vault_id: act.vault.id,
      name,
      approved: fields.approved ? 1 : 0,
      enabled: 1,
      disabled_at: null,
      created_at: act.now,
      kind: fields.kind,
      expires_at: fields.expiresAt,
      hostname: fields.hostname,
      guardrails: fields.guardrails == null ? null : JSON.stringify(fields.guardrails),
      keyed_by: null,
    })
    .execute();
  await storeKey(act, id, key, fields);
  return id;
}

/**
 * Throws `StaleBefore` where the machine has other keys than those that somebody decided on: who holds a key reads what
 * the machine reads (H1). Null: they named none.
 */
export async function checkKeys(
  act: Act,
  machine: MachineTable,
  decidedOn: readonly string[] | null,
): Promise<void> {
  if (decidedOn === null) return;
  const present = await fingerprintsOf(act, machine);
  const named = new Set(decidedOn);
  if (named.size === present.length && present.every((fingerprint) => named.has(fingerprint))) return;
  throw refuse(
    'StaleBefore',
    `${machine.name} has other keys than those that were named.`,
    'Look at its keys, find out who holds them, and decide again.',
  );
}

/**
 * `maker`: account of the person who holds the private half, or may; `installation`: whose step brings it. Throws
 * `KeySlotsBusy`, `FingerprintTaken`, `KeyCompromised`, and `Invalid` while the machine waits for approval: that is decided
 * on the key that it brought.
 */
export async function addKey(
  act: Act,
  machine: MachineTable,
  key: PublicKey,
  maker: string | null = null,
  installation: string | null = null,
): Promise<void> {
  if (machine.approved === 0) {
    throw refuse('Invalid', `${machine.name} waits for approval.`, 'Approve or reject it first.');
  }
  const taken = await fingerprintsOf(act, machine);
  if (taken.length >= KEY_SLOTS) throw refuse('KeySlotsBusy', `${machine.name} has ${taken.length} keys.`);
  await storeKey(act, machine.id, key, { maker, installation });
}

async function storeKey(
  act: Act,
  machineId: string,
  key: PublicKey,
  { maker = null, installation = null }: Pick<NewMachine, 'maker' | 'installation'>,
): Promise<void> {
  const other = await act.db
    .selectFrom('machine_keys')
    .select('machine_id')
    .where('vault_id', '=', act.vault.id)
    .where('fingerprint', '=', key.fingerprint)
    .executeTakeFirst();
  if (other !== undefined) {
    throw refuse('FingerprintTaken', `The key ${key.fingerprint.slice(0, 16)} is registered in this vault.`);
  }
  await requireUncompromised(act, key.fingerprint);
  await act.db
    .insertInto('machine_keys')
    .values({
      vault_id: act.vault.id,
      fingerprint: key.fingerprint,
      machine_id: machineId,
      public_key: key.text,
      maker,
      ...boundOfKey(act.actor),
      installation,
      created_at: act.now,
      last_used_at: null,
      last_used_from: null,
    })
    .execute();
}

/** A machine's projects and the secrets granted to it, by their ids. */
export interface AccessIds {
  readonly projectIds: readonly string[];
  readonly secretIds: readonly string[];
}

/** Throws `NotFound`, and `Invalid` for what is named twice. */
export async function accessIds(act: Act, access: readonly MachineProject[]): Promise<AccessIds> {
  const ids = await projectIds(
    act,
    access.map(({ project }) => project),
  );
  const secretIds: string[] = [];
  for (const [index, { project, secrets }] of access.entries()) {
    secretIds.push(...(await idsOfSecrets(act, project, ids[index] as string, secrets)));
  }
  return { projectIds: ids, secretIds };
}

/**
 * Puts the machine into exactly these projects with exactly these grants (H2). The scope of a machine that
 * enrolled by a token is that of the token: it can be narrowed, never widened. Throws `NotFound`, `Invalid`.
 */
export async function setMachineAccess(
  act: Act,
  machine: MachineTable,
  access: readonly MachineProject[],
): Promise<void> {
  const { db } = act;
  const ids = await accessIds(act, access);
  if (machine.kind === 'ephemeral') await checkNoWider(act, machine, ids);
  await db.deleteFrom('machine_projects').where('machine_id', '=', machine.id).execute();
  await db.deleteFrom('machine_secrets').where('machine_id', '=', machine.id).execute();
  await grantAccess(act, machine.id, ids);
}

async function checkNoWider(act: Act, machine: MachineTable, ids: AccessIds): Promise<void> {
  const of = async (table: 'machine_projects' | 'machine_secrets'): Promise<Set<string>> => {
    const rows = await act.db
      .selectFrom(table)
      .select(table === 'machine_projects' ? 'project_id as id' : 'secret_id as id')
      .where('machine_id', '=', machine.id)
      .execute();
    return new Set(rows.map(({ id }) => id));
  };
  const [projects, secrets] = [await of('machine_projects'), await of('machine_secrets')];
  if (ids.projectIds.every((id) => projects.has(id)) && ids.secretIds.every((id) => secrets.has(id))) return;
  throw refuse('Invalid', `${machine.name} enrolled by a token, whose scope cannot be widened.`);
}

/** Gives a machine what it has not yet. */
export async function grantAccess(
  { db }: Act,
  machineId: string,
  { projectIds, secretIds }: AccessIds,
): Promise<void> {
  for (const ids of inChunks(projectIds)) {
    const rows = ids.map((project_id) => ({ machine_id: machineId, project_id }));
    await db.insertInto('machine_projects').values(rows).execute();
  }
  for (const ids of inChunks(secretIds)) {
    const rows = ids.map((secret_id) => ({ machine_id: machineId, secret_id }));
    await db.insertInto('machine_secrets').values(rows).execute();
  }
}

async function idsOfSecrets(
  act: Act,
  project: string,
  projectId: string,
  names: readonly string[],
): Promise<string[]> {
  if (names.length === 0) return [];
  if (new Set(names).size !== names.length) throw refuse('Invalid', 'A secret is named twice.');
  const rows: { id: string; name: string }[] = [];
  for (const some of inChunks(names)) {
    const found = await act.db
      .selectFrom('secrets')
      .select(['id', 'name'])
      .where('project_id', '=', projectId)
      .where('deleted_at', 'is', null)
      .where('name', 'in', some)
      .execute();
    for (const row of found) rows.push(row);
  }
  if (rows.length < names.length) {
    const there = new Set(rows.map(({ name }) => name));
    const missing = names.find((name) => !there.has(name));
    throw refuse('NotFound', `The project ${project} has no secret ${missing}.`);
  }
  return rows.map(({ id }) => id);
}

export async function setEnabled(act: Act, machine: MachineTable, enabled: boolean): Promise<void> {
  await act.db
    .updateTable('machines')
    .set({ enabled: enabled ? 1 : 0, disabled_at: enabled ? null : act.now })
    .where('id', '=', machine.id)
    .execute();
}

/** Drops the machine with its keys, memberships and grants. */
export async function revokeMachine(act: Act, machine: MachineTable): Promise<void> {
  await act.db.deleteFrom('machines').where('id', '=', machine.id).execute();
}
