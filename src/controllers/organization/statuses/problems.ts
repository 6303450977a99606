/** What keeps an object from being as declared, read off a pass: findings, held steps, refusals, waiting. */
import { isReason, REASONS } from '#api/v1alpha1/conditions.ts';
import type { PassResult } from '#engine/pass-types.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type { Desired, Finding, Held, Step } from '#planning/plan-types.ts';

export interface Problem {
  /** `awaiting`: what there was goes on, and a raise waits for a person (rail 2). */
  readonly readiness: 'stalled' | 'reconciling' | 'awaiting';
  readonly reason: string;
  readonly message: string;
}

export type PassOutcome = Pick<
  PassResult,
  | 'plan'
  | 'answers'
  | 'observation'
  | 'approvals'
  | 'observeOnly'
  | 'anchor'
  | 'usedApprovals'
  | 'acceptDigest'
> & {
  /** Of the vault that answered. */
  readonly address: VaultAddress;
};

/** `Kind namespace/name`. */
export function objectKey(kind: string, at: { namespace?: string | undefined; name: string }): string {
  return `${kind} ${at.namespace ?? ''}/${at.name}`;
}

export interface ApprovalTarget {
  readonly namespace: string;
  readonly organization: string;
}

const WORSE: readonly Problem['readiness'][] = ['awaiting', 'reconciling', 'stalled'];

/** The worst problem of each object: what stalls goes before what will come by itself. */
export function problemsOf(
  desired: Desired,
  outcome: PassOutcome,
  target: ApprovalTarget,
): ReadonlyMap<string, Problem> {
  const problems = new Map<string, Problem>();
  const note = (keys: Iterable<string>, problem: Problem): void => {
    for (const key of keys) {
      const other = problems.get(key);
      if (other === undefined || WORSE.indexOf(problem.readiness) > WORSE.indexOf(other.readiness))
        problems.set(key, problem);
    }
  };
  const claimants = claimantsOf(desired);
  const ofStep = (step: Step): Set<string> => {
    const keys = new Set(claimants.get(`${step.subject.kind} ${step.subject.key}`));
    if (step.source !== null) keys.add(objectKey(step.source.kind, step.source));
    return keys;
  };

  for (const finding of outcome.plan.findings) {
    if (finding.severity === 'Info') continue;
    const keys =
      finding.source === null
        ? (claimants.get(`${finding.subject.kind} ${finding.subject.key}`) ?? [])
        : [objectKey(finding.source.kind, finding.source)];
    note(keys, problemOfFinding(finding));
  }
  for (const held of outcome.plan.held) {
    const problem = problemOfHeld(held, target);
    for (const step of held.steps) {
      // No pod can run by a machine that waits.
      const isMachine = step.subject.kind === 'MachineBinding';
      note(ofStep(step), isRaise(held) && !isMachine ? { ...problem, readiness: 'awaiting' } : problem);
    }
  }
  const waiting = new Map(outcome.plan.runnable.map((step) => [step.hash, step]));
  for (const step of outcome.plan.steps) {
    const answer = outcome.answers.get(step.hash);
    if (answer === undefined || answer.status === 'Done') continue;
    waiting.delete(step.hash);
    if (answer.status === 'Refused')
      note(ofStep(step), refusal(answer.code, `${answer.message} ${answer.next}`.trim()));
    else note(ofStep(step), { readiness: 'reconciling', reason: 'VaultError', message: answer.message });
  }
  for (const pending of outcome.plan.pending) {
    const settling = `Losses of ${pending.class} wait until they have been the same for rails.settle (rail 1).`;
    for (const step of pending.steps) {
      const behind = step.consequence.loss === null && !step.withdraws;
      const message = behind ? `Comes after the losses of its template. ${settling}` : settling;
      waiting.delete(step.hash);
      note(ofStep(step), { readiness: 'reconciling', reason: 'Settling', message });
    }
  }
  for (const step of waiting.values())
    note(ofStep(step), {
      readiness: 'reconciling',
      reason: 'Progressing',
      message: `${step.action.kind} runs with the next pass.`,
    });
  return problems;
}

