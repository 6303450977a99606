/** What each step of a plan takes and gives, when it runs after the steps before it. */
import {
  type AccessChange,
  type Consequence,
  consequence,
  groupConsequence,
  withSharedSteps,
} from '#model/consequence.ts';
import { endsLater } from '#model/ends.ts';
import { type GroupStep, isGroupStep } from '#model/groups.ts';
import { withAccess } from '#model/member-access.ts';
import type { Group, Member, MemberAccess, OrganizationState } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { Draft } from './contribution.ts';
import { leastGroups, leastPeople } from './least-access.ts';
import { madeOnce } from './made-once.ts';

/**
 * Steps on templates run before the steps on people (design §5), and those on groups that only give before what is lost; an
 * invite or a move to a template gives what the template gives by then. A rail may keep the change of a template or a
 * group back while the move runs, or let it go first: then the move is judged both ways and counts as the worse, so that
 * no order of the two loses something that was not counted (rail 1).
 */
export function consequenceJudge(
  observed: OrganizationState,
  drafts: readonly Draft[],
  now: number,
): (action: StepAction) => Consequence {
  const after = (some: readonly Draft[]): OrganizationState =>
    withSharedSteps(
      observed,
      some.map(({ action }) => action),
    );
  const accesses = new Map(
    drafts.flatMap(({ action }) =>
      action.kind === 'SetMemberAccess' ? [[action.key, action.after] as const] : [],
    ),
  );
  const moved: Moved = { accesses, members: madeOnce(() => withAccesses(observed.members, accesses)) };
  const onTemplates = drafts.filter(({ action: { kind } }) => TEMPLATE_STEPS.has(kind));
  const onGroups = drafts.filter(({ action }) => isGroupStep(action));
  if (onTemplates.length === 0 && onGroups.length === 0) {
    return (action) => eitherAccess(observed, action, moved, now);
  }

  const made = after(onTemplates.filter(({ action }) => action.kind === 'CreateTemplate'));
  const sureTemplates = after(onTemplates.filter((draft) => runsForSure(draft, made, now)));
  const wholeTemplates = after(onTemplates);
  if (onGroups.length === 0) {
    return (action) => {
      // Before all others (design §5): of the templates as they are.
      if (action.kind === 'SuspendMember') return consequence(observed, action, now);
      if (TEMPLATE_STEPS.has(action.kind)) return consequence(made, action, now);
      return worse(
        eitherAccess(wholeTemplates, action, moved, now),
        eitherAccess(sureTemplates, action, moved, now),
      );
    };
  }
  const templates = { sure: sureTemplates, whole: wholeTemplates };
  const bare = leastGroups(observed.groups, onGroups, () => false);
  const alone = groupJudge(observed, drafts, moved, templates, bare, now);
  const isSure = new Set(
    onGroups.filter((draft) => isGroupStep(draft.action) && isSureGain(draft, alone(draft.action))),
  );
  const least = leastGroups(observed.groups, onGroups, (draft) => isSure.has(draft));
  const ofGroup = groupJudge(observed, drafts, moved, templates, least, now);
  const { groups } = after(onGroups);
  const whole = { ...wholeTemplates, groups };
  const sure = { ...sureTemplates, groups: least };
  return (action) => {
    if (action.kind === 'SuspendMember') return consequence(observed, action, now);
    if (isGroupStep(action)) return ofGroup(action);
    if (TEMPLATE_STEPS.has(action.kind)) {
      return worstByPerson(
        [groups, least].map((some) => consequence({ ...made, groups: some }, action, now)),
      );
    }
    // A group that lists whom the plan invites does so after the invite.
    if (action.kind === 'InviteMember') {
      return worse(consequence(wholeTemplates, action, now), consequence(sureTemplates, action, now));
    }
    return worse(eitherAccess(whole, action, moved, now), eitherAccess(sure, action, moved, now));
  };
}

/**
 * Steps on groups, by what is left to each person by everything else: a loss of one person in any order is one. What is
 * shown is what follows where the whole plan runs, unless that hides it. `groups`: what the others leave at least.
 */
function groupJudge(
  observed: OrganizationState,
  drafts: readonly Draft[],
  moved: Moved,
  templates: { readonly sure: OrganizationState; readonly whole: OrganizationState },
  groups: readonly Group[],
  now: number,
): (action: GroupStep) => Consequence {
  const after = withSharedSteps(
    templates.whole,
    drafts.map(({ action }) => action),
  );
  const { accesses } = moved;
  const invited = invitedBy(drafts);
  const people = (members: readonly Member[]): readonly Member[] => [...members, ...invited];
  const shown = { ...after, members: people(moved.members()) };
  const asItIs = { ...templates.sure, groups, members: people(observed.members) };
  const bare = (['before', 'after'] as const).flatMap((fields) => {
    const members = people(leastPeople(observed.members, accesses, fields));
    return [...new Set([templates.sure.templates, templates.whole.templates])].map((some) => ({
      ...observed,
      templates: some,
      members,
      groups,
    }));
  });
  const least = accesses.size === 0 ? bare.slice(0, bare.length / 2) : bare;
  const there = new Map(observed.groups.map((group) => [group.name, group]));
  return (action) => {
    const judge = (organization: OrganizationState): Consequence =>
      groupConsequence(organization, action, there.get(action.key), now);
    return worstByPerson([shown, asItIs, ...(takes(action) ? least : [])].map(judge));
  };
}

