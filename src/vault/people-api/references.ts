/**
 * What a path names: a thing of the vault by its name or by its id. One place turns ids into names, for authorization
 * and for the act alike, so that what acts is what was let through.
 *
 * Decides V7: what a path may name, and by what.
 */
import { z } from '@hono/zod-openapi';
import type { Kysely } from 'kysely';
import { PATH_SEGMENT, PATH_SEGMENT_RULE } from '#model/names.ts';
import type { Database } from '../store/schema.ts';

/** Things that have a name and an id. */
export type ReferredKind = 'project' | 'secret' | 'group' | 'template' | 'machine' | 'member';

/** How ids look; what looks otherwise is a name without asking. */
const IDS: Readonly<Record<ReferredKind, RegExp>> = {
  project: /^proj_[A-Za-z0-9]+$/,
  secret: /^sk_[A-Za-z0-9]+$/,
  group: /^grp_[A-Za-z0-9]+$/,
  template: /^tpl_[A-Za-z0-9]+$/,
  machine: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  member: /^mem_[A-Za-z0-9]+$/,
};

const KINDS = new WeakMap<z.ZodType, ReferredKind>();

/**
 * A parameter of a path that is only looked up. Wider than a name, so that whatever there is can be named; what a path
 * would change is refused.
 */
export function segment(description: string, example?: string): z.ZodString {
  return z
    .string()
    .min(1)
    .max(512)
    .regex(PATH_SEGMENT, PATH_SEGMENT_RULE)
    .meta({ description, ...(example === undefined ? {} : { examples: [example] }) });
}

/** A parameter that names a thing by its name (of a member: the address) or by its id. */
export function reference(kind: ReferredKind, example?: string): z.ZodString {
  const schema = segment(`${kind === 'member' ? 'Address' : 'Name'} or id of a ${kind}.`, example);
  KINDS.set(schema, kind);
  return schema;
}

/** What the path of one request names, by parameter, as it was given. */
export type References = Readonly<Record<string, { readonly kind: ReferredKind; readonly given: string }>>;

/** `params`: the schemas of a route's path; `given`: what they let through. */
export function referencesIn(
  params: Readonly<Record<string, z.ZodType>>,
  given: Readonly<Record<string, unknown>>,
): References {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, schema]) => {
      const kind = KINDS.get(schema);
      return kind === undefined ? [] : [[name, { kind, given: String(given[name]) }]];
    }),
  );
}

/**
 * The names of what is named, by parameter. An id of nothing stays as it is: there is nothing of that name either, or
 * something that has the id's look and is meant.
 */
export async function namesOf(
  db: Kysely<Database>,
  vaultId: string,
  references: References,
): Promise<Readonly<Record<string, string>>> {
  const names: Record<string, string> = {};
  let project: string | undefined;
  // Projects first: a secret is one of its project.
  const ordered = Object.entries(references).sort(([, a], [, b]) => rank(a.kind) - rank(b.kind));
  for (const [parameter, { kind, given }] of ordered) {
    const name = IDS[kind].test(given)
      ? ((await nameOfId(db, vaultId, { kind, id: given, project })) ?? given)
      : given;
    if (kind === 'project') project = name;
    names[parameter] = name;
  }
  return names;
}

function rank(kind: ReferredKind): number {
  return kind === 'project' ? 0 : 1;
}

interface ById {
  readonly kind: ReferredKind;
  readonly id: string;
  /** Name of the project that a secret is looked for in. */
  readonly project: string | undefined;
}

async function nameOfId(db: Kysely<Database>, vaultId: string, asked: ById): Promise<string | undefined> {
  switch (asked.kind) {
    case 'secret':
      return nameOfSecret(db, vaultId, asked);
    case 'project':
      return nameOfProject(db, vaultId, asked.id);
    case 'member':
      return addressOfMember(db, vaultId, asked.id);
    case 'group':
    case 'template':
    case 'machine': {
      const table = ({ group: 'groups', template: 'templates', machine: 'machines' } as const)[asked.kind];
      const row = await db
        .selectFrom(table)
        .select('name')
        .where('id', '=', asked.id)
        .where('vault_id', '=', vaultId)
        .executeTakeFirst();
      return row?.name;
    }
  }
}

/** Of a living one: another project may have the name of one in the trash. */
async function nameOfProject(db: Kysely<Database>, vaultId: string, id: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('projects')
    .select('name')
    .where('id', '=', id)
    .where('vault_id', '=', vaultId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.name;
}

async function nameOfSecret(
  db: Kysely<Database>,
  vaultId: string,
  { id, project = '' }: ById,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('secrets')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .select('secrets.name')
    .where('secrets.id', '=', id)
    .where('secrets.vault_id', '=', vaultId)
    .where('projects.name', '=', project)
    .where('secrets.deleted_at', 'is', null)
    .where('projects.deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.name;
}

async function addressOfMember(
  db: Kysely<Database>,
  vaultId: string,
  id: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('members')
    .select('email')
    .where('id', '=', id)
    .where('vault_id', '=', vaultId)
    .executeTakeFirst();
  return row?.email;
}
