import { explain, traceFor } from '#questions/explain.ts';
import { explanationText } from '#questions/explain-text.ts';
import { THINGS } from '#questions/thing.ts';
import { DAY } from '#questions/vault-status.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { type AskOptions, printAnswer, thingMeant } from './asked.ts';
import { declaredCopies } from './declared-copies.ts';

/** How far back reads are looked for. */
const READS_SINCE = 90 * DAY;

/** `seneschal explain THING`: two requests to the vault, nothing is written. */
export async function explainCommand(
  word: string,
  options: AskOptions & { readonly folder?: string; readonly namespace: string },
): Promise<void> {
  const copies =
    options.folder === undefined ? undefined : await declaredCopies(options.folder, options.namespace);
  await withObservation(options, async ({ observation, trace }) => {
    const now = Date.now();
    const { state } = observation.snapshot;
    const thing = thingMeant(state, word, THINGS);
    const traced = await trace(traceFor(state, thing, now, now - READS_SINCE));
    const explanation = explain(state, thing, traced, now, copies);
    if (explanation !== undefined)
      printAnswer(options.output, explanation, () => explanationText(explanation));
  });
}
