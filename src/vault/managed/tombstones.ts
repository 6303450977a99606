/**
 * Rail 7: access that a person cut is never given back by automation unless it names the entry.
 *
 * Decides rail 7: that a step which gives back names the entry.
 */

import type { ManagedKind, Tombstone, TombstoneAct } from '#model/record.ts';
import { type GivenAccess, isAnsweredBy, standingRevocation } from '#model/revocations.ts';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { type DomainError, refuse } from '../common/domain-error.ts';
import { inChunks } from '../store/chunks.ts';
import type { TombstoneTable } from '../store/schema.ts';
import { tellWhoCut } from './given-back-letter.ts';

/** What was cut. `item`: see Tombstone; null where it is about the whole. */
export interface Revocation {
  readonly kind: ManagedKind;
  readonly key: string;
  readonly act: TombstoneAct;
  readonly item: string | null;
  /** Id of the secret or project that was deleted. */
  readonly thing?: string;
}

/** Keeps a tombstone of the cut, under the audit entry that tells of it. */
export async function recordTombstone(act: Act, entry: string, revocation: Revocation): Promise<void> {
  await recordTombstones(act, entry, [revocation]);
}

/** The same of what one act cuts at once. */
export async function recordTombstones(
  act: Act,
  entry: string,
  revocations: readonly Revocation[],
): Promise<void> {
  for (const some of inChunks(revocations, 2000)) {
    await act.db
      .insertInto('tombstones')
      .values(
        some.map(({ kind, key, act: what, item, thing = null }) => ({
          vault_id: act.vault.id,
          entry,
          kind,
          key,
          act: what,
          item: item ?? '',
          actor: actorName(act.actor),
          at: act.now,
          final: 0 as const,
          thing,
        })),
      )
      .execute();
  }
}

/** The same for several items of one act. */
export async function recordItemTombstones(
  act: Act,
  entry: string,
  revocation: Omit<Revocation, 'item'>,
  items: readonly string[],
): Promise<void> {
  for (const item of items) await recordTombstone(act, entry, { ...revocation, item });
}

/** What a person gives back needs no answer from Git: the tombstones of it go; of some items alone, if they are named. */
export async function clearTombstones(
  act: Act,
  { kind, key }: Pick<Revocation, 'kind' | 'key'>,
  acts: readonly TombstoneAct[],
  items?: readonly string[],
): Promise<void> {
  const revocations = act.db
    .deleteFrom('tombstones')
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('act', 'in', acts);
  if (items === undefined) await revocations.execute();
  else for (const some of inChunks(items)) await revocations.where('item', 'in', some).execute();
}

/** The same for some items of one act. */
export async function clearItemTombstones(
  { db, vault }: Act,
  { kind, key, act: what }: Omit<Revocation, 'item'>,
  items: readonly string[],
): Promise<void> {
  for (const some of inChunks(items)) {
    await db
      .deleteFrom('tombstones')
      .where('vault_id', '=', vault.id)
      .where('kind', '=', kind)
      .where('key', '=', key)
      .where('act', '=', what)
      .where('item', 'in', some)
      .execute();
  }
}

/** A project that is called otherwise takes the cuts of its secrets along: they lie in its trash. */
export async function moveSecretTombstones({ db, vault }: Act, from: string, to: string): Promise<void> {
  await db
    .updateTable('tombstones')
    .set({ key: to })
    .where('vault_id', '=', vault.id)
    .where('kind', '=', 'Project')
    .where('key', '=', from)
    .where('act', '=', 'SecretDeleted')
    .execute();
}

