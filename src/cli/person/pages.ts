import type { RequestPath } from '#protocol/request-path.ts';
import { Failure } from '../terminal/failure.ts';
import type { Person } from './as-person.ts';

/**
 * All rows of a list of the vault, page after page, or the first `most` of them. `next` is the cursor of what is left;
 * null: nothing.
 */
export async function allPages<Row>(
  ask: Person['ask'],
  list: {
    readonly path: RequestPath;
    readonly rows: string;
    readonly query?: Readonly<Record<string, string | number | undefined>>;
    readonly most?: number;
  },
): Promise<{ readonly rows: Row[]; readonly next: string | null }> {
  const { path, query = {}, most = Number.POSITIVE_INFINITY } = list;
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const limit = Math.min(LARGEST_PAGE, most - rows.length);
    const asked = path.asking({ limit, ...query, cursor: cursor ?? undefined });
    const page = (await ask('GET', asked)) as Record<string, unknown>;
    rows.push(...(page[list.rows] as Row[]));
    const next = (page.next ?? null) as string | null;
    if (next !== null && next === cursor) {
      throw new Failure('Error', 'The vault answered the same page again.', 'Run again.');
    }
    cursor = next;
  } while (cursor !== null && rows.length < most);
  return { rows, next: cursor };
}

const LARGEST_PAGE = 500;
