import type { WhatIsOpen } from '#engine/open.ts';
import { openText } from '#engine/open-text.ts';
import type { OrganizationState } from '#model/organization.ts';
import { IN_ORDER, isResting, openKeyOf, type Standing } from '#model/standing.ts';
import type { Held } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS, rfc3339, type StatusDraft } from './draft.ts';
import { type ApprovalTarget, approvalOf, holdsInWords, isRaise, type Said } from './held-words.ts';
import type { PassOutcome, Problem } from './problems.ts';

const OWNED = [...READINESS, 'Connected', 'PlanHeld', 'SeatsAvailable', 'OwnershipSettled', 'Drifted'];

/** How many names a message lists before it counts. */
const NAMED = 5;

export function organizationStatusOf(
  object: Resource<'Organization'>,
  outcome: PassOutcome,
  open: WhatIsOpen,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const { plan } = outcome;
  const observed = outcome.observation.snapshot.state;
  const target = { namespace: object.metadata.namespace ?? '', organization: object.metadata.name };
  const conditions = new Conditions(object, OWNED, now);
  conditions.set('Connected', true, 'Succeeded');
  const holds = holdsInWords(holdsOf(open), plan.digest, target) ?? heldOtherwise(open);
  if (holds === undefined) conditions.set('PlanHeld', false, 'NothingHeld');
  else conditions.set('PlanHeld', true, holds.reason, holds.message);
  setSeats(conditions, observed);
  if (object.spec.owner !== undefined) setOwnership(conditions, plan);
  setDrifted(conditions, open);
  setReady(conditions, outcome, open, { problem, holds, target });
  return {
    ...present({
      observedGeneration: object.metadata.generation,
      vault: { ...outcome.address },
      counts: {
        members: observed.members.length,
        invited: observed.members.filter(({ state }) => state === 'Invited').length,
        suspended: observed.members.filter(({ state }) => state === 'Suspended').length,
        groups: observed.groups.length,
        templates: observed.templates.length,
        projects: observed.projects.length,
        machines: observed.machines.length,
      },
      plan: present({
        steps: plan.steps.length,
        held: open.counts.Held ?? 0,
        digest: plan.digest ?? undefined,
        summary: plan.held.length === 0 ? undefined : summaryOf(plan.held),
      }),
      owner: observed.owner,
      tier: tierOf(observed),
      invites: invitesOf(observed, now),
      open: openCounts(open),
      auditHead: outcome.anchor === null ? undefined : { ...outcome.anchor },
      lastPlannedRevision: observed.revision,
    }),
    conditions: conditions.list,
  };
}

/** What rails of the plan hold, each hold once. */
function holdsOf({ items }: WhatIsOpen): readonly Held[] {
  return [...new Set(items.flatMap(({ hold }) => hold ?? []))];
}

/** What the vault holds, which the plan let run. */
function heldOtherwise({ items }: WhatIsOpen): Said | undefined {
  const first = items.find(({ standing }) => standing === 'Held');
  if (first === undefined) return undefined;
  return { reason: first.reason, message: `${first.message} ${first.next}`.trim() };
}

function tierOf({ plan, members }: OrganizationState): object {
  return present({ name: plan.name, seats: plan.caps.members ?? undefined, seatsUsed: members.length });
}

function invitesOf({ members }: OrganizationState, now: number): object {
  const ends = members
    .flatMap(({ invite }) => (invite === null ? [] : [invite.expiresAt]))
    .filter((at) => at > now);
  return present({
    open: ends.length,
    nextExpiry: ends.length === 0 ? undefined : rfc3339(ends.reduce((a, b) => Math.min(a, b))),
  });
}

