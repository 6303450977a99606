/**
 * Rail 7: which cuts of people stand over what a change gives. Planning leaves out what one stands over, and the
 * vault refuses it, by these same functions.
 *
 * Decides rail 7: which cuts stand over what a change gives, and that a final one is answered by no entry.
 */
import { widens } from './access.ts';
import type { Capabilities } from './capabilities.ts';
import { endsLater } from './ends.ts';
import { membershipsOf } from './listing.ts';
import type { Grant, GroupContent, MemberAccess, MemberState, ProjectScope } from './organization.ts';
import { raisedFields } from './raised.ts';
import type { Tombstone, TombstoneAct } from './record.ts';

/** The cuts of a whole membership. */
const ENDS: readonly TombstoneAct[] = ['Suspended', 'Removed', 'Left', 'Declined'];

type Revocation = Pick<Tombstone, 'act' | 'item'>;

/** One thing that a change gives; what is answered for it by one entry. */
export interface GivenAccess {
  /** Whether a cut stands over it. */
  covers(revocation: Revocation): boolean;
  /** Whether the cut is answered with the newest of those that stand over it. */
  answers(revocation: Revocation, newest: Revocation): boolean;
}

/**
 * The cut that stands over what is given: the newest, but a final one before all others, since no answer to another cut
 * gives back what it took. Of two in one moment the same one however they are listed.
 */
export function standingRevocation<Kept extends Tombstone>(
  tombstones: readonly Kept[],
  given: Pick<GivenAccess, 'covers'>,
): Kept | undefined {
  let standing: Kept | undefined;
  for (const tombstone of tombstones) {
    if (given.covers(tombstone) && (standing === undefined || standsBefore(tombstone, standing)))
      standing = tombstone;
  }
  return standing;
}

/** Whether what Git names answers the cut. One that people made final is answered by nothing that Git names. */
export function isAnsweredBy({ entry, final }: Tombstone, reinstate: string | null | undefined): boolean {
  return !final && entry === reinstate;
}

function standsBefore(one: Tombstone, other: Tombstone): boolean {
  if (one.final !== other.final) return one.final;
  return one.at === other.at ? one.entry > other.entry : one.at > other.at;
}

/** All that is cut by any of these acts, whatever the item, at once. */
export function givenWhole(acts: readonly TombstoneAct[]): GivenAccess {
  return { covers: ({ act }) => acts.includes(act), answers: () => true };
}

/** One item that one kind of act cuts. */
export function givenItem(act: TombstoneAct, item: string): GivenAccess {
  return { covers: (revocation) => revocation.act === act && revocation.item === item, answers: () => true };
}

/** What an invite gives: the membership as a whole, and each grant and each project of a list by itself. */
export function givenByInvite(after: MemberAccess): GivenAccess[] {
  const raised = raisedFields(null, after);
  const added = raised.includes('ScopeNarrowed') ? addedProjects(after.projectScope, []) : [];
  const to = givenToNewMember(after);
  return [
    to.membership,
    ...(added === 'All' ? [] : added).map((project) => to.scope(project)),
    ...raisedGrants([], after.grants).map((project) => to.grant(project)),
  ];
}

/** What a person who is not there can be given, thing by thing; much of it comes with the membership. */
export function givenToNewMember(
  after: Omit<MemberAccess, 'grants'>,
): GivenToMember & { readonly membership: GivenAccess } {
  const membership = givenWithMembership(after);
  return {
    membership,
    role: membership,
    template: membership,
    end: membership,
    grant: (project) => givenItem('GrantRemoved', project),
    scope: (project) => (project === null ? membership : givenItem('ScopeNarrowed', project)),
  };
}

/** The membership with role, template, and a scope that may reach any project, at once. */
function givenWithMembership(after: Omit<MemberAccess, 'grants'>): GivenAccess {
  const raised = raisedFields(null, after);
  const isWide = addedProjects(after.projectScope, []) === 'All';
  return {
    covers: ({ act, item }) =>
      ENDS.includes(act) || (raised.includes(act) && (act !== 'ScopeNarrowed' || item === null || isWide)),
    answers: () => true,
  };
}

/** What a member can be given, thing by thing. */
export interface GivenToMember {
  readonly role: GivenAccess;
  readonly template: GivenAccess;
  /** A membership that lasts longer (M5). */
  readonly end: GivenAccess;
  grant(project: string): GivenAccess;
  /** Null: whatever project it may be. */
  scope(project: string | null): GivenAccess;
}

/**
 * Who is there and was cut off before, a person invited again, with what that person chose: the cut of the membership
 * stands over all that would be more, until it is named itself. That of a suspension that lasts is about the
 * suspension alone (M1: access stays, and counts for nothing).
 */
