/** Work on all of a large organization that yields to the event loop: other requests are answered in between. */
import { setImmediate } from 'node:timers/promises';
import { type Compilable, type Kysely, SqliteAdapter } from 'kysely';
import type { Database } from '../store/schema.ts';

/** How long others wait at most, in milliseconds. */
const SLICE = 5;
/** Items between two looks at the clock, and rows read at a time: well within that time. */
const AT_ONCE = 128;

export class YieldPoint {
  #began = performance.now();

  /** Lets others go first if it is their time. */
  async pause(): Promise<void> {
    if (performance.now() - this.#began < SLICE) return;
    await setImmediate();
    this.#began = performance.now();
  }
}

/** All rows of a query. PostgreSQL sends them in packets, which are read as they come, yielding in between. */
export async function yieldingRows<Row>(
  db: Kysely<Database>,
  query: Compilable<Row> & { execute(): Promise<Row[]> },
): Promise<Row[]> {
  const executor = db.getExecutor();
  if (!(executor.adapter instanceof SqliteAdapter)) return query.execute();
  const yieldPoint = new YieldPoint();
  const all: Row[] = [];
  for await (const { rows } of executor.stream<Row>(query.compile(), AT_ONCE)) {
    all.push(...rows);
    await yieldPoint.pause();
  }
  return all;
}

export async function mapYielding<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Result,
): Promise<Result[]> {
  const yieldPoint = new YieldPoint();
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    if (index % AT_ONCE === 0) await yieldPoint.pause();
    results.push(map(item));
  }
  return results;
}

/** As `toSorted`, stable: runs are sorted and then merged, two by two. */
export async function sortYielding<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Promise<Item[]> {
  const yieldPoint = new YieldPoint();
  let runs: Item[][] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    runs.push(items.slice(from, from + AT_ONCE).sort(compare));
    await yieldPoint.pause();
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await mergedInTurns(runs[index] ?? [], runs[index + 1] ?? [], compare, yieldPoint));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergedInTurns<Item>(
  a: readonly Item[],
  b: readonly Item[],
  compare: (a: Item, b: Item) => number,
  yieldPoint: YieldPoint,
): Promise<Item[]> {
  const merged: Item[] = [];
  for (let [left, right] = [0, 0]; left < a.length || right < b.length; ) {
    if (merged.length % AT_ONCE === 0) await yieldPoint.pause();
    const isLeft = right === b.length || (left < a.length && compare(a[left] as Item, b[right] as Item) <= 0);
    if (isLeft) merged.push(a[left++] as Item);
    else merged.push(b[right++] as Item);
  }
  return merged;
}
