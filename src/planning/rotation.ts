/** M2: what should be rotated after a person is gone, because they could read it or hand it out. */
import { accessWhenActive, hasCell } from '#model/access.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import type { Finding } from './plan-types.ts';
import { listed, sortedTexts } from './sorted.ts';

/** Secrets of the projects in which the person had a cell of the category Secrets. */
export function rotationFindings(context: Context, drafts: readonly Draft[]): Finding[] {
  const templateOf = (name: string) => context.observed.templates.find((template) => template.name === name);
  return drafts.flatMap(({ action, subject, source }): Finding[] => {
    if (action.kind !== 'RemoveMember') return [];
    const access = accessWhenActive(
      action.before,
      templateOf,
      groupGrantsOf(context.observed.groups, action.key),
    );
    const reached = context.observed.secrets.filter(
      ({ project }) =>
        hasCell(access, 'Secrets: View', project) || hasCell(access, 'Secrets: Manage', project),
    );
    if (reached.length === 0) return [];
    const names = sortedTexts(reached.map(({ project, name }) => `${project}/${name}`));
    return [
      {
        subject,
        source,
        reason: 'RotationAdvised',
        severity: 'Info',
        message: `${action.key} could reach ${listed(names, 8)}.`,
        next: 'Rotate them once the person is removed (M2).',
      },
    ];
  });
}