export function givenToMember(state: MemberState): GivenToMember {
  const given = (covers: (revocation: Revocation) => boolean): GivenAccess => ({
    covers: (revocation) => isEnd(revocation, state) || covers(revocation),
    answers: (revocation, newest) => isEnd(newest, state) || !isEnd(revocation, state),
  });
  return {
    role: given(({ act }) => act === 'RoleLowered'),
    template: given(({ act }) => act === 'TemplateTaken'),
    end: given(({ act }) => act === 'EndShortened'),
    grant: (project) => given(({ act, item }) => act === 'GrantRemoved' && item === project),
    scope: (project) => given((revocation) => isOfScope(revocation, project)),
  };
}

/** Whether a cut ended an earlier membership of a person who is there by now. */
export function isEnd({ act }: Pick<Tombstone, 'act'>, state: MemberState): boolean {
  return ENDS.includes(act) && !(act === 'Suspended' && state === 'Suspended');
}

/** What a replacement of a member's access gives, thing by thing. */
export function givenByAccess(state: MemberState, before: MemberAccess, after: MemberAccess): GivenAccess[] {
  const to = givenToMember(state);
  const raised = raisedFields(before, after);
  const given = raisedGrants(before.grants, after.grants).map((project) => to.grant(project));
  if (raised.includes('RoleLowered')) given.push(to.role);
  if (raised.includes('TemplateTaken')) given.push(to.template);
  if (raised.includes('EndShortened')) given.push(to.end);
  if (raised.includes('ScopeNarrowed')) {
    const added = addedProjects(after.projectScope, before.projectScope);
    given.push(...(added === 'All' ? [null] : added).map((project) => to.scope(project)));
  }
  return given;
}

/** What a template gives beyond what it gave: cells, and projects of its scope. `before` null: it is new. */
export function givenByTemplate(
  before: { readonly capabilities: Capabilities; readonly projectScope: ProjectScope } | null,
  after: { readonly capabilities: Capabilities; readonly projectScope: ProjectScope },
): GivenAccess[] {
  const cells = Object.entries(after.capabilities).flatMap(([category, cells = []]) =>
    cells
      .filter((cell) => before?.capabilities[category as keyof Capabilities]?.includes(cell) !== true)
      .map((cell) => givenItem('CellRemoved', `${category}: ${cell}`)),
  );
  const added = addedProjects(after.projectScope, before?.projectScope ?? []);
  return [...cells, ...(added === 'All' ? [null] : added).map(givenToTemplate)];
}

/** What a step on a group gives: the group itself where it is new (`before` null), memberships, grants. */
export function givenByGroup(before: GroupContent | null, after: GroupContent): GivenAccess[] {
  return [
    ...(before === null ? [givenToGroup.itself] : []),
    ...longerListed(before, after).map(givenToGroup.membership),
    ...raisedGrants(before?.grants ?? [], after.grants).map(givenToGroup.grant),
  ];
}

/** Whom a step puts on the list, and who stays on it for longer (M5). */
export function longerListed(before: GroupContent | null, after: GroupContent): string[] {
  const had = membershipsOf(before ?? { members: [] });
  return [...membershipsOf(after)].flatMap(([email, { expiresAt }]) => {
    const membership = had.get(email);
    return membership === undefined || endsLater(expiresAt, membership.expiresAt) ? [email] : [];
  });
}

/** What a group can be given, thing by thing. */
export const givenToGroup = {
  itself: givenWhole(['GroupDeleted']),
  membership: (email: string) => givenItem('MembershipRemoved', email),
  grant: (project: string) => givenItem('GrantRemoved', project),
} as const;

/**
 * The same by the cuts of the person: who was cut off, and invited again by a person, has what that invite gave, and a
 * group gives more than that. `state`: of the person by now.
 */
export function givenByListing(state: MemberState): GivenAccess {
  return { covers: (revocation) => isEnd(revocation, state), answers: () => true };
}

/** What a project can be given back, thing by thing: itself, and each of its secrets by name. */
export const givenToProject = {
  itself: givenWhole(['ProjectDeleted']),
  secret: (name: string) => givenItem('SecretDeleted', name),
} as const;

/** One project more in the scope of a template; null: whatever project it may be. */
export function givenToTemplate(project: string | null): GivenAccess {
  return { covers: (revocation) => isOfScope(revocation, project), answers: () => true };
}

function isOfScope({ act, item }: Revocation, project: string | null): boolean {
  return act === 'ScopeNarrowed' && (project === null || item === null || item === project);
}

/** The projects that a scope reaches beyond another; `All` where it may be any. */
export function addedProjects(
  scope: ProjectScope | null,
  beyond: ProjectScope | null,
): 'All' | readonly string[] {
  if (!widens(scope, beyond)) return [];
  if (scope === null || scope === 'All' || beyond === null || beyond === 'All') return 'All';
  return scope.filter((project) => !beyond.includes(project));
}

/** Projects in which `after` gives more than `before`, or for longer. */
function raisedGrants(before: readonly Grant[], after: readonly Grant[]): string[] {
  return after
    .filter(({ project, access, expiresAt }) => {
      const had = before.find((grant) => grant.project === project);
      if (had === undefined || (had.access === 'Read' && access === 'Write')) return true;
      return endsLater(expiresAt, had.expiresAt);
    })
    .map(({ project }) => project);
}
