/**
 * The suspensions of a plan by themselves: they go first, in a request of their own (design §5), so that nothing else
 * that is declared can hold them up.
 *
 * Decides M1: that a suspension of Git waits for nothing else that is declared.
 */
import type { OrganizationState } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import { appliedMember } from './applied.ts';
import { claimsOf } from './claims.ts';
import { consentOf } from './consent.ts';
import { type Context, contextOf } from './context.ts';
import type { Draft } from './contribution.ts';
import { inOrder } from './order.ts';
import type { Desired, DesiredMember, OrganizationPlan, PlanningPolicy } from './plan-types.ts';
import { plannedSteps } from './planned.ts';
import { judged } from './rails/judge.ts';
import { suspensionOf } from './suspension.ts';

/** The suspensions of a plan that run now, judged as the whole plan judges them. */
export type SuspensionPlan = Pick<
  OrganizationPlan,
  'vaultId' | 'revision' | 'epoch' | 'runnable' | 'lossGroups'
>;

/**
 * The suspensions of `plan`, without the rest of it. Those that only an approval of the whole plan releases are not
 * among them. Pure; one pass over the members where nobody is to be suspended.
 */
export function planSuspensions(
  desired: Desired,
  observed: OrganizationState,
  policy: PlanningPolicy,
  now: number,
): SuspensionPlan {
  const { vaultId, revision, epoch } = observed;
  const asked = askedFor(desired, observed);
  // Whose identity is bounded to projects is told by the whole plan that it suspends nobody (V4).
  if (asked.size === 0 || observed.bounded) return { vaultId, revision, epoch, runnable: [], lossGroups: [] };
  const context = contextOf(desired, observed, policy, now);
  const claims = claimsOf(
    context,
    'Member',
    context.desired.members.filter(({ email }) => asked.has(normalizeEmail(email))),
    ({ email }) => normalizeEmail(email),
  );
  const drafts = [...claims.acting].flatMap(([email, member]) => suspended(context, email, member) ?? []);
  const planned = inOrder(plannedSteps(context, drafts, { early: new Set(), freedBy: new Map() }));
  const { runnable, lossGroups } = judged(context, planned);
  return { vaultId, revision, epoch, runnable, lossGroups };
}

function askedFor({ members }: Desired, observed: OrganizationState): ReadonlySet<string> {
  const declared = members.filter(({ member }) => member.state === 'Suspended');
  const asked = new Set(declared.map(({ email }) => normalizeEmail(email)));
  if (asked.size === 0) return asked;
  const active = observed.members.filter(({ state }) => state === 'Active');
  return new Set(active.map(({ email }) => normalizeEmail(email)).filter((email) => asked.has(email)));
}

/** Whose the person is, as the whole plan asks it (rails 3 and 11). */
function suspended(context: Context, email: string, member: DesiredMember): Draft | null {
  const there = context.member(email);
  const record = context.record('Member', email);
  if (there === undefined || email === context.owner) return null;
  if (record !== undefined && record.manager !== context.desired.manager) return null;
  const person = { email, member, projectGrants: new Map(), source: member.source };
  const applied = record === undefined ? null : appliedMember(record.applied);
  if (consentOf(person, there, applied, context.now).is === 'refused') return null;
  return suspensionOf(context, member, there);
}
