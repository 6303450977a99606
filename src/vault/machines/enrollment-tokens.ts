/** Tokens by which machines enrol themselves, each with the whole scope of its machines baked in. */
import type { Kysely } from 'kysely';
import type { MachineProject } from '#model/organization.ts';
import { accountOf, actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { newToken, tokenHash } from '../common/token.ts';
import { inChunks } from '../store/chunks.ts';
import type { Database, EnrollmentTokenTable } from '../store/schema.ts';
import { type AccessIds, accessIds } from './machines.ts';

/** A token may be used this often at most. */
export const MOST_USES = 10_000;

export interface NewEnrollmentToken {
  readonly name: string;
  readonly access: readonly MachineProject[];
  /** Milliseconds from now, of the token and of each machine from its enrolment. */
  readonly life: number;
  readonly machineLife: number;
  readonly maxUses: number;
  /** Range of addresses that machines enrol from; null: any. */
  readonly source: string | null;
  /** `*` and `?`; null: any host. */
  readonly hostnamePattern: string | null;
}

/** The token is answered once and kept nowhere. Throws `NotFound`, `Invalid`. */
export async function createEnrollmentToken(
  act: Act,
  fields: NewEnrollmentToken,
): Promise<{ readonly id: string; readonly token: string; readonly expiresAt: number }> {
  const scope = await accessIds(act, fields.access);
  const id = act.ids.make('enr');
  const token = newToken('enroll');
  const expiresAt = act.now + fields.life;
  await act.db
    .insertInto('enrollment_tokens')
    .values({
      id,
      vault_id: act.vault.id,
      name: fields.name,
      token_hash: tokenHash(token),
      scope: JSON.stringify(scope),
      created_by: actorName(act.actor),
      maker: accountOf(act.actor),
      created_at: act.now,
      expires_at: expiresAt,
      machine_life: fields.machineLife,
      max_uses: fields.maxUses,
      uses: 0,
      source: fields.source,
      hostname_pattern: fields.hostnamePattern,
      revoked_at: null,
    })
    .execute();
  await act.audit({
    action: 'enrollment-token.created',
    subject: { kind: 'EnrollmentToken', key: id },
    details: {
      name: fields.name,
      access: fields.access.map(({ project, secrets }) => ({ project, secrets: [...secrets] })),
      expiresAt,
      machineLife: fields.machineLife,
      maxUses: fields.maxUses,
      source: fields.source,
      hostnamePattern: fields.hostnamePattern,
    },
  });
  return { id, token, expiresAt };
}

/** The next use of it is refused; machines that enrolled by it stay. Throws `NotFound`, `Invalid`. */
export async function revokeEnrollmentToken(act: Act, id: string): Promise<void> {
  const row = await act.db
    .selectFrom('enrollment_tokens')
    .select(['name', 'revoked_at'])
    .where('id', '=', id)
    .where('vault_id', '=', act.vault.id)
    .executeTakeFirst();
  if (row === undefined) throw refuse('NotFound', 'There is no such enrollment token.');
  if (row.revoked_at !== null) throw refuse('Invalid', `${row.name} is revoked already.`);
  await act.db.updateTable('enrollment_tokens').set({ revoked_at: act.now }).where('id', '=', id).execute();
  const subject = { kind: 'EnrollmentToken', key: id };
  await act.audit({ action: 'enrollment-token.revoked', subject, details: { name: row.name } });
}

/**
 * M2: takes the tokens back that a person made and that could still be used, bootstrap tokens too. Answers their ids;
 * the caller writes the audit entry.
 */
export async function revokeTokensOf(act: Act, accountId: string): Promise<string[]> {
  const { db, vault, now } = act;
  const enrollment = await db
    .updateTable('enrollment_tokens')
    .set({ revoked_at: now })
    .where('vault_id', '=', vault.id)
    .where('maker', '=', accountId)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .whereRef('uses', '<', 'max_uses')
    .returning('id')
    .execute();
  const bootstrap = await db
    .deleteFrom('bootstrap_tokens')
    .where('vault_id', '=', vault.id)
    .where('maker', '=', accountId)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('id')
    .execute();
  return [...bootstrap, ...enrollment].map(({ id }) => id).sort(byText);
}

export interface ListedEnrollmentToken {
  readonly id: string;
  readonly name: string;
  readonly state: 'Open' | 'Revoked' | 'UsedUp' | 'Over';
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Milliseconds. */
  readonly machineLife: number;
  readonly maxUses: number;
  readonly uses: number;
  readonly source: string | null;
  readonly hostnamePattern: string | null;
}

/** The tokens of a vault, newest first; a token itself is not among it. */
export async function listEnrollmentTokens(
  db: Kysely<Database>,
  vaultId: string,
  now: number,
): Promise<ListedEnrollmentToken[]> {
  const rows = await db
    .selectFrom('enrollment_tokens')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: stateOf(row, now),
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    machineLife: row.machine_life,
    maxUses: row.max_uses,
    uses: row.uses,
    source: row.source,
    hostnamePattern: row.hostname_pattern,
  }));
}

/** Whether machines may still enrol by it. */
export function stateOf(row: EnrollmentTokenTable, now: number): ListedEnrollmentToken['state'] {
  if (row.revoked_at !== null) return 'Revoked';
  if (row.expires_at <= now) return 'Over';
  return row.uses < row.max_uses ? 'Open' : 'UsedUp';
}

/** What of a token's scope is still there: secrets and projects that were deleted since fall away. */
export async function livingScope(db: Kysely<Database>, row: EnrollmentTokenTable): Promise<AccessIds> {
  const { projectIds, secretIds } = JSON.parse(row.scope) as AccessIds;
  const projects = await living(db, 'projects', projectIds);
  const secrets = await living(db, 'secrets', secretIds);
  return { projectIds: projects, secretIds: secrets };
}

async function living(
  db: Kysely<Database>,
  table: 'projects' | 'secrets',
  ids: readonly string[],
): Promise<string[]> {
  const there: string[] = [];
  for (const some of inChunks(ids)) {
    const rows = await db
      .selectFrom(table)
      .select('id')
      .where('id', 'in', some)
      .where('deleted_at', 'is', null)
      .execute();
    for (const { id } of rows) there.push(id);
  }
  return there;
}
