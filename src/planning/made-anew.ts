/** What looks like a rename and is none: without the line a new thing is made, and the one of before stays behind. */
import type { ManagedRecord } from '#model/record.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import type { Finding } from './plan-types.ts';
import { listed } from './sorted.ts';
import { named } from './source-text.ts';

/** On what the plan makes where something of the same kind and origin is declared no more; `withdrawn` are the records of that. */
export function madeAnewFindings(
  { observed }: Context,
  drafts: readonly Draft[],
  withdrawn: readonly ManagedRecord[],
): Finding[] {
  const there = new Set([
    ...observed.projects.map(({ name }) => `Project/${name}`),
    ...observed.templates.map(({ name }) => `PermissionTemplate/${name}`),
  ]);
  return drafts.flatMap(({ action, subject, source }): Finding[] => {
    if (action.kind !== 'CreateProject' && action.kind !== 'CreateTemplate') return [];
    if (source === null) return [];
    const former = withdrawn.filter(
      ({ kind, key, origin }) =>
        kind === subject.kind && origin === source.namespace && there.has(`${kind}/${key}`),
    );
    const [first] = former;
    if (first === undefined) return [];
    const what = subject.kind === 'Project' ? 'a new project, with new values' : 'a new template';
    const stays = former.filter(
      ({ kind, deletionPolicy }) => kind === 'Project' && deletionPolicy !== 'Delete',
    );
    const goes = former.filter((record) => !stays.includes(record));
    const sentences = [
      ...(stays.length > 0 ? [`declared no more, and left as it is: ${listed(keysOf(stays))}`] : []),
      ...(goes.length > 0 ? [`declared no more, and about to go: ${listed(keysOf(goes))}`] : []),
    ];
    return [
      {
        subject,
        source,
        reason: 'MadeAnew',
        severity: 'Info',
        message: `${subject.key} is ${what}; ${sentences.join('; ')}.`,
        next: `Where ${subject.key} is meant to be ${former.length === 1 ? first.key : 'one of them'} under another name, say so before: spec.renamedFrom: ${first.key} on ${named(source)}.`,
      },
    ];
  });
}

function keysOf(records: readonly ManagedRecord[]): string[] {
  return records.map(({ key }) => key);
}