/** Whether a step on a group takes anybody or anything out of it. */
function takes(action: GroupStep): boolean {
  if (action.kind === 'DeleteGroup') return true;
  if (action.kind !== 'UpdateGroup') return false;
  const { before, after } = action;
  const given = new Map(after.grants.map((grant) => [grant.project, grant]));
  return (
    before.members.length > 0 ||
    before.grants.some(({ project, access, expiresAt }) => {
      const then = given.get(project);
      if (then === undefined || endsLater(expiresAt, then.expiresAt)) return true;
      return then.access !== access && then.access !== 'Write';
    })
  );
}

/**
 * Whether a step only gives, and nothing keeps it back: it is neither a loss, which settles and may be held, nor a raise or a
 * take-over, which waits for approval (rails 1 and 2), nor behind an invite. The rest of the plan is judged as after it.
 */
export function isSureGain(
  { absent, takenOver, listsInvitee }: Pick<Draft, 'absent' | 'takenOver' | 'listsInvitee'>,
  { loss, changes }: Consequence,
): boolean {
  if (absent.length > 0 || takenOver || listsInvitee) return false;
  return loss === null && changes.every(({ raised }) => raised.length === 0);
}

/** Those whom the plan invites, as they are listed by a group. */
function invitedBy(drafts: readonly Draft[]): readonly Member[] {
  return drafts.flatMap(({ action }): Member[] =>
    action.kind === 'InviteMember'
      ? [{ ...action.after, id: '', email: action.key, userName: null, state: 'Invited', invite: null }]
      : [],
  );
}

/** Who is given back, or invited again, while their access is set in the same plan gets what there is when it runs: judged both ways too. */
function eitherAccess(
  organization: OrganizationState,
  action: StepAction,
  { accesses, members }: Moved,
  now: number,
): Consequence {
  const asItIs = consequence(organization, action, now);
  if (!GIVE_WHAT_IS_SET.has(action.kind) || !accesses.has(action.key)) return asItIs;
  return worse(consequence({ ...organization, members: members() }, action, now), asItIs);
}

/** The access that the plan sets, by person, and all people with it: one list, whoever is judged. */
interface Moved {
  readonly accesses: ReadonlyMap<string, MemberAccess>;
  readonly members: () => readonly Member[];
}

function withAccesses(
  members: readonly Member[],
  accesses: ReadonlyMap<string, MemberAccess>,
): readonly Member[] {
  return members.map((member) => {
    const access = accesses.get(member.email);
    return access === undefined ? member : withAccess(member, access);
  });
}

const GIVE_WHAT_IS_SET: ReadonlySet<StepAction['kind']> = new Set(['UnsuspendMember', 'ResendInvite']);

const TEMPLATE_STEPS: ReadonlySet<StepAction['kind']> = new Set(['CreateTemplate', 'UpdateTemplate']);

/** Nobody holds a template that is new. */
function runsForSure(draft: Draft, organization: OrganizationState, now: number): boolean {
  const { action } = draft;
  return action.kind === 'CreateTemplate' || isSureGain(draft, consequence(organization, action, now));
}

/**
 * A loss of either is a loss, a raise of either a raise; what is printed is what follows where the whole plan runs,
 * unless that hides it.
 */
function worse(whole: Consequence, sure: Consequence): Consequence {
  const { loss } = whole.loss === null ? sure : whole;
  const [shown, other] = whole.loss === null && sure.loss !== null ? [sure, whole] : [whole, sure];
  return { loss, gain: whole.gain || sure.gain, changes: raisedByEither(shown.changes, other.changes) };
}

/** The first is shown; who loses by another alone is taken from there, and each counts once. */
function worstByPerson([shown, ...others]: readonly Consequence[]): Consequence {
  const changes = new Map((shown?.changes ?? []).map((change) => [change.who, change]));
  for (const { changes: own } of others) {
    for (const change of own) {
      const said = changes.get(change.who);
      const raised = [...new Set([...(said?.raised ?? []), ...change.raised])];
      if (change.lost.length > 0 && (said?.lost.length ?? 0) === 0)
        changes.set(change.who, { ...change, raised });
      else if (raised.length > 0) changes.set(change.who, { ...(said ?? change), raised });
    }
  }
  const all = [...changes.values()];
  const losers = all.filter(({ lost }) => lost.length > 0).length;
  return {
    loss: losers === 0 ? null : { class: 'access', units: losers },
    gain: [shown, ...others].some((one) => one?.gain === true),
    changes: all,
  };
}

function raisedByEither(shown: readonly AccessChange[], other: readonly AccessChange[]): AccessChange[] {
  const raising = new Map(
    other.flatMap((change) => (change.raised.length > 0 ? [[change.who, change]] : [])),
  );
  const both = shown.map((change) => {
    const raised = raising.get(change.who)?.raised ?? [];
    raising.delete(change.who);
    return { ...change, raised: [...new Set([...change.raised, ...raised])] };
  });
  return [...both, ...raising.values()];
}