/** Whether a tombstone about the whole is there. */
export async function hasTombstone(
  { db, vault }: Act,
  { kind, key, act: what }: Omit<Revocation, 'item'>,
): Promise<boolean> {
  const found = await db
    .selectFrom('tombstones')
    .select('entry')
    .where('vault_id', '=', vault.id)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('act', '=', what)
    .where('item', '=', '')
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether a cut that stands deleted the secret or project of that id. */
export async function isCut({ db, vault }: Act, thing: string): Promise<boolean> {
  const found = await db
    .selectFrom('tombstones')
    .select('entry')
    .where('vault_id', '=', vault.id)
    .where('thing', '=', thing)
    .executeTakeFirst();
  return found !== undefined;
}

/** Id of the secret or project that the cut deleted which stands over what is given; null: there is none, or it is not known. */
export async function standingThing(
  { db, vault }: Act,
  { kind, key }: Pick<Revocation, 'kind' | 'key'>,
  given: Pick<GivenAccess, 'covers'>,
): Promise<string | null> {
  const rows = await db
    .selectFrom('tombstones')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .execute();
  const cuts = rows.map((row) => ({ ...tombstoneOf(row), thing: row.thing }));
  return standingRevocation(cuts, given)?.thing ?? null;
}

/** Whether an entry of the audit log is that of a cut which stands. */
export async function standsAs({ db, vault }: Act, entry: string): Promise<boolean> {
  const found = await db
    .selectFrom('tombstones')
    .select('entry')
    .where('vault_id', '=', vault.id)
    .where('entry', '=', entry)
    .executeTakeFirst();
  return found !== undefined;
}

/** Whether anything of a member, a template or a machine was cut by this kind of act. */
export async function isRevoked(
  { db, vault }: Act,
  { kind, key }: Pick<Revocation, 'kind' | 'key'>,
  what: TombstoneAct,
): Promise<boolean> {
  const found = await db
    .selectFrom('tombstones')
    .select('entry')
    .where('vault_id', '=', vault.id)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('act', '=', what)
    .executeTakeFirst();
  return found !== undefined;
}

/**
 * Clears the tombstones that the step answers; throws `Tombstoned` where one is left that it does not name, or that is final. Of
 * several about the same, naming the newest answers the older ones too, as planning reads them: a machine that was
 * disabled and then revoked could never be given back otherwise.
 */
export async function giveBack(
  act: Act,
  { kind, key }: Pick<Revocation, 'kind' | 'key'>,
  given: readonly GivenAccess[],
  reinstate: string | undefined,
): Promise<void> {
  if (given.length === 0) return;
  const rows = await act.db
    .selectFrom('tombstones')
    .selectAll()
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .execute();
  const tombstones = rows.map(tombstoneOf);
  const answered = new Set<Tombstone>();
  for (const one of given) {
    const newest = standingRevocation(tombstones, one);
    if (newest === undefined) continue;
    if (!isAnsweredBy(newest, reinstate)) throw tombstoned(newest);
    for (const revocation of tombstones)
      if (one.covers(revocation) && one.answers(revocation, newest)) answered.add(revocation);
  }
  for (const { entry, act: what, item } of answered) {
    await act.db
      .deleteFrom('tombstones')
      .where('vault_id', '=', act.vault.id)
      .where('kind', '=', kind)
      .where('key', '=', key)
      .where('entry', '=', entry)
      .where('act', '=', what)
      .where('item', '=', item ?? '')
      .execute();
  }
  await tellWhoCut(act, answered);
}

/**
 * Throws `Tombstoned` where a cut of one of these things stands over what it is given, and `reinstate` does not answer it.
 * No tombstone goes by it: what is given is another thing than what was cut.
 */
export async function checkCut(
  act: Act,
  kind: ManagedKind,
  given: readonly { readonly key: string; readonly given: GivenAccess }[],
  reinstate: string | undefined,
): Promise<void> {
  for (const some of inChunks(given)) {
    const keys = some.map(({ key }) => key);
    const rows = await act.db
      .selectFrom('tombstones')
      .selectAll()
      .where('vault_id', '=', act.vault.id)
      .where('kind', '=', kind)
      .where('key', 'in', keys)
      .execute();
    const byKey = Map.groupBy(rows.map(tombstoneOf), ({ key }) => key);
    const answered = some.flatMap(({ key, given: one }) => {
      const newest = standingRevocation(byKey.get(key) ?? [], one);
      if (newest !== undefined && !isAnsweredBy(newest, reinstate)) throw tombstoned(newest);
      return newest ?? [];
    });
    await tellWhoCut(act, answered);
  }
}

function tombstoned({ key, act: what, item, actor, entry, final }: Tombstone): DomainError {
  const about = item === null ? key : `${key} (${item})`;
  if (final) {
    return refuse(
      'Tombstoned',
      `${about}: ${what} by ${actor}, and that is final: no entry in Git and no approval gives it back.`,
      `A person gives it back in the vault, or an admin or the owner lifts it first: seneschal vault cut lift ${entry}`,
    );
  }
  return refuse('Tombstoned', `${about}: ${what} by ${actor}.`, `Set reinstate: ${entry} to give it back.`);
}

export function tombstoneOf({ entry, kind, key, act, item, actor, at, final }: TombstoneTable): Tombstone {
  return {
    ...{ entry, key, actor, at },
    kind: kind as ManagedKind,
    act: act as TombstoneAct,
    item: item === '' ? null : item,
    final: final === 1,
  };
}
