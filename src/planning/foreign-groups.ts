/**
 * Groups, and memberships of groups, that were never ours: told one by one, with who has what by them beyond Git.
 *
 * Decides rail 11: which groups beyond Git are told of.
 */
import { groupConsequence } from '#model/consequence.ts';
import type { Group } from '#model/organization.ts';
import type { Context } from './context.ts';
import { foreignKeys } from './foreign.ts';
import type { Finding, Source } from './plan-types.ts';
import { listed, sortedTexts } from './sorted.ts';

/**
 * Groups that nobody declares, where somebody has access by them that nothing else gives. One that gives nothing, as the
 * vault's own first group, is none. `taken`: what the plan takes away, as `Kind/key`.
 */
export function foreignGroups(context: Context, taken: ReadonlySet<string>): Finding[] {
  const { desired, observed } = context;
  const foreign = new Set(foreignKeys(context, 'Group'));
  return observed.groups.flatMap((group) => {
    const { name } = group;
    if (!foreign.has(name) || taken.has(`Group/${name}`)) return [];
    const beyond = givenBeyond(context, group, { ...group, members: [] });
    if (beyond === '') return [];
    return [
      {
        subject: { kind: 'Group', key: name },
        source: desired.organization.source,
        reason: 'Foreign',
        severity: 'Info',
        keys: [name],
        message: `The group ${name} is not declared, and gives beyond Git: ${beyond}.`,
        next: 'Declare it to manage it from here, or delete it in the vault.',
      } as const,
    ];
  });
}

/** Whom others listed in a group of ours, and what they have by that beyond Git. */
export function foreignMemberships(
  context: Context,
  source: Source | null,
  there: Group,
  foreign: readonly string[],
): Finding[] {
  if (foreign.length === 0) return [];
  const others = new Set(foreign);
  const beyond = givenBeyond(context, there, {
    ...there,
    members: there.members.filter((email) => !others.has(email)),
  });
  return [
    {
      subject: { kind: 'Group', key: there.name },
      source,
      reason: 'Foreign',
      severity: 'Info',
      keys: foreign,
      message: `Listed in ${there.name} beyond Git, and kept: ${listed(sortedTexts(foreign))}${beyond === '' ? '' : `, who have by it: ${beyond}`}.`,
      next: 'Declare them, or take them off the list in the vault.',
    },
  ];
}

/** Who gains what by a group as it is, where it would be `without` otherwise: `bob@acme.example (Secrets: View in web)`. */
function givenBeyond({ observed, now }: Context, group: Group, without: Group): string {
  const kept = new Set(without.members);
  const members = group.members.filter((email) => !kept.has(email));
  const { changes } = groupConsequence(
    observed,
    { kind: 'UpdateGroup', key: group.name, before: { ...group, members: [] }, after: { ...group, members } },
    without,
    now,
  );
  return listed(
    changes.flatMap(({ who, gained }) =>
      gained.length === 0 ? [] : [`${who} (${listed(gained, CELLS_NAMED)})`],
    ),
  );
}

/** Cells that a message names of one person. */
const CELLS_NAMED = 4;