/** The counts under the keys of a status; undefined: nothing is open. */
function openCounts({ counts }: WhatIsOpen): object | undefined {
  const entries = IN_ORDER.flatMap((standing) => {
    const count = counts[standing];
    return count === undefined ? [] : [[openKeyOf(standing), count]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function setSeats(conditions: Conditions, { plan, members }: OrganizationState): void {
  const cap = plan.caps.members;
  if (plan.lapsedAt !== undefined) {
    // P4: told where people look for room, though no step may want any at the moment.
    const more = plan.billingUrl === '' ? '' : ` More: ${plan.billingUrl}`;
    const since = rfc3339(plan.lapsedAt);
    const what = `The plan ${plan.name} lapsed at ${since}; only losses of access run.${more}`;
    conditions.set('SeatsAvailable', false, 'PlanLapsed', what);
    return;
  }
  if (cap === null) {
    conditions.set('SeatsAvailable', true, 'Unlimited');
    return;
  }
  // I5: pending and suspended members count.
  const used = `${members.length} of ${cap} seats of plan ${plan.name} are used.`;
  if (members.length < cap) conditions.set('SeatsAvailable', true, 'Succeeded', used);
  else {
    const more = plan.billingUrl === '' ? '' : ` More: ${plan.billingUrl}`;
    conditions.set('SeatsAvailable', false, 'SeatsExhausted', `${used}${more}`);
  }
}

/** O3: whether who is declared to own the organization does. */
function setOwnership(conditions: Conditions, { findings }: PassOutcome['plan']): void {
  const differs = findings.find(({ reason }) => reason === 'OwnershipDiffers');
  if (differs === undefined) conditions.set('OwnershipSettled', true, 'Succeeded');
  else conditions.set('OwnershipSettled', false, differs.reason, `${differs.message} ${differs.next}`);
}

/** What the vault has otherwise than Git, and nobody brings it back by itself: who cut what, what is foreign. */
function setDrifted(conditions: Conditions, { items }: WhatIsOpen): void {
  const drift = DRIFT.flatMap((standing) => items.filter((item) => item.standing === standing));
  const first = drift[0];
  if (first === undefined) {
    conditions.set('Drifted', false, 'NoDrift');
    return;
  }
  const messages = [...new Set(drift.map(({ message }) => message))];
  const more = messages.length > NAMED ? ` And ${messages.length - NAMED} more.` : '';
  const reason = first.standing === 'CutByPerson' ? 'CutByPerson' : first.reason;
  conditions.set('Drifted', true, reason, `${messages.slice(0, NAMED).join(' ')}${more}`);
}

const DRIFT: readonly Standing[] = ['CutByPerson', 'Drifted', 'Foreign'];

interface OwnStanding {
  readonly problem: Problem | undefined;
  readonly holds: Said | undefined;
  readonly target: ApprovalTarget;
}

function setReady(
  conditions: Conditions,
  { plan, observeOnly, stopped, acceptDigest }: PassOutcome,
  open: WhatIsOpen,
  { problem, holds, target }: OwnStanding,
): void {
  if (observeOnly === 'ManagementConflict' || observeOnly === 'VaultRolledBack') {
    const { message, next } = plan.held.find(({ reason }) => reason === 'ObserveOnly') ??
      stopped ?? { message: '', next: '' };
    const approve = acceptDigest === null ? '' : approvalOf(acceptDigest, target);
    conditions.ready(
      'stalled',
      observeOnly,
      [message, next, approve].filter((part) => part !== '').join(' '),
    );
    return;
  }
  // What a person asked for is no fault: the plan's numbers say what would be done.
  if (observeOnly === 'Observe') {
    conditions.ready('ready', 'Observed', `${plan.steps.length} steps would be done.`);
    return;
  }
  const held = holdsOf(open);
  // What is held of the Organization itself is one of the holds.
  const isHeld = held.some(({ reason }) => reason === problem?.reason);
  const settling = open.items.filter(({ reason }) => reason === 'Settling');
  if (problem?.readiness === 'stalled' && !isHeld)
    conditions.ready('stalled', problem.reason, problem.message);
  else if (holds !== undefined && held.length > 0 && held.every(isRaise))
    conditions.ready('ready', 'AwaitingApproval', holds.message);
  else if (holds !== undefined && held.length > 0) conditions.ready('stalled', holds.reason, holds.message);
  else if (problem !== undefined) conditions.ready('reconciling', problem.reason, problem.message);
  else if (settling[0] !== undefined)
    conditions.ready('reconciling', 'Settling', `${settling[0].message} ${settling[0].next}`);
  else setOwnReady(conditions, open);
}

/** The Organization itself is as declared: what of its objects is not has a Ready of its own, and is counted here. */
function setOwnReady(conditions: Conditions, open: WhatIsOpen): void {
  if (open.items.length === 0) {
    conditions.ready('ready', 'Succeeded', 'The vault is as declared.');
    return;
  }
  const isAtRest = open.items.every(({ standing }) => isResting(standing));
  const said = `As declared but for: ${openText(open)}.`;
  conditions.ready('ready', isAtRest ? 'Succeeded' : 'PartlyAsDeclared', said);
}

function summaryOf(held: readonly Held[]): string {
  return held
    .map(({ reason, steps, message, digest }) => {
      const named = steps.slice(0, NAMED).map((step) => `${step.action.kind} ${step.action.key}`);
      const more = steps.length > NAMED ? ` and ${steps.length - NAMED} more` : '';
      const release = digest === null ? '' : ` Digest: ${digest}`;
      return `${reason}: ${named.join(', ')}${more}. ${message}${release}`;
    })
    .join('\n')
    .slice(0, 4096);
}
