/** Projects that Git names in the access of members, groups, templates and machines. */
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';

/**
 * A project does not take or leave a name that Git gives access by: the next pass would give members and machines
 * the secrets of another project, which takes more than Projects: Manage (O4, T4, H1). Throws DomainError `Foreign`.
 */
export async function checkProjectUndeclared({ db, vault }: Act, project: string): Promise<void> {
  const records = await db
    .selectFrom('records')
    .select(['kind', 'key', 'manager', 'applied'])
    .where('vault_id', '=', vault.id)
    .where('kind', 'in', ['Member', 'Group', 'PermissionTemplate', 'MachineBinding'])
    .execute();
  const found = records.find(({ applied }) => givesAccessIn(JSON.parse(applied) as Applied | null, project));
  if (found === undefined) return;
  throw refuse(
    'Foreign',
    `${found.kind} ${found.key}, which is managed by ${found.manager}, names the project ${project}.`,
    'Change it in Git first.',
  );
}

/** What records say was applied: the scope of a member stands beside the grants, in `member`. */
interface Applied {
  readonly member?: { readonly projectScope?: unknown } | null;
  readonly projectScope?: unknown;
  readonly grants?: unknown;
  readonly access?: unknown;
}

function givesAccessIn(applied: Applied | null, project: string): boolean {
  const { member, projectScope, grants, access } = applied ?? {};
  const scopes = [...listOf(projectScope), ...listOf(member?.projectScope)];
  const given = [...listOf(grants), ...listOf(access)] as readonly ({ readonly project?: unknown } | null)[];
  return scopes.includes(project) || given.some((one) => one?.project === project);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
