/** What is logged of passes: one line a change, none for a pass that finds everything as it was (design §11). */
import type { PassResult } from '#engine/pass-types.ts';
import type { StepAction } from '#model/step.ts';
import type { Held } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import type { Logger } from '#runtime/runtime.ts';
import { declarationsBySteps } from './declared-by.ts';
import type { OrganizationObjects } from './objects.ts';

type PassEnd = Pick<PassResult, 'plan' | 'answers'>;

/** Of one organization. Kinds, names and reasons are logged, never a value. */
export class PassLog {
  readonly #log: Logger;
  /** By step hash: what was said of a step that the vault did not take. */
  #refused: ReadonlyMap<string, string> = new Map();
  #held: ReadonlyMap<string, Held> = new Map();

  /** `organization`: its namespace/name. */
  constructor(log: Logger, organization: string) {
    this.#log = log.child({ organization });
  }

  /** What logs a step that was executed. */
  executed(objects: OrganizationObjects): (action: StepAction) => void {
    const fields = fieldsOf(objects);
    return (action) => this.#log.info(fields(action), 'executed');
  }

  /** Refusals that are new, and holds that begin or end. */
  passed(objects: OrganizationObjects, { plan, answers }: PassEnd): void {
    const fields = fieldsOf(objects);
    const refused = new Map<string, string>();
    // A refusal that another look at the vault cured is of a step that is in the plan no longer.
    for (const { hash, action } of plan.steps) {
      const said = refusalOf(answers.get(hash));
      if (said === null) continue;
      refused.set(hash, said.reason);
      if (this.#refused.get(hash) === said.reason) continue;
      this.#log.warn({ ...fields(action), reason: said.reason }, said.message);
    }
    this.#refused = refused;

    const held = new Map(plan.held.map((hold) => [identityOf(hold), hold]));
    for (const [identity, { reason, rail }] of this.#held) {
      if (!held.has(identity)) this.#log.info({ reason, rail }, 'no longer held');
    }
    for (const [identity, { reason, rail, steps, digest, message }] of held) {
      if (this.#held.has(identity)) continue;
      this.#log.warn({ reason, rail, steps: steps.length, digest }, `held: ${message}`);
    }
    this.#held = held;
  }
}

function fieldsOf(objects: OrganizationObjects): (action: StepAction) => object {
  // A pass that changes nothing needs no index.
  let declarationOf: ReturnType<typeof declarationsBySteps> | undefined;
  return (action) => {
    declarationOf ??= declarationsBySteps(objects);
    const declaration = declarationOf(action);
    if (declaration === undefined) return { step: action.kind, key: action.key };
    const { namespace, name } = declaration.object.metadata;
    return { step: action.kind, key: action.key, object: `${declaration.kind} ${namespace ?? ''}/${name}` };
  };
}

function refusalOf(answer: StepAnswer | undefined): { reason: string; message: string } | null {
  if (answer === undefined || answer.status === 'Done') return null;
  return { reason: answer.status === 'Refused' ? answer.code : 'VaultError', message: answer.message };
}

/** The same steps held for the same reason. */
function identityOf({ reason, steps }: Held): string {
  return [reason, ...steps.map(({ hash }) => hash)].join(' ');
}
