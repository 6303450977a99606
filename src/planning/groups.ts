/**
 * Which groups are declared, name by name: Group objects and the grants of Project objects, merged (G1).
 *
 * Decides G2: groups as Git declares them.
 */
import type { GrantTerms } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import { claimsOf, managedByAnother, outcomeOf } from './claims.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, merge } from './contribution.ts';
import type { DeclaredGroup } from './declared-group.ts';
import { greater } from './grant-terms.ts';
import { planGroup } from './group.ts';
import { GroupRoom } from './group-room.ts';
import type { PeopleOutlook } from './memberships.ts';
import type { DesiredGroup } from './plan-types.ts';
import type { ProjectGrant, ProjectOutlook } from './projects.ts';
import { sortedTexts } from './sorted.ts';
import { withdrawnRecords } from './withdrawn.ts';

/** `people`: the drafts on people of the same plan. */
export function planGroups(
  context: Context,
  projects: ProjectOutlook,
  people: readonly Draft[],
): Contribution {
  const { desired } = context;
  const claims = claimsOf(context, 'Group', desired.groups, ({ name }) => name);
  const outcome = outcomeOf(claims);
  const undeclared = new Set(withdrawnRecords(context, 'Group', claims).map(({ key }) => key));
  const names = sortedTexts(
    new Set([...claims.acting.keys(), ...projects.groupGrants.keys(), ...undeclared]),
  );
  const there = new Map(context.observed.groups.map((group) => [group.name, group]));
  const outlooks = { projects, people: peopleOutlook(context, people), room: new GroupRoom(context) };

  for (const name of names) {
    // Left whole: several objects claim the group, or one cannot be read.
    if (claims.contested.has(name) || context.incomplete('Group', name)) continue;
    const declared = declaredGroup(
      name,
      claims.acting.get(name) ?? null,
      projects.groupGrants.get(name) ?? [],
      context.now,
    );
    const record = context.record('Group', name);
    if (record !== undefined && record.manager !== desired.manager) {
      const subject = { kind: 'Group', key: name } as const;
      if (declared.source !== null)
        outcome.findings.push(managedByAnother(subject, declared.source, record.manager));
      continue;
    }
    merge(outcome, planGroup(context, declared, there.get(name), outlooks));
  }
  return outcome;
}

function declaredGroup(
  name: string,
  group: DesiredGroup | null,
  byProjects: readonly ProjectGrant[],
  now: number,
): DeclaredGroup {
  const projectGrants = new Map<string, GrantTerms>();
  for (const { project, terms } of byProjects) {
    projectGrants.set(project, greater(terms, projectGrants.get(project) ?? terms, now));
  }
  return { name, group, projectGrants, source: group?.source ?? byProjects[0]?.source ?? null };
}

function peopleOutlook(context: Context, drafts: readonly Draft[]): PeopleOutlook {
  const invites = new Map<string, Draft>();
  const leaving = new Set<string>();
  for (const draft of drafts) {
    const { kind, key } = draft.action;
    if (kind === 'InviteMember') invites.set(normalizeEmail(key), draft);
    if (kind === 'RemoveMember' || kind === 'CancelInvite') leaving.add(normalizeEmail(key));
  }
  return {
    isThere: (email) => context.member(email) !== undefined,
    isInvited: (email) => invites.has(email) || context.member(email)?.state === 'Invited',
    invite: (email) => invites.get(email),
    isLeaving: (email) => leaving.has(email),
  };
}
