/** Reads the state of one organization out of the tables: what the snapshot is made of. */

import type { Kysely } from 'kysely';
import { BUDGET_WINDOW, type LedgerEntry, type LossClass } from '#model/loss.ts';
import type {
  Machine,
  MachineKey,
  Member,
  OrganizationState,
  PermissionTemplate,
  Project,
  Secret,
  Tier,
} from '#model/organization.ts';
import type { Json, Tombstone } from '#model/record.ts';
import type { SnapshotAnswer } from '#protocol/management.ts';
import { mapYielding, sortYielding, yieldingRows } from '../act/yielding.ts';
import { decidedState } from '../authorization/decided-state.ts';
import { groupsOf } from '../authorization/group-access.ts';
import { accessOfRow, namedGrants } from '../authorization/member-access.ts';
import { templateOf } from '../authorization/template-of.ts';
import { grouped } from '../common/grouped.ts';
import { byText, type ProjectNames } from '../common/scope.ts';
import { machineAccess, machineAccessRows } from '../machines/machine-access-rows.ts';
import { formerNames } from '../managed/former-names.ts';
import { heldLosses } from '../managed/holds.ts';
import { recentRaises } from '../managed/kept-raises.ts';
import { recordsOf } from '../managed/records.ts';
import { openReservations } from '../managed/reservation-rows.ts';
import { tombstoneOf } from '../managed/tombstones.ts';
import type { Database, MachineKeyTable, VaultTable } from '../store/schema.ts';
import { vaultApprovals } from './approvals.ts';

/** What is of the delegation that asks, and of no other. */
export type DelegatedState = Pick<SnapshotAnswer, 'ceilings' | 'ceilingsUsed' | 'gains' | 'bounded'>;

/** Everything else. */
export type SharedState = Omit<OrganizationState, keyof DelegatedState>;

/** What the state is made of, each read when it is asked for, in the order of the snapshot. */
export type StateParts = {
  readonly [Name in keyof SharedState]: () => SharedState[Name] | Promise<SharedState[Name]>;
};

/** The state at one moment; `db` must be a transaction, so that all of it is of one commit. */
export async function organizationState(
  db: Kysely<Database>,
  vault: VaultTable,
  plan: Tier,
  now: number,
): Promise<SharedState> {
  const state: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(await stateParts(db, vault, plan, now)))
    state[name] = await read();
  return state as unknown as SharedState;
}

/** The same by its parts, for who need not have all of it in memory at once. */
export async function stateParts(
  db: Kysely<Database>,
  vault: VaultTable,
  plan: Tier,
  now: number,
): Promise<StateParts> {
  const id = vault.id;
  const projects = await livingProjects(db, id);
  const names: ProjectNames = new Map(projects.map((project) => [project.id, project.name]));
  const templates = await templatesOf(db, id, names);
  const templateNames = new Map(templates.map(({ id, name }) => [id, name]));
  return {
    vaultId: () => id,
    epoch: () => vault.epoch,
    revision: () => vault.revision,
    displayName: () => vault.display_name,
    owner: () => ownerOf(db, id),
    plan: () => ({
      ...plan,
      ...(vault.lapsed_at === null ? {} : { lapsedAt: vault.lapsed_at }),
      ...(vault.kind === 'Organization' ? {} : { isPersonal: true as const }),
    }),
    settings: () => (vault.settings === null ? null : (JSON.parse(vault.settings) as Json)),
    members: () => membersOf(db, id, names, templateNames),
    groups: () => groupsOf(db, id),
    templates: () => templates,
    projects: () => projects,
    secrets: () => secretsOf(db, id, names),
    machines: () => machinesOf(db, id),
    records: () => recordsOf(db, id),
    tombstones: () => tombstonesOf(db, id),
    formerNames: () => formerNames(db, id),
    ledger: () => ledgerOf(db, id, now),
    reservations: () => openReservations(db, id, now),
    holds: () => heldLosses(db, id),
    raises: () => recentRaises(db, id, now),
    approvals: () => vaultApprovals(db, vault, now),
  };
}

async function ownerOf(db: Kysely<Database>, vaultId: string): Promise<string> {
  const row = await db
    .selectFrom('members')
    .select('email')
    .where('vault_id', '=', vaultId)
    .where('role', '=', 'Owner')
    .executeTakeFirst();
  return row?.email ?? '';
}

async function livingProjects(db: Kysely<Database>, vaultId: string): Promise<Project[]> {
  const rows = await db
    .selectFrom('projects')
    .select(['id', 'name', 'description'])
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.sort((a, b) => byText(a.name, b.name));
}

