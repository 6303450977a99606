import type { OrganizationState } from '#model/organization.ts';
import type { Held } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { Conditions, present, READINESS, rfc3339, type StatusDraft } from './draft.ts';
import {
  type ApprovalTarget,
  approvalOf,
  isRaise,
  type PassOutcome,
  type Problem,
  problemOfHolds,
} from './problems.ts';

const OWNED = [...READINESS, 'Connected', 'PlanHeld', 'SeatsAvailable', 'Drifted'];

/** How many names a message lists before it counts. */
const NAMED = 5;

export function organizationStatusOf(
  object: Resource<'Organization'>,
  outcome: PassOutcome,
  problem: Problem | undefined,
  now: number,
): StatusDraft {
  const { plan } = outcome;
  const observed = outcome.observation.snapshot.state;
  const target = { namespace: object.metadata.namespace ?? '', organization: object.metadata.name };
  const conditions = new Conditions(object, OWNED, now);
  conditions.set('Connected', true, 'Succeeded');
  setPlanHeld(conditions, outcome, target);
  setSeats(conditions, observed);
  setDrifted(conditions, outcome);
  setReady(conditions, outcome, problem, target);
  const heldSteps = plan.held.reduce((sum, held) => sum + held.steps.length, 0);
  return {
    ...present({
      observedGeneration: object.metadata.generation,
      vault: { ...outcome.address },
      counts: {
        members: observed.members.length,
        invited: observed.members.filter(({ state }) => state === 'Invited').length,
        suspended: observed.members.filter(({ state }) => state === 'Suspended').length,
        templates: observed.templates.length,
        projects: observed.projects.length,
        machines: observed.machines.length,
      },
      plan: present({
        steps: plan.steps.length,
        held: heldSteps,
        digest: plan.digest ?? undefined,
        summary: plan.held.length === 0 ? undefined : summaryOf(plan.held),
      }),
      auditHead: outcome.anchor === null ? undefined : { ...outcome.anchor },
      lastPlannedRevision: observed.revision,
    }),
    conditions: conditions.list,
  };
}

function setPlanHeld(conditions: Conditions, outcome: PassOutcome, target: ApprovalTarget): void {
  const holds = problemOfHolds(outcome.plan.held, outcome.plan.digest, target);
  if (holds === undefined) conditions.set('PlanHeld', false, 'NothingHeld');
  else conditions.set('PlanHeld', true, holds.reason, holds.message);
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

function setDrifted(conditions: Conditions, { plan }: PassOutcome): void {
  const drift = plan.findings.filter(({ reason }) => reason === 'Foreign' || reason === 'Drift');
  const first = drift[0];
  if (first === undefined) {
    conditions.set('Drifted', false, 'NoDrift');
    return;
  }
  const more = drift.length > NAMED ? ` And ${drift.length - NAMED} more.` : '';
  const messages = drift.slice(0, NAMED).map(({ message }) => message);
  conditions.set('Drifted', true, first.reason, `${messages.join(' ')}${more}`);
}

function setReady(
  conditions: Conditions,
  outcome: PassOutcome,
  problem: Problem | undefined,
  target: ApprovalTarget,
): void {
  const { plan, observeOnly } = outcome;
  if (observeOnly === 'ManagementConflict' || observeOnly === 'VaultRolledBack') {
    const { message, next } = plan.held.find(({ reason }) => reason === 'ObserveOnly') ?? {
      message: OBSERVE_ONLY[observeOnly],
      next: '',
    };
    const approve = outcome.acceptDigest === null ? '' : approvalOf(outcome.acceptDigest, target);
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
  const holds = problemOfHolds(plan.held, plan.digest, target);
  // What is held of the Organization itself is one of the holds.
  const isHeld = plan.held.some(({ reason }) => reason === problem?.reason);
  if (problem?.readiness === 'stalled' && !isHeld)
    conditions.ready('stalled', problem.reason, problem.message);
  else if (holds !== undefined && plan.held.every(isRaise))
    conditions.ready('ready', 'AwaitingApproval', holds.message);
  else if (holds !== undefined) conditions.ready('stalled', holds.reason, holds.message);
  else if (problem !== undefined) conditions.ready('reconciling', problem.reason, problem.message);
  else if (plan.pending.length > 0) {
    const classes = plan.pending.map((pending) => `${pending.steps.length} of ${pending.class}`).join(', ');
    conditions.ready('reconciling', 'Settling', `Losses wait for quiet (rail 1): ${classes}.`);
  } else conditions.ready('ready', 'Succeeded', 'The vault is as declared.');
}

const OBSERVE_ONLY = {
  ManagementConflict: 'Another manager holds the lease of the vault; this one only reads (rail 10).',
  VaultRolledBack: 'The vault is older than what was seen of it; it is only observed (A3).',
} as const;

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
