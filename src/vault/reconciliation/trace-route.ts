/** What the vault remembers of some things: entries about them, reads of them, the last use of keys. */
import type { Kysely } from 'kysely';
import { ROUTES, type TraceAnswer, type TraceRequest } from '#protocol/management.ts';
import { traceRequest } from '#protocol/schemas.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { KeyUses } from '../act/context.ts';
import { entriesAbout, readsSince } from '../audit/trace.ts';
import { byText } from '../common/scope.ts';
import { traceAnswer } from '../http/answer-schemas.ts';
import type { Database } from '../store/schema.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';
import { type SeenBounds, seenBounds } from './seen-bounds.ts';

export function traceRoute(app: ManagementApp, parts: ManagementParts): void {
  const { longReader, keyUses } = parts.context;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.trace,
    summary:
      'What the vault remembers of some things: audit entries about them, reads of them, last use of keys',
    operation: 'trace',
    reads: true,
    body: traceRequest,
    answer: traceAnswer,
    handle: async ({ vaultId, actor, body, c }) => {
      const answer = await traceOf({ db: longReader, keyUses }, vaultId, actor, body);
      // A long log takes its time, in which the identity may have been revoked.
      await parts.requireCurrent(c.get('authenticated'));
      return answered(answer);
    },
  });
}

/** What it is read from. */
interface Traced {
  readonly db: Kysely<Database>;
  readonly keyUses: KeyUses;
}

async function traceOf(
  { db, keyUses }: Traced,
  vaultId: string,
  { bounds }: AutomationActor,
  { subjects, reads }: TraceRequest,
): Promise<TraceAnswer> {
  const within = bounds.projects === null ? null : await seenBounds(db, vaultId, bounds.projects);
  const about = within === null ? subjects : subjects.filter((subject) => isWithin(within, subject));
  const { entries, lookedBackTo: back } = await entriesAbout(db, vaultId, about);
  const read = reads === null ? { reads: [], lookedBackTo: null } : await readsSince(db, vaultId, reads);
  return {
    entries,
    reads: within === null ? read.reads : read.reads.filter(({ secret }) => within.secrets.has(secret)),
    lookedBackTo: { entries: back, reads: read.lookedBackTo },
    keys: await keysOf({ db, keyUses }, vaultId, within),
  };
}

/** Of people, groups, templates and machines entries say what they have, or had, in other projects. */
function isWithin({ projects }: SeenBounds, { kind, key }: TraceRequest['subjects'][number]): boolean {
  if (kind === 'Project') return projects.has(key);
  return kind === 'Secret' && projects.has(key.slice(0, key.indexOf('/')));
}

async function keysOf(
  { db, keyUses }: Traced,
  vaultId: string,
  within: SeenBounds | null,
): Promise<TraceAnswer['keys']> {
  const rows = await db
    .selectFrom('machine_keys')
    .innerJoin('machines', 'machines.id', 'machine_keys.machine_id')
    .select([
      'machines.id',
      'machines.name',
      'machine_keys.fingerprint',
      'machine_keys.created_at',
      'machine_keys.last_used_at',
      'machine_keys.last_used_from',
    ])
    .where('machine_keys.vault_id', '=', vaultId)
    .execute();
  return rows
    .filter(({ id }) => within?.machines.has(id) !== false)
    .map(({ name, fingerprint, created_at, last_used_at, last_used_from }) => ({
      machine: name,
      fingerprint,
      createdAt: created_at,
      ...keyUses.lastOf(vaultId, fingerprint, { lastUsedAt: last_used_at, lastUsedFrom: last_used_from }),
    }))
    .sort((a, b) => byText(a.machine, b.machine) || byText(a.fingerprint, b.fingerprint));
}
