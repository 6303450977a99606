/** A group once the plan has run: what is declared, less what people cut; what others gave stays. */
import { type Ending, endsLater } from '#model/ends.ts';
import type { GroupFields } from '#model/fields.ts';
import { listingOf, type Memberships, membershipsOf } from '#model/listing.ts';
import type { Grant, GrantTerms, Group, GroupContent } from '#model/organization.ts';
import { givenToGroup } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import { appliedGroup } from './applied.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import { type DeclaredGroup, groupApplied } from './declared-group.ts';
import { mergedGrants } from './declared-person.ts';
import { foreignGrants } from './foreign.ts';
import { foreignMemberships } from './foreign-groups.ts';
import { grantText } from './grant-terms.ts';
import { grantsAfter } from './grants.ts';
import { GroupCuts } from './group-cuts.ts';
import { missingMembers } from './group-findings.ts';
import type { GroupRoom } from './group-room.ts';
import { membershipsAfter, type PeopleOutlook } from './memberships.ts';
import type { Finding } from './plan-types.ts';
import { type ProjectOutlook, projectsMissing } from './projects.ts';
import { missingProjects } from './references.ts';
import type { StandingRevocations } from './standing-revocations.ts';
import { reinstateNeeded } from './tombstones.ts';

export interface GroupOutlooks {
  readonly projects: ProjectOutlook;
  readonly people: PeopleOutlook;
  readonly room: GroupRoom;
}

/** What a group is before it is made. */
const NOTHING: GroupContent = { description: '', members: [], grants: [] };

export interface GroupOutlook {
  readonly before: GroupContent;
  /** With those who have joined, and the invitees whom it lists already. */
  readonly after: GroupContent;
  readonly applied: GroupFields;
  /** Invitees to be listed, each with the invite of the same plan; sorted. */
  readonly joining: readonly {
    readonly email: string;
    readonly end: Ending;
    readonly invite: Draft | null;
  }[];
  /** Whom the record says to be ours and the group does not list (any more): no difference to it by themselves. */
  readonly gone: Memberships;
  readonly withdrawn: readonly Grant[];
  readonly isRefused: boolean;
  /** Whether something that others gave goes. */
  readonly takesForeign: boolean;
  readonly changes: boolean;
  readonly reinstate: string | null;
  readonly findings: readonly Finding[];
}

/** The group once the plan has run: what is declared, less what people cut; what others gave stays. */
export function groupAfter(
  context: Context,
  declared: DeclaredGroup,
  given: {
    readonly there: Group | null;
    readonly adopted: boolean;
    /** What others gave, and whom they listed, beside what the Group object declares is taken away (rail 11). */
    readonly exclusive: boolean;
    readonly revocations: StandingRevocations;
  },
  { projects, people, room }: GroupOutlooks,
): GroupOutlook {
  const { name, group, source } = declared;
  const subject = { kind: 'Group', key: name } as const;
  const before = given.there === null ? NOTHING : contentOf(given.there);
  const record = context.record('Group', name);
  const ours = record === undefined ? null : appliedGroup(record.applied);
  const reinstate = group?.source.reinstate ?? null;
  const cuts = new GroupCuts(context, given.revocations, reinstate);
  const exclusive = given.exclusive && group !== null;
  const mayGive = given.there === null || room.mayGive;

  const wanted = mergedGrants(group?.fields.grants ?? [], declared.projectGrants, context.now);
  const held = new Set(before.grants.map(({ project }) => project));
  const missing = projectsMissing(
    projects,
    [...wanted.keys()].filter((project) => !held.has(project)),
  );
  for (const project of missing) wanted.delete(project);
  const refused = mayGive ? [] : raised(before.grants, wanted);
  for (const project of refused) {
    const has = before.grants.find((grant) => grant.project === project);
    if (has === undefined) wanted.delete(project);
    else wanted.set(project, termsOf(has));
  }
  const grants = grantsAfter({
    declared: wanted,
    observed: before.grants,
    applied: ours?.grants ?? [],
    adopted: given.adopted,
    exclusive,
    revocations: given.revocations,
    given: givenToGroup.grant,
    undecided: projects.undecided,
    now: context.now,
  });
  const listedBefore = membershipsOf(before);
  const memberships = membershipsAfter({
    declared: group === null ? null : membershipsOf(group.fields),
    observed: listedBefore,
    applied: ours?.members ?? [],
    adopted: given.adopted,
    exclusive,
    people,
    keepBack: (email) => cuts.keepBack(email),
    mayGive,
    now: context.now,
  });
  const after: GroupContent = {
    description: group?.fields.group?.description ?? before.description,
    ...listingOf(memberships.members),
    grants: grants.grants,
  };
  return {
    before,
    after,
    applied: groupApplied(group, memberships.applied, grants.applied),
    joining: listingOf(memberships.joining).members.map((email) => ({
      email,
      end: memberships.joining.get(email) ?? {},
      invite: people.invite(email) ?? null,
    })),
    gone: new Map([...membershipsOf(ours ?? NOTHING)].filter(([email]) => !listedBefore.has(email))),
    withdrawn: grants.withdrawn,
    isRefused: refused.length > 0 || memberships.isRefused,
    takesForeign: grants.takesForeign || memberships.takesForeign,
    changes: !sameValue(before, after) || memberships.joining.size > 0,
    reinstate: cuts.reinstated,
    findings: [
      ...foreignGrants(
        subject,
        source,
        grants.foreign.map(({ project, ...terms }) => `${project} ${grantText(terms)}`),
      ),
      ...(given.there === null ? [] : foreignMemberships(context, source, given.there, memberships.foreign)),
      ...cuts.keptBack.map((tombstone) => reinstateNeeded(subject, source, tombstone)),
      ...missingProjects(subject, source, missing),
      ...missingMembers(context, subject, source, memberships.missing),
    ],
  };
}

/** Projects in which more is declared than the group gives, or for longer: as the vault tells it, whatever time it is. */
function raised(before: readonly Grant[], wanted: ReadonlyMap<string, GrantTerms>): string[] {
  const has = new Map(before.map((grant) => [grant.project, grant]));
  return [...wanted].flatMap(([project, { access, expiresAt }]) => {
    const had = has.get(project);
    const isMore =
      had === undefined ||
      (had.access === 'Read' && access === 'Write') ||
      endsLater(expiresAt, had.expiresAt);
    return isMore ? [project] : [];
  });
}

function termsOf({ project: _, ...terms }: Grant): GrantTerms {
  return terms;
}

function contentOf({ description, grants, ...group }: Group): GroupContent {
  return { description, ...listingOf(membershipsOf(group)), grants };
}
