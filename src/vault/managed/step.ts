/** What one kind of step is to the vault. */
import { canonicalJson } from '#model/digest.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { ActionOf, StepAction, StepKind } from '#model/step.ts';
import type { Fence, StepRequest } from '#protocol/management.ts';
import type { Act, AuditRecord } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { Subject } from './records.ts';

/** The parts of the state that decide the consequence of a step; all of it would cost too much a step. */
export type StepState = Partial<
  Pick<OrganizationState, 'members' | 'groups' | 'templates' | 'machines' | 'projects'>
>;

export interface Effect {
  readonly audit: Omit<AuditRecord, 'provenance' | 'subject'>;
  /** From before the step. */
  readonly judged?: StepState;
  readonly machineId?: string;
  /** Rail 2: whether a key that the machine has vouches for the one that came; of AddMachineKey alone. */
  readonly keyProven?: boolean;
}

/** Runs in the transaction of the step; whatever it throws undoes the step. */
export type Run<Kind extends StepKind> = (
  act: Act,
  action: ActionOf<Kind>,
  request: StepRequest,
  fence: Fence,
) => Promise<Effect>;

export interface StepType<Kind extends StepKind> {
  /** Which record tells who manages the thing (rail 11). */
  subject(action: ActionOf<Kind>): Subject;
  /** Takes a thing away as a whole: only the manager that has its record may. */
  readonly withdraws: boolean;
  readonly run: Run<Kind>;
}

export type StepTypes = { readonly [Kind in StepKind]: StepType<Kind> };

/** Throws `StaleBefore` unless the step was decided on what there is. */
export function checkBefore<Action extends StepAction>(
  action: Action,
  current: { readonly [Field in keyof NoInfer<Action>['before']]: unknown } | null,
): void {
  if (canonicalJson(action.before) === canonicalJson(current)) return;
  throw refuse('StaleBefore', `${action.kind} ${action.key} was decided on a state that is over.`);
}
