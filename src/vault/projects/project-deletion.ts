/** Projects on their way into the trash, by people (P2). Machines lose what is within with the commit. */
import type { Act } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import { recordTombstone, recordTombstones } from '../managed/tombstones.ts';
import { deleteProject, type NarrowedScopes, projectNamed } from './projects.ts';

/**
 * A project goes to the trash with the secrets within, each of which Git gives back by its entry alone. That people and groups lose their grants in it, and templates and members
 * the place of it in their scopes, is an act of a person, which automation must not undo (rail 7): neither for this
 * project nor for one that it makes under the name. Throws DomainError `NotFound`.
 */
export async function trashProject(act: Act, name: string): Promise<void> {
  const { db } = act;
  const project = await projectNamed(act, name);
  const within = await db
    .selectFrom('secrets')
    .select(['id', 'name'])
    .where('project_id', '=', project.id)
    .where('deleted_at', 'is', null)
    .execute();
  const secrets = within.map((secret) => secret.name).sort(byText);
  const inside = await db
    .selectFrom('machine_projects')
    .innerJoin('machines', 'machines.id', 'machine_projects.machine_id')
    .select('machines.name')
    .where('project_id', '=', project.id)
    .execute();
  const holders = await db
    .selectFrom('grants')
    .innerJoin('members', 'members.id', 'grants.member_id')
    .select('members.email')
    .where('project_id', '=', project.id)
    .execute();
  const groups = await db
    .selectFrom('group_grants')
    .innerJoin('groups', 'groups.id', 'group_grants.group_id')
    .select('groups.name')
    .where('project_id', '=', project.id)
    .execute();
  const scopes = await deleteProject(act, project);
  const machines = inside.map((machine) => machine.name).sort(byText);
  const entry = await act.audit({
    action: 'project.deleted',
    subject: { kind: 'Project', key: name },
    details: { id: project.id, secrets, machines, scopes: plain(scopes) },
  });
  await db.updateTable('projects').set({ deleted_entry: entry }).where('id', '=', project.id).execute();
  const deleted = { kind: 'Project', key: name } as const;
  await recordTombstones(act, entry, [
    { ...deleted, act: 'ProjectDeleted', item: null, thing: project.id },
    ...within.map(
      (secret) => ({ ...deleted, act: 'SecretDeleted', item: secret.name, thing: secret.id }) as const,
    ),
  ]);
  for (const { email } of holders) {
    await recordTombstone(act, entry, { kind: 'Member', key: email, act: 'GrantRemoved', item: name });
  }
  for (const { name: key } of groups) {
    await recordTombstone(act, entry, { kind: 'Group', key, act: 'GrantRemoved', item: name });
  }
  for (const key of scopes.templates) {
    await recordTombstone(act, entry, { kind: 'PermissionTemplate', key, act: 'ScopeNarrowed', item: name });
  }
  for (const key of scopes.members) {
    await recordTombstone(act, entry, { kind: 'Member', key, act: 'ScopeNarrowed', item: name });
  }
}

function plain({ templates, members }: NarrowedScopes) {
  return { templates: [...templates], members: [...members] };
}
