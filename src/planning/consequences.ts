/** What each step of a plan takes and gives, when it runs after the steps before it. */
import { type AccessChange, type Consequence, consequence, withTemplateStep } from '#model/consequence.ts';
import { withAccess } from '#model/member-access.ts';
import type { MemberAccess, OrganizationState } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { Draft } from './contribution.ts';

/**
 * Steps on templates run before the steps on people (design §5), and an invite or a move to a template gives what
 * the template gives by then. A rail may keep the change of a template back while the move runs, or let it go
 * first: then the move is judged both ways and counts as the worse, so that no order of the two loses something
 * that was not counted (rail 1).
 */
export function consequenceJudge(
  observed: OrganizationState,
  drafts: readonly Draft[],
  now: number,
): (action: StepAction) => Consequence {
  const after = (some: readonly Draft[]): OrganizationState =>
    some.reduce((organization, { action }) => withTemplateStep(organization, action), observed);
  const accesses = new Map(
    drafts.flatMap(({ action }) =>
      action.kind === 'SetMemberAccess' ? [[action.key, action.after] as const] : [],
    ),
  );
  const onTemplates = drafts.filter(({ action: { kind } }) => TEMPLATE_STEPS.has(kind));
  if (onTemplates.length === 0) return (action) => eitherAccess(observed, action, accesses, now);

  const made = after(onTemplates.filter(({ action }) => action.kind === 'CreateTemplate'));
  const sure = after(onTemplates.filter((draft) => runsForSure(draft, made, now)));
  const whole = after(onTemplates);
  return (action) => {
    // Before all others (design §5): of the templates as they are.
    if (action.kind === 'SuspendMember') return consequence(observed, action, now);
    if (TEMPLATE_STEPS.has(action.kind)) return consequence(made, action, now);
    return worse(eitherAccess(whole, action, accesses, now), eitherAccess(sure, action, accesses, now));
  };
}

/** Who is given back while their access is set in the same plan gets what there is when it runs: judged both ways too. */
function eitherAccess(
  organization: OrganizationState,
  action: StepAction,
  accesses: ReadonlyMap<string, MemberAccess>,
  now: number,
): Consequence {
  const asItIs = consequence(organization, action, now);
  const access = action.kind === 'UnsuspendMember' ? accesses.get(action.key) : undefined;
  if (access === undefined) return asItIs;
  const members = organization.members.map((member) =>
    member.email === action.key ? withAccess(member, access) : member,
  );
  return worse(consequence({ ...organization, members }, action, now), asItIs);
}

const TEMPLATE_STEPS: ReadonlySet<StepAction['kind']> = new Set(['CreateTemplate', 'UpdateTemplate']);

/** Neither a loss, which settles and may be held, nor a raise or a take-over, which waits for approval (rails 1 and 2). */
function runsForSure(
  { action, absent, takenOver }: Draft,
  organization: OrganizationState,
  now: number,
): boolean {
  if (action.kind === 'CreateTemplate') return true;
  if (absent.length > 0 || takenOver) return false;
  const { loss, changes } = consequence(organization, action, now);
  return loss === null && changes.every(({ raised }) => raised.length === 0);
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
