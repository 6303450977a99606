/**
 * What is open in an organization: all that is not as declared, and all that is there undeclared. Statuses, metrics,
 * exit codes and last lines come from here and from nothing else.
 */
import { standingOf } from '#api/v1alpha1/conditions.ts';
import { IN_ORDER, isResting, type Standing } from '#model/standing.ts';
import type { Desired, Finding, Held, OrganizationPlan, Source, Step } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import { NEXT_STEPS, nextAfter } from './next-steps.ts';

/** An object that declares something. */
export type Declaration = Pick<Source, 'kind' | 'namespace' | 'name'>;

export interface OpenItem {
  readonly standing: Standing;
  /** Constant. */
  readonly reason: string;
  readonly subject: Step['subject'];
  /** The objects that it is told at; empty: nobody declares it any more. */
  readonly declarations: readonly Declaration[];
  /** What it is about, each by its key: of what is foreign often many, else the subject alone. */
  readonly keys: readonly string[];
  readonly message: string;
  /** What to do; where that is nothing, `Nothing: ` and what ends it. Never empty. */
  readonly next: string;
  /** What holds it, where a rail of the plan does. */
  readonly hold: Held | null;
}

export interface WhatIsOpen {
  /** In the order of `STANDINGS`. */
  readonly items: readonly OpenItem[];
  /** Things by standing, not items; without those of which there are none. */
  readonly counts: Readonly<Partial<Record<Standing, number>>>;
}

/** What a run came to: its last plan, and the answers by step hash. A plan alone has none. */
export interface RunResult {
  readonly plan: Pick<OrganizationPlan, 'findings' | 'held' | 'pending' | 'runnable' | 'steps'>;
  readonly answers: ReadonlyMap<string, StepAnswer>;
}

/**
 * Everything that is open, each step and each finding once. Pure. `plan.findings` has those of reading the objects too.
 */
export function whatIsOpen(desired: Desired, { plan, answers }: RunResult): WhatIsOpen {
  const told = new Telling(desired);
  for (const finding of plan.findings) told.finding(finding);
  const heldBy = new Map(plan.held.flatMap((hold) => hold.steps.map(({ hash }) => [hash, hold] as const)));
  const settling = new Map(
    plan.pending.flatMap((group) => group.steps.map(({ hash }) => [hash, group.class] as const)),
  );
  const runnable = new Set(plan.runnable.map(({ hash }) => hash));
  for (const step of plan.steps) {
    const hold = heldBy.get(step.hash);
    const answer = answers.get(step.hash);
    const lossClass = settling.get(step.hash);
    if (hold !== undefined) told.held(step, hold);
    else if (answer !== undefined && answer.status !== 'Done') told.answered(step, answer);
    else if (step.executor === 'operator') told.leftToOperator(step);
    else if (lossClass !== undefined) told.settling(step, lossClass);
    else if (runnable.has(step.hash))
      told.underWay(step, `${step.action.kind} runs with the next pass.`, NEXT_STEPS.runs);
    else if (!told.isQueued(step))
      told.underWay(step, `${step.action.kind} follows a step that does not run yet.`, NEXT_STEPS.follows);
  }
  return told.all();
}

class Telling {
  readonly #items: OpenItem[] = [];
  readonly #queued = new Set<string>();
  readonly #declarations: ReadonlyMap<string, readonly Declaration[]>;
  readonly #own: string;

  constructor(desired: Desired) {
    this.#declarations = declarationsOf(desired);
    this.#own = desired.organization.source.namespace;
  }