async function templatesOf(
  db: Kysely<Database>,
  vaultId: string,
  names: ProjectNames,
): Promise<PermissionTemplate[]> {
  const rows = await db.selectFrom('templates').selectAll().where('vault_id', '=', vaultId).execute();
  return rows.map((row) => templateOf(row, names)).sort((a, b) => byText(a.name, b.name));
}

async function membersOf(
  db: Kysely<Database>,
  vaultId: string,
  names: ProjectNames,
  templates: ReadonlyMap<string, string>,
): Promise<Member[]> {
  const query = db
    .selectFrom('members')
    .leftJoin('invites', 'invites.member_id', 'members.id')
    .select([
      'members.id',
      'members.email',
      'members.user_name',
      'members.role',
      'members.state',
      'members.awaits',
      'members.joined_at',
      'members.state_after',
      'members.template_id',
      'members.project_scope',
      'members.ends_at',
      'members.template_ends_at',
      'members.created_at',
      'invites.id as invite_id',
      'invites.sent_at',
      'invites.expires_at',
      'invites.attempts',
    ])
    .where('members.vault_id', '=', vaultId);
  const grantQuery = db
    .selectFrom('grants')
    .innerJoin('members', 'members.id', 'grants.member_id')
    .select(['grants.member_id', 'grants.project_id', 'grants.access', 'grants.ends_at'])
    .where('members.vault_id', '=', vaultId);
  const grants = grouped(await yieldingRows(db, grantQuery), ({ member_id }) => member_id);
  const members = await mapYielding(
    await yieldingRows(db, query),
    (row): Member => ({
      id: row.id,
      email: row.email,
      userName: row.user_name,
      ...accessOfRow(row, {
        template: row.template_id === null ? null : (templates.get(row.template_id) ?? null),
        grants: namedGrants(grants.get(row.id), names),
        names,
      }),
      state: decidedState(row),
      ...(row.awaits === null ? {} : { awaits: row.awaits }),
      ...(row.joined_at === null ? {} : { joinedAt: row.joined_at }),
      invite:
        row.state !== 'Invited' || row.invite_id === null
          ? null
          : {
              id: row.invite_id,
              since: row.created_at,
              sentAt: row.sent_at ?? 0,
              expiresAt: row.expires_at ?? 0,
              attempts: row.attempts ?? 0,
            },
    }),
  );
  return sortYielding(members, (a, b) => byText(a.email, b.email));
}

async function secretsOf(db: Kysely<Database>, vaultId: string, names: ProjectNames): Promise<Secret[]> {
  const query = db
    .selectFrom('secrets')
    .select(['id', 'project_id', 'name', 'current_version', 'field_names'])
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is', null);
  const secrets = await mapYielding(await yieldingRows(db, query), (row) => ({
    id: row.id,
    project: names.get(row.project_id) ?? '',
    name: row.name,
    version: row.current_version,
    fieldNames: row.field_names === null ? null : (JSON.parse(row.field_names) as string[]),
  }));
  return sortYielding(secrets, (a, b) => byText(a.project, b.project) || byText(a.name, b.name));
}

type KeyRow = Pick<MachineKeyTable, 'fingerprint' | 'maker' | 'created_at' | 'installation'>;

async function machinesOf(db: Kysely<Database>, vaultId: string): Promise<Machine[]> {
  const query = db.selectFrom('machines').selectAll().where('vault_id', '=', vaultId);
  const keyQuery = db
    .selectFrom('machine_keys')
    .select(['machine_id', 'fingerprint', 'maker', 'created_at', 'installation'])
    .where('vault_id', '=', vaultId);
  const makers = await makersOf(db, vaultId);
  const keyOf = (row: KeyRow): MachineKey => {
    const { fingerprint, maker, created_at: addedAt, installation } = row;
    const email = maker === null ? undefined : makers.get(maker);
    return { fingerprint, ...(email === undefined ? {} : { maker: email }), addedAt, installation };
  };
  const keys = grouped(await yieldingRows(db, keyQuery), ({ machine_id }) => machine_id);
  const access = grouped(await machineAccessRows(db, { vault: vaultId }), ({ machine_id }) => machine_id);
  const adopted = await adoptedMachines(db, vaultId);
  const machines = await mapYielding(await yieldingRows(db, query), (row) => ({
    id: row.id,
    name: row.name,
    approved: row.approved === 1,
    enabled: row.enabled === 1,
    disabledAt: row.disabled_at,
    keys: (keys.get(row.id) ?? []).map(keyOf).sort((a, b) => byText(a.fingerprint, b.fingerprint)),
    access: machineAccess(access.get(row.id) ?? []),
    ...(adopted.has(row.name) ? { adopted: true as const } : {}),
  }));
  return sortYielding(machines, (a, b) => byText(a.name, b.name));
}

