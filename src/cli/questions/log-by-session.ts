/** What a vault remembers, out of the pages of its audit log: for a person who may see all of it. */
import type { TraceAnswer, TracedEntry, TraceRequest } from '#protocol/management.ts';
import { pathTo } from '#protocol/request-path.ts';
import { READS, ReadsFound } from '#protocol/traced-reads.ts';
import type { Person } from '../person/as-person.ts';
import { allPages } from '../person/pages.ts';

/** Entries that are looked at, newest first: forty pages. */
const FURTHEST = 20_000;

/** As `POST trace` answers automation, but for keys, which the list of machines tells. Throws Failure. */
export async function traceBySession(
  ask: Person['ask'],
  { subjects, reads }: TraceRequest,
): Promise<TraceAnswer> {
  const { rows, next } = await allPages<TracedEntry>(ask, {
    path: pathTo`/audit`,
    rows: 'entries',
    query: { order: 'newest' },
    most: FURTHEST,
  });
  const asked = new Set(subjects.map(({ kind, key }) => `${kind} ${key}`));
  const found = new ReadsFound(reads ?? { secrets: [], machines: [] });
  const entries: TracedEntry[] = [];
  for (const entry of rows) {
    if (READS.includes(entry.action)) {
      if (entry.at >= (reads?.since ?? 0)) found.add(entry);
    } else if (entry.action !== 'secrets.refused-by-policy') {
      if (asked.has(`${entry.subject.kind} ${entry.subject.key}`)) entries.push(entry);
    }
  }
  const back = next === null ? null : (rows.at(-1)?.at ?? null);
  return { entries, reads: found.sorted, lookedBackTo: { entries: back, reads: back }, keys: [] };
}
