/** The steps of renames, and who is kept from a name that one of them left. */
import type { ManagedRecord } from '#model/record.ts';
import { isKeptFrom, type RenamedKind } from '#model/rename.ts';
import type { StepAction } from '#model/step.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, draft } from './contribution.ts';
import type { Source } from './plan-types.ts';
import { nameKept } from './renames.ts';

const KINDS = { Project: 'RenameProject', PermissionTemplate: 'RenameTemplate' } as const satisfies Record<
  RenamedKind,
  StepAction['kind']
>;

/** They bring the record under its new name; what else differs follows in steps of its own. */
export function renameDrafts({ renames }: Pick<Context, 'renames'>): readonly Draft[] {
  return renames.map(({ kind, from, to, source, record }) =>
    draft(
      { kind, key: to },
      { kind: KINDS[kind], key: to, before: { name: from }, after: { name: to } },
      `renamed from ${from}, with all that is in it`,
      {
        source,
        record: {
          ...record,
          provenance: source.provenance,
          seenUnder: source.seenUnder ?? record.seenUnder,
        },
      },
    ),
  );
}

/** What is made anew answers the line for good: what there will be of the former name later is another thing. */
export function withLine(
  record: ManagedRecord,
  { renamedFrom }: { readonly renamedFrom: string | null },
): ManagedRecord {
  return renamedFrom === null ? record : { ...record, renamedFrom };
}

/** Whether the name is kept from who declares it; says so, and when that is over. */
export function isNameKept(
  { desired: { manager }, observed: { formerNames }, now }: Context,
  { kind, key }: { readonly kind: RenamedKind; readonly key: string },
  source: Source,
  outcome: Contribution,
): boolean {
  const kept = formerNames.find((one) => one.kind === kind && one.key === key);
  if (kept === undefined || !isKeptFrom(kept, { manager, origin: source.namespace }, now)) return false;
  outcome.findings.push({ subject: { kind, key }, source, ...nameKept(kept) });
  outcome.wakes.push(kept.until);
  return true;
}