  finding(finding: Finding): void {
    const { subject, source, reason, message, next } = finding;
    const standing = standingOf(reason);
    if (standing === null) return;
    if (standing === 'Queued') this.#queued.add(naturalKey(subject));
    this.#items.push({
      standing,
      reason,
      subject,
      declarations: source === null ? this.#declaring(subject, null) : [source],
      keys: finding.keys ?? [subject.key],
      message,
      next,
      hold: null,
    });
  }

  held(step: Step, hold: Held): void {
    const { reason, message, next } = hold;
    this.#step(step, { standing: 'Held', reason, message, next, hold });
  }

  answered(step: Step, answer: Exclude<StepAnswer, { status: 'Done' }>): void {
    if (answer.status === 'Failed') {
      this.#step(step, {
        standing: 'Failed',
        reason: 'VaultError',
        message: answer.message,
        next: NEXT_STEPS.failed,
      });
      return;
    }
    const { code, message } = answer;
    const next = nextAfter(answer);
    const standing = standingOf(code);
    // What the vault refuses of a declaration is never at rest, though it be for something that is.
    // The end of a key is asked for, and not declared.
    const isAtRest = standing === null || (isResting(standing) && step.action.kind !== 'RevokeKeyIfIdle');
    this.#step(step, { standing: isAtRest ? 'Refused' : standing, reason: code, message, next });
  }

  leftToOperator(step: Step): void {
    const message = `${step.action.kind} waits for a key, which is made in a cluster.`;
    this.#step(step, {
      standing: 'LeftToOperator',
      reason: 'Progressing',
      message,
      next: NEXT_STEPS.leftToOperator,
    });
  }

  settling(step: Step, lossClass: string): void {
    const quiet = `Losses of ${lossClass} wait until they have been the same for rails.settle (rail 1).`;
    const isBehind = step.consequence.loss === null && !step.withdraws;
    const message = isBehind ? `Comes after the losses of its template. ${quiet}` : quiet;
    this.#step(step, { standing: 'UnderWay', reason: 'Settling', message, next: NEXT_STEPS.settling });
  }

  underWay(step: Step, message: string, next: string): void {
    this.#step(step, { standing: 'UnderWay', reason: 'Progressing', message, next });
  }

  /** Whether a finding says already that the step waits for its turn. */
  isQueued({ subject }: Step): boolean {
    return this.#queued.has(naturalKey(subject));
  }

  all(): WhatIsOpen {
    const counts: Partial<Record<Standing, number>> = {};
    const items = IN_ORDER.flatMap((standing) => this.#items.filter((item) => item.standing === standing));
    for (const { standing, keys } of items) counts[standing] = (counts[standing] ?? 0) + keys.length;
    return { items, counts };
  }

  #step(
    { subject, source }: Step,
    said: Pick<OpenItem, 'standing' | 'reason' | 'message' | 'next'> & { readonly hold?: Held },
  ): void {
    const declaring = this.#declaring(subject, source);
    const isAmong = declaring.some((one) => source !== null && isSame(one, source));
    const declarations = source === null || isAmong ? declaring : [...declaring, source];
    this.#items.push({ subject, declarations, keys: [subject.key], hold: null, ...said });
  }

  /** An object of another namespace than the Organization's is told of what comes from itself alone. */
  #declaring(subject: Step['subject'], source: Source | null): readonly Declaration[] {
    const declaring = this.#declarations.get(naturalKey(subject)) ?? [];
    return declaring.filter((one) => one.namespace === this.#own || (source !== null && isSame(one, source)));
  }
}

/** Which objects declare a natural key: `Member alice@acme.example` to `Member acme/alice`. */
function declarationsOf(desired: Desired): ReadonlyMap<string, readonly Declaration[]> {
  const declarations = new Map<string, Declaration[]>();
  const add = (key: string, source: Declaration): void => {
    const natural = naturalKey({ kind: source.kind, key });
    declarations.set(natural, [...(declarations.get(natural) ?? []), source]);
  };
  for (const member of desired.members) add(member.email, member.source);
  for (const group of desired.groups) add(group.name, group.source);
  for (const template of desired.templates) add(template.name, template.source);
  for (const project of desired.projects) add(project.name, project.source);
  for (const machine of desired.machines) add(machine.machineName, machine.source);
  for (const broken of desired.incomplete) add(broken.key, broken.source);
  return declarations;
}

function naturalKey({ kind, key }: Step['subject']): string {
  return `${kind} ${key}`;
}

function isSame(one: Declaration, other: Declaration): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
}
