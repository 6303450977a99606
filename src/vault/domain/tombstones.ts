/** Rail 7: access that a person cut is never given back by automation unless it names the entry. */
import type { ManagedKind, TombstoneAct } from '../../model/record.ts';
import { inChunks } from '../store/chunks.ts';
import { actorName } from './actor.ts';
import type { Act } from './context.ts';
import { refuse } from './domain-error.ts';

/** What was cut. `item`: the project of a grant, the cell of a template; null where it is about the whole. */
export interface Cut {
  readonly kind: ManagedKind;
  readonly key: string;
  readonly act: TombstoneAct;
  readonly item: string | null;
}

/** Keeps a tombstone of the cut, under the audit entry that tells of it. */
export async function bury(act: Act, entry: string, { kind, key, act: what, item }: Cut): Promise<void> {
  await act.db
    .insertInto('tombstones')
    .values({
      vault_id: act.vault.id,
      entry,
      kind,
      key,
      act: what,
      item: item ?? '',
      actor: actorName(act.actor),
      at: act.now,
    })
    .execute();
}

/** The same for several items of one act. */
export async function buryItems(
  act: Act,
  entry: string,
  cut: Omit<Cut, 'item'>,
  items: readonly string[],
): Promise<void> {
  for (const item of items) await bury(act, entry, { ...cut, item });
}

/** What a person gives back needs no answer from Git: the tombstones of it go; of some items alone, if they are named. */
export async function forgetCuts(
  act: Act,
  { kind, key }: Pick<Cut, 'kind' | 'key'>,
  acts: readonly TombstoneAct[],
  items?: readonly string[],
): Promise<void> {
  const cuts = act.db
    .deleteFrom('tombstones')
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('act', 'in', acts);
  if (items === undefined) await cuts.execute();
  else for (const some of inChunks(items)) await cuts.where('item', 'in', some).execute();
}

/** The same for some items of one act. */
export async function forgetItems(
  { db, vault }: Act,
  { kind, key, act: what }: Omit<Cut, 'item'>,
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

/** Whether a tombstone about the whole is there. */
export async function isBuried(
  { db, vault }: Act,
  { kind, key, act: what }: Omit<Cut, 'item'>,
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

/**
 * What a step gives back of what was cut: acts about the whole, and items by act.
 * `Tombstoned` names the entry that `reinstate` has to name.
 */
export interface GivenBack {
  readonly kind: ManagedKind;
  readonly key: string;
  readonly acts: readonly TombstoneAct[];
  readonly items?: readonly string[];
}

/**
 * Clears the tombstones that the step answers; throws `Tombstoned` where one is left that it does not name. Of
 * several about the same, naming the newest answers the older ones too, as planning reads them: a machine that was
 * disabled and then revoked could never be given back otherwise.
 */
export async function giveBack(act: Act, given: GivenBack, reinstate: string | undefined): Promise<void> {
  const tombstones = await act.db
    .selectFrom('tombstones')
    .selectAll()
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', given.kind)
    .where('key', '=', given.key)
    .execute();
  const items = new Set(given.items);
  const met = tombstones.filter(
    (tombstone) =>
      given.acts.includes(tombstone.act as TombstoneAct) &&
      (tombstone.item === '' || items.has(tombstone.item)),
  );
  const newestAt = new Map<string, number>();
  for (const { item, at } of met) newestAt.set(item, Math.max(at, newestAt.get(item) ?? at));
  const newest = met.filter(({ item, at }) => at === newestAt.get(item));
  const answered = new Set(newest.flatMap(({ entry, item }) => (entry === reinstate ? [item] : [])));
  const unanswered = newest.find(({ item }) => !answered.has(item));
  if (unanswered !== undefined) {
    const { act: what, item, actor, entry } = unanswered;
    const about = item === '' ? given.key : `${given.key} (${item})`;
    throw refuse('Tombstoned', `${about}: ${what} by ${actor}.`, `Set reinstate: ${entry} to give it back.`);
  }
  for (const { entry, item } of met) {
    await act.db
      .deleteFrom('tombstones')
      .where('vault_id', '=', act.vault.id)
      .where('kind', '=', given.kind)
      .where('key', '=', given.key)
      .where('entry', '=', entry)
      .where('item', '=', item)
      .execute();
  }
}