/** Which objects declare a natural key: `Member alice@acme.example` to `Member acme/alice`. */
function claimantsOf(desired: Desired): ReadonlyMap<string, readonly string[]> {
  const claimants = new Map<string, string[]>();
  const add = (natural: string, source: { kind: string; namespace: string; name: string }): void => {
    const key = `${source.kind} ${natural}`;
    const keys = claimants.get(key);
    if (keys === undefined) claimants.set(key, [objectKey(source.kind, source)]);
    else keys.push(objectKey(source.kind, source));
  };
  for (const member of desired.members) add(member.email, member.source);
  for (const template of desired.templates) add(template.name, template.source);
  for (const project of desired.projects) add(project.name, project.source);
  for (const machine of desired.machines) add(machine.machineName, machine.source);
  for (const broken of desired.incomplete) add(broken.key, broken.source);
  return claimants;
}

function problemOfFinding({ severity, reason, message, next }: Finding): Problem {
  return {
    readiness: severity === 'Stalled' || needsSomebody(reason) ? 'stalled' : 'reconciling',
    reason,
    message: `${message} ${next}`.trim(),
  };
}

/** By the table of reasons: nothing moves by itself. */
function needsSomebody(reason: string): boolean {
  return isReason(reason) && ['Held', 'Terminal', 'Auth'].includes(REASONS[reason].class);
}

/** Ready never waits for a person: what is held as a raise only adds to what there is (rail 2). */
export function isRaise({ rail }: Held): boolean {
  return rail === 2;
}

/** What holds, and the object that a person applies to release it. */
function problemOfHeld(held: Held, target: ApprovalTarget): Problem {
  return {
    readiness: 'stalled',
    reason: held.reason,
    message: [
      held.message,
      held.next,
      ...(held.digest === null || !held.byPlanApproval ? [] : [approvalOf(held.digest, target)]),
    ]
      .filter((part) => part !== '')
      .join(' '),
  };
}

/** All that is held, in short, with the one digest that releases all of it; `held` is not empty. */
export function problemOfHolds(
  held: readonly Held[],
  digest: string | null,
  target: ApprovalTarget,
): Problem | undefined {
  const [first, ...others] = held;
  if (first === undefined || others.length === 0) return first && problemOfHeld(first, target);
  const each = held.map(({ reason, rail, steps, message, next, digest: own }) => {
    const count = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
    return `${reason} (rail ${rail}, ${count}): ${message}${own === null ? ` ${next}` : ''}`;
  });
  const byPlanApproval = held.every((one) => one.digest === null || one.byPlanApproval);
  const inVault = `seneschal approve ${digest}`;
  const release =
    digest === null
      ? []
      : byPlanApproval
        ? [approvalOf(digest, target), `Or in the vault: ${inVault}`]
        : [`To approve, in the vault: ${inVault}`];
  return {
    readiness: 'stalled',
    reason: first.reason,
    message: [`${held.length} holds.`, ...each, ...release].join(' '),
  };
}

/** A PlanApproval as one line of YAML. */
export function approvalOf(digest: string, { namespace, organization }: ApprovalTarget): string {
  return (
    'To approve, kubectl create: {apiVersion: seneschal.dev/v1alpha1, kind: PlanApproval, ' +
    `metadata: {namespace: ${namespace}, generateName: approve-}, ` +
    `spec: {organizationRef: {name: ${organization}}, digest: "${digest}", ` +
    'approver: YOUR-USER-NAME, reason: WHY}}'
  );
}

/** A refusal that the next pass may get over is under way; one that needs somebody is stalled. */
function refusal(code: string, message: string): Problem {
  const stalled = !isReason(code) || needsSomebody(code);
  return { readiness: stalled ? 'stalled' : 'reconciling', reason: code, message };
}
