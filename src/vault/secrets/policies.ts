/** Policies of secrets in the tables. */
import type { Kysely } from 'kysely';
import type { Json } from '#model/record.ts';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { afterSecret, listByProject, type PageQuery } from '../http/page.ts';
import { projectNamed } from '../projects/projects.ts';
import type { Database, SecretPolicyTable, SecretTable } from '../store/schema.ts';
import { countersAt, NO_READS, type Policy } from './policy.ts';
import { secretNamed } from './secrets.ts';

export interface SecretPolicy {
  readonly project: string;
  readonly secret: string;
  readonly policy: Policy;
  /** Reads that count toward the limits now; nothing is counted while there is none. */
  readonly used: { readonly minute: number; readonly day: number; readonly reads: number };
  readonly setBy: string;
  readonly setAt: number;
}

const POLICIES = listByProject('policies');

/**
 * The policies of living secrets in these projects (names; null: all), a page of them, sorted by project and secret.
 * Throws DomainError `BadCursor`.
 */
export async function listPolicies(
  db: Kysely<Database>,
  vaultId: string,
  { now, projects }: { readonly now: number; readonly projects: readonly string[] | null },
  query: PageQuery,
): Promise<{ policies: SecretPolicy[]; next: string | null }> {
  const { after, limit } = POLICIES.page(query);
  if (projects?.length === 0) return { policies: [], next: null };
  const found = await policyRows(db, vaultId)
    .$if(projects !== null, (rows) => rows.where('projects.name', 'in', projects ?? []))
    .$if(after !== null, (rows) => rows.where(afterSecret(after)))
    .limit(limit + 1)
    .execute();
  const { rows, next } = POLICIES.paged(found, limit, ({ project, secret }) => [project, secret]);
  return { policies: rows.map((row) => shown(row, now)), next };
}

/** Of living secrets, sorted by project and secret. */
function policyRows(db: Kysely<Database>, vaultId: string) {
  return db
    .selectFrom('secret_policies')
    .innerJoin('secrets', 'secrets.id', 'secret_policies.secret_id')
    .innerJoin('projects', 'projects.id', 'secrets.project_id')
    .selectAll('secret_policies')
    .select(['secrets.name as secret', 'projects.name as project'])
    .where('secrets.vault_id', '=', vaultId)
    .where('secrets.deleted_at', 'is', null)
    .where('projects.deleted_at', 'is', null)
    .orderBy('projects.name')
    .orderBy('secrets.name');
}

type PolicyRow = SecretPolicyTable & { readonly secret: string; readonly project: string };

function shown(row: PolicyRow, now: number): SecretPolicy {
  const { minute_reads, day_reads, reads } = countersAt(row, now);
  return {
    project: row.project,
    secret: row.secret,
    policy: JSON.parse(row.conditions) as Policy,
    used: { minute: minute_reads, day: day_reads, reads },
    setBy: row.set_by,
    setAt: row.set_at,
  };
}

/** Throws DomainError `NotFound` where the secret has none. */
export async function policyOf(
  db: Kysely<Database>,
  vaultId: string,
  now: number,
  of: { readonly project: string; readonly name: string },
): Promise<SecretPolicy> {
  const found = await policyRows(db, vaultId)
    .where('projects.name', '=', of.project)
    .where('secrets.name', '=', of.name)
    .executeTakeFirst();
  if (found === undefined) throw refuse('NotFound', `${of.project}/${of.name} has no policy.`);
  return shown(found, now);
}

/**
 * Binds a policy to a secret in place of what it has; acts on the next read. Reads counted so far stay counted, so
 * that setting the same again gives nobody more. Throws DomainError `NotFound`, `Invalid`.
 */
export async function setPolicy(act: Act, projectName: string, name: string, policy: Policy): Promise<void> {
  const secret = await secretNamed(act, await projectNamed(act, projectName), name);
  if (Object.values(policy).every((condition) => condition === null)) {
    throw refuse('Invalid', 'A policy has at least one condition.', 'Name one, or delete the policy.');
  }
  if (policy.endsAt !== null && policy.endsAt <= act.now) {
    throw refuse('Invalid', 'The end of the policy is not in the future.', 'Name a later endsAt.');
  }
  const before = await rowOf(act, secret);
  const fields = { conditions: JSON.stringify(policy), set_by: actorName(act.actor), set_at: act.now };
  await act.db
    .insertInto('secret_policies')
    .values({ secret_id: secret.id, ...fields, ...NO_READS })
    .onConflict((conflict) => conflict.column('secret_id').doUpdateSet(fields))
    .execute();
  await moveSecret(act, secret);
  await act.audit({
    action: 'policy.set',
    subject: { kind: 'Secret', key: `${projectName}/${name}` },
    details: { id: secret.id, before: conditionsOf(before), after: JSON.parse(fields.conditions) as Json },
  });
}

/** Takes the policy away, and its counts with it. Throws DomainError `NotFound`. */
export async function dropPolicy(act: Act, projectName: string, name: string): Promise<void> {
  const secret = await secretNamed(act, await projectNamed(act, projectName), name);
  const before = await rowOf(act, secret);
  if (before === undefined) throw refuse('NotFound', `${projectName}/${name} has no policy.`);
  await act.db.deleteFrom('secret_policies').where('secret_id', '=', secret.id).execute();
  await moveSecret(act, secret);
  await act.audit({
    action: 'policy.removed',
    subject: { kind: 'Secret', key: `${projectName}/${name}` },
    details: { id: secret.id, before: conditionsOf(before) },
  });
}

function rowOf(act: Act, secret: SecretTable): Promise<SecretPolicyTable | undefined> {
  return act.db
    .selectFrom('secret_policies')
    .selectAll()
    .where('secret_id', '=', secret.id)
    .executeTakeFirst();
}

/** Whoever keeps copies of the value hears of it: what it may do with the next one has changed. */
async function moveSecret(act: Act, secret: SecretTable): Promise<void> {
  await act.db
    .updateTable('secrets')
    .set({ revision: act.nextSecretRevision })
    .where('id', '=', secret.id)
    .execute();
  act.movesSecrets();
}

function conditionsOf(row: SecretPolicyTable | undefined): Json {
  return row === undefined ? null : (JSON.parse(row.conditions) as Json);
}
