/** Records of ours whose object nobody declares any more (design §4). */
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import { type Context, ownRecords } from './context.ts';
import { type Draft, draft } from './contribution.ts';
import { sortedBy } from './sorted.ts';

/** Records without a declaration. What is contested or cannot be read counts as declared: it loses nothing. */
export function withdrawnRecords(
  context: Context,
  kind: ManagedKind,
  claims: { readonly acting: ReadonlyMap<string, unknown>; readonly contested: ReadonlySet<string> },
): ManagedRecord[] {
  const records = ownRecords(context, kind).filter(
    ({ key }) => !claims.acting.has(key) && !claims.contested.has(key) && !context.incomplete(kind, key),
  );
  return sortedBy(records, ({ key }) => key);
}

/** Drops the record and leaves the vault as it is. */
export function release(record: ManagedRecord, why: string): Draft {
  return draft(
    { kind: record.kind, key: record.key },
    {
      kind: 'Release',
      key: `${record.kind}/${record.key}`,
      before: { kind: record.kind },
      after: null,
    },
    why,
    { record: null, absent: [record] },
  );
}
