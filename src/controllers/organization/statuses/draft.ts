/** How a status comes about: conditions set one by one on those that are there, by kstatus's rules. */
import type { Condition, ConditionInput, Readiness } from '#runtime/runtime.ts';
import { setCondition, setReadiness, setSuspended, withoutSuspended } from '#runtime/runtime.ts';
import type { Resource } from '../../resources.ts';
import type { Beside, Problem } from './problems.ts';

/** The status that this writer applies: all of it, every time. */
export interface StatusDraft {
  readonly observedGeneration?: number;
  readonly conditions: readonly Condition[];
  readonly [field: string]: unknown;
}

export class Conditions {
  #conditions: Condition[];
  readonly #at: { generation: number | undefined; now: number };

  /** Starts from those of the object's status whose type is one of `owned`. */
  constructor(object: Resource, owned: readonly string[], now: number) {
    const status = object.status as { conditions?: readonly Condition[] } | undefined;
    this.#conditions = withoutSuspended(status?.conditions ?? []).filter(({ type }) => owned.includes(type));
    this.#at = { generation: object.metadata.generation, now };
  }

  set(type: string, status: boolean, reason: string, message = ''): this {
    const input: ConditionInput = { type, status: status ? 'True' : 'False', reason, message };
    this.#conditions = setCondition(this.#conditions, input, this.#at);
    return this;
  }

  /** Nobody knows whether it is so. */
  unknown(type: string, reason: string, message: string): this {
    this.#conditions = setCondition(this.#conditions, { type, status: 'Unknown', reason, message }, this.#at);
    return this;
  }

  /** What is said was seen just now. */
  fresh(): this {
    this.#conditions = this.#conditions.filter(({ type }) => type !== 'Stale');
    return this;
  }

  ready(readiness: Readiness, reason: string, message = ''): this {
    this.#conditions = setReadiness(this.#conditions, readiness, { reason, message }, this.#at);
    return this;
  }

  /** Keeps what was last known, and says that nothing is looked at. */
  suspended(message: string): this {
    this.#conditions = setSuspended(this.#conditions, message, this.#at);
    return this;
  }

  /** Ready unless there is a problem; a raise that waits and what a person cut are said beside (rails 2 and 7). */
  readyUnless(problem: Problem | undefined, message: string, reason = 'Succeeded'): this {
    const beside = problem?.beside ?? [];
    this.#conditions = this.#conditions.filter(
      ({ type }) => !isBeside(type) || beside.some((said) => said.type === type),
    );
    for (const said of beside) this.set(said.type, true, said.reason, said.message);
    if (problem === undefined) return this.ready('ready', reason, message);
    switch (problem.readiness) {
      case 'awaiting':
        return this.ready('ready', 'AwaitingApproval', 'As before; the rest waits for an approval.');
      case 'cut':
        return this.ready('ready', 'CutByPerson', 'As a person left it in the vault; CutByPerson says what.');
      case 'reconciling':
      case 'stalled':
        return this.ready(problem.readiness, problem.reason, problem.message);
    }
  }

  get list(): readonly Condition[] {
    return this.#conditions;
  }
}

const BESIDE: readonly Beside['type'][] = ['AwaitingApproval', 'CutByPerson'];

function isBeside(type: string): boolean {
  return (BESIDE as readonly string[]).includes(type);
}

/** What each kind that stays Ready beside something has from this controller, beside its own. */
export const READINESS_AND_BESIDE = ['Ready', 'Reconciling', 'Stalled', 'Stale', ...BESIDE] as const;

/** The conditions that every kind but the binding has from this controller. */
export const READINESS = ['Ready', 'Reconciling', 'Stalled'] as const;

/** An object with only the fields that have a value: absent and `undefined` are one in a status. */
export function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** RFC 3339, seconds. */
export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
