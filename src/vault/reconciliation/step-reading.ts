/**
 * What a step of a request says, as far as it can be read. Each is judged by itself: a field that the schema does not
 * take, or a text that no database stores, is the fault of one object, and the steps of others run (decision 0030).
 */
import { REFUSALS, type StepAnswer, type StepRequest } from '#protocol/management.ts';
import { UnreadableStep } from '#protocol/schemas.ts';
import { faultsOf } from '../http/problem.ts';
import { unstorableIn } from '../store/storable.ts';

type ReadStep =
  | { readonly step: StepRequest; readonly refusal: null }
  | { readonly step: null; readonly refusal: StepAnswer };

/** The longest message of a refusal: names of fields come from whoever sent the step. */
const LONGEST_MESSAGE = 1024;

/** The step, or the answer in its place, which names the fields and nothing of what stood there. */
export function readStep(sent: StepRequest | UnreadableStep): ReadStep {
  const fault = sent instanceof UnreadableStep ? faultsOf(sent.error, 'the step') : unstorableIn(sent);
  if (fault === null) return { step: sent as StepRequest, refusal: null };
  const message = fault.length > LONGEST_MESSAGE ? `${fault.slice(0, LONGEST_MESSAGE)}…` : fault;
  return {
    step: null,
    refusal: { status: 'Refused', code: 'Unreadable', message: `${message}.`, next: REFUSALS.Unreadable },
  };
}