/** Rail 2: names of machines whose manager brought no key of them. */
async function adoptedMachines(db: Kysely<Database>, vaultId: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('machines')
    .innerJoin('records', (join) =>
      join
        .onRef('records.vault_id', '=', 'machines.vault_id')
        .onRef('records.key', '=', 'machines.name')
        .on('records.kind', '=', 'MachineBinding'),
    )
    .select('machines.name')
    .where('machines.vault_id', '=', vaultId)
    .where((row) => row.or([row('keyed_by', 'is', null), row('keyed_by', '!=', row.ref('records.manager'))]))
    .execute();
  return new Set(rows.map(({ name }) => name));
}

/** M2: e-mails of the members who made keys of machines, by account. */
async function makersOf(db: Kysely<Database>, vaultId: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('members')
    .select(['account_id', 'email'])
    .where('vault_id', '=', vaultId)
    .where('account_id', 'in', (keys) =>
      keys
        .selectFrom('machine_keys')
        .select('maker')
        .where('vault_id', '=', vaultId)
        .where('maker', 'is not', null),
    )
    .execute();
  return new Map(rows.flatMap(({ account_id, email }) => (account_id === null ? [] : [[account_id, email]])));
}

async function tombstonesOf(db: Kysely<Database>, vaultId: string): Promise<Tombstone[]> {
  const rows = await db.selectFrom('tombstones').selectAll().where('vault_id', '=', vaultId).execute();
  const isDeletion = rows.some(({ thing }) => thing !== null);
  const trashed = isDeletion ? await restorable(db, vaultId) : new Set<string>();
  return rows
    .map((row) => {
      const { thing, key, item } = row;
      const isThere = thing !== null && trashed.has(JSON.stringify([thing, key, item]));
      return isThere ? { ...tombstoneOf(row), trashed: thing } : tombstoneOf(row);
    })
    .sort(
      (a, b) =>
        byText(a.kind, b.kind) ||
        byText(a.key, b.key) ||
        a.at - b.at ||
        byText(a.entry, b.entry) ||
        byText(a.item ?? '', b.item ?? '') ||
        byText(a.act, b.act),
    );
}

/**
 * What is in the trash and comes back under its own name, as JSON of id, project and secret: projects, the secrets of
 * living projects, and those that come back with their project.
 */
async function restorable(db: Kysely<Database>, vaultId: string): Promise<ReadonlySet<string>> {
  const projects = await db
    .selectFrom('projects')
    .select(['id', 'name', 'deleted_at'])
    .where('vault_id', '=', vaultId)
    .execute();
  const living = new Set(projects.flatMap(({ name, deleted_at }) => (deleted_at === null ? [name] : [])));
  const secrets = await db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select([
      'secrets.id',
      'secrets.name',
      'secrets.deleted_with_project',
      'projects.name as project',
      'projects.deleted_at as gone',
    ])
    .where('secrets.vault_id', '=', vaultId)
    .where('secrets.deleted_at', 'is not', null)
    .execute();
  return new Set([
    ...projects.flatMap(({ id, name, deleted_at }) =>
      deleted_at === null ? [] : [JSON.stringify([id, name, ''])],
    ),
    ...secrets.flatMap(({ id, project, name, gone, deleted_with_project }) => {
      const comesBack = gone === null || (deleted_with_project === 1 && !living.has(project));
      return comesBack ? [JSON.stringify([id, project, name])] : [];
    }),
  ]);
}

async function ledgerOf(db: Kysely<Database>, vaultId: string, now: number): Promise<LedgerEntry[]> {
  const rows = await db
    .selectFrom('ledger')
    .select(['class', 'units', 'at', 'step_hash', 'approved', 'entry'])
    .where('vault_id', '=', vaultId)
    .where('at', '>', now - BUDGET_WINDOW)
    .execute();
  return rows
    .sort((a, b) => a.at - b.at || byText(a.entry, b.entry))
    .map((row) => ({
      class: row.class as LossClass,
      units: row.units,
      at: row.at,
      stepHash: row.step_hash,
      approved: row.approved === 1,
    }));
}
