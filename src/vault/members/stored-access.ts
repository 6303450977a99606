/** A member's access as the tables hold it: columns of the member's row, and a row a grant. */
import { sql } from 'kysely';
import { ACCESS_FIELDS } from '#model/member-access.ts';
import type { MemberAccess } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { projectIds } from '../authorization/project-names.ts';
import { refuse } from '../common/domain-error.ts';
import type { MemberTable } from '../store/schema.ts';

type Columns = Pick<MemberTable, 'role' | 'template_id' | 'template_ends_at' | 'project_scope' | 'ends_at'>;

/** What the columns are made of beside the access. */
interface Holder {
  readonly act: Act;
  /** Id of the template that the member holds already: it may be archived by now. */
  readonly held: string | null;
}

/** The columns that each field of an access is kept in. */
const COLUMNS: {
  readonly [Field in keyof MemberAccess]-?: (
    access: MemberAccess,
    holder: Holder,
  ) => Partial<Columns> | Promise<Partial<Columns>>;
} = {
  expiresAt: ({ expiresAt = null }) => ({ ends_at: expiresAt }),
  role: ({ role }) => {
    if (role === 'Owner') throw refuse('Invalid', 'Ownership is transferred by the owner.');
    return { role };
  },
  template: async ({ template }, holder) => ({
    template_id: template === null ? null : await templateId(template, holder),
  }),
  templateExpiresAt: ({ template, templateExpiresAt = null }) => ({
    template_ends_at: template === null ? null : templateExpiresAt,
  }),
  projectScope: async ({ projectScope }, { act }) => ({
    project_scope:
      projectScope === null
        ? null
        : JSON.stringify(projectScope === 'All' ? 'All' : await projectIds(act, projectScope)),
  }),
  // Rows of their own: storeGrants.
  grants: () => ({}),
};

/** Throws `Invalid` for an owner, `NotFound`, and `TemplateArchived` for one that the member does not hold. */
export async function accessColumns(act: Act, access: MemberAccess, held: Holder['held']): Promise<Columns> {
  const columns: Partial<Columns> = {};
  for (const field of ACCESS_FIELDS) Object.assign(columns, await COLUMNS[field](access, { act, held }));
  return columns as Columns;
}

async function templateId(name: string, { act, held }: Holder): Promise<string> {
  const template = await act.db
    .selectFrom('templates')
    .select(['id', 'archived_at'])
    .where('vault_id', '=', act.vault.id)
    .where('name', '=', name)
    .executeTakeFirst();
  if (template === undefined) throw refuse('NotFound', `There is no template ${name}.`);
  if (template.archived_at !== null && template.id !== held) {
    throw refuse('TemplateArchived', `The template ${name} is archived.`);
  }
  return template.id;
}

/** The grants of a member (id) who has none, or nothing where there is no such member. Throws `NotFound`. */
export async function storeGrants(act: Act, memberId: string, access: MemberAccess): Promise<void> {
  if (access.grants.length === 0) return;
  const ids = await projectIds(
    act,
    access.grants.map(({ project }) => project),
  );
  for (const [index, { access: level, expiresAt = null }] of access.grants.entries()) {
    await act.db
      .insertInto('grants')
      .columns(['member_id', 'project_id', 'access', 'ends_at'])
      .expression(
        act.db
          .selectFrom('members')
          .select([
            'members.id as member_id',
            sql<string>`${ids[index]}`.as('project_id'),
            sql<'Read' | 'Write'>`${level}`.as('access'),
            sql<number | null>`cast(${expiresAt} as bigint)`.as('ends_at'),
          ])
          .where('members.id', '=', memberId),
      )
      .execute();
  }
}
