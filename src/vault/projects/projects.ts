/**
 * Projects in the tables. Checks rules; the caller writes the audit entry (A2).
 *
 * Decides P3: the quotas of projects, groups and machines.
 */
import { type Kysely, sql } from 'kysely';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { takeName } from '../managed/taken-names.ts';
import { moveSecretTombstones } from '../managed/tombstones.ts';
import type { Database, ProjectTable } from '../store/schema.ts';
import { requireTier } from '../tiers/lapse.ts';

/** Whether there is a living project of that name. */
export async function projectExists(db: Kysely<Database>, vaultId: string, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('projects')
    .select('id')
    .where('vault_id', '=', vaultId)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** The living project of a name. Throws `NotFound`. */
export async function projectNamed(act: Act, name: string): Promise<ProjectTable> {
  const row = await findProject(act, name);
  if (row === undefined) throw refuse('NotFound', `There is no project ${name}.`);
  return row;
}

export async function findProject(act: Act, name: string): Promise<ProjectTable | undefined> {
  return act.db
    .selectFrom('projects')
    .selectAll()
    .where('vault_id', '=', act.vault.id)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** P2. Throws `Invalid`, `NameTaken`, `QuotaReached`. Its key is made with its first secret, so that a sealed server can do it. */
export async function createProject(act: Act, name: string, description: string): Promise<string> {
  await takeName(act, 'project', name);
  await checkQuota(act, 'projects');
  const id = act.ids.make('proj');
  await act.db
    .insertInto('projects')
    .values({
      id,
      vault_id: act.vault.id,
      name,
      description,
      wrapped_key: null,
      root_key_id: null,
      rekey_due: 0,
      created_at: act.now,
      deleted_at: null,
    })
    .execute();
  return id;
}

/** Throws `Invalid`, `NameTaken`. Grants and scopes stay: they are kept by id. */
export async function updateProject(
  act: Act,
  project: ProjectTable,
  fields: { readonly name: string; readonly description: string },
): Promise<void> {
  if (fields.name !== project.name) {
    await takeName(act, 'project', fields.name);
    await moveSecretTombstones(act, project.name, fields.name);
  }
  await act.db.updateTable('projects').set(fields).where('id', '=', project.id).execute();
}

export async function setDescription(act: Act, projectId: string, description: string): Promise<void> {
  await act.db.updateTable('projects').set({ description }).where('id', '=', projectId).execute();
}

/** Names of the living secrets of a project, sorted. */
export async function secretNames(act: Act, projectId: string): Promise<string[]> {
  const rows = await act.db
    .selectFrom('secrets')
    .select('name')
    .where('project_id', '=', projectId)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.map(({ name }) => name).sort(byText);
}

/** Who named a project in a scope of theirs. */
export interface NarrowedScopes {
  /** Names of templates, sorted. */
  readonly templates: readonly string[];
  /** E-mails, sorted. */
  readonly members: readonly string[];
}

/**
 * P2: the secrets within go to the trash with it; people and machines lose it, for good: who restores it need not be
 * who gives access (H1).
 */
export async function deleteProject(act: Act, project: ProjectTable): Promise<NarrowedScopes> {
  const { db, now: deleted_at } = act;
  const within = db.selectFrom('secrets').select('id').where('project_id', '=', project.id);
  await db.deleteFrom('machine_secrets').where('secret_id', 'in', within).execute();
  await db.deleteFrom('machine_projects').where('project_id', '=', project.id).execute();
  await db.deleteFrom('grants').where('project_id', '=', project.id).execute();
  const deleted_by = actorName(act.actor);
  await db.deleteFrom('group_grants').where('project_id', '=', project.id).execute();
  const narrowed = await leaveScopes(act, project.id);
  await db
    .updateTable('secrets')
    .set({ deleted_at, deleted_by, deleted_with_project: 1 })
    .where('project_id', '=', project.id)
    .where('deleted_at', 'is', null)
    .execute();
  await db.updateTable('projects').set({ deleted_at, deleted_by }).where('id', '=', project.id).execute();
  return narrowed;
}

/** Takes the project out of every list of projects that templates and members have as their scope. */
export async function leaveScopes({ db, vault }: Act, projectId: string): Promise<NarrowedScopes> {
  const naming = `%"${projectId}"%`;
  const rest = (scope: string | null): string =>
    JSON.stringify((JSON.parse(scope ?? '[]') as readonly string[]).filter((id) => id !== projectId));
  const templates = await db
    .selectFrom('templates')
    .select(['id', 'name', 'project_scope'])
    .where('vault_id', '=', vault.id)
    .where('project_scope', 'like', naming)
    .execute();
  for (const { id, project_scope } of templates) {
    await db
      .updateTable('templates')
      .set({ project_scope: rest(project_scope) })
      .where('id', '=', id)
      .execute();
  }
  const members = await db
    .selectFrom('members')
    .select(['id', 'email', 'project_scope'])
    .where('vault_id', '=', vault.id)
    .where('project_scope', 'like', naming)
    .execute();
  for (const { id, project_scope } of members) {
    await db
      .updateTable('members')
      .set({ project_scope: rest(project_scope) })
      .where('id', '=', id)
      .execute();
  }
  return {
    templates: templates.map(({ name }) => name).sort(byText),
    members: members.map(({ email }) => email).sort(byText),
  };
}

/** P3, P4: throws `QuotaReached` where the plan has no room for one more, `PlanLapsed` where it is over. */
export async function checkQuota(act: Act, of: 'projects' | 'machines' | 'groups'): Promise<void> {
  requireTier(act);
  const cap = act.tier.caps[of];
  if (cap === null) return;
  const { used } = await act.db
    .selectFrom(of)
    .select(({ fn }) => fn.countAll<number>().as('used'))
    .where('vault_id', '=', act.vault.id)
    .$if(of === 'projects', (rows) => rows.where(sql<boolean>`deleted_at is null`))
    // A machine past its end takes no room from the next one.
    .$if(of === 'machines', (rows) =>
      rows.where(sql<boolean>`(expires_at is null or expires_at > ${act.now})`),
    )
    .executeTakeFirstOrThrow();
  if (used < cap) return;
  if (of === 'groups') checkGroupsOfTier(act);
  throw refuse(
    'QuotaReached',
    `The plan ${act.tier.name} has room for ${cap} ${of} and ${used} are there.`,
    `Remove one, or ${larger(act)}`,
  );
}

/** P4: where the plan has no groups, those that are there go on giving and take nothing new. Throws `QuotaReached`. */
export function checkGroupsOfTier(act: Act): void {
  if (act.tier.caps.groups !== 0) return;
  throw refuse('QuotaReached', `The plan ${act.tier.name} has no groups.`, `To have groups, ${larger(act)}`);
}

function larger({ tier: { billingUrl } }: Act): string {
  return billingUrl === '' ? 'move to a larger plan.' : `upgrade: ${billingUrl}`;
}
