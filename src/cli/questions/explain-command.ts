import { explain, traceFor } from '#questions/explain.ts';
import { cellsText, explanationText } from '#questions/explain-text.ts';
import { THINGS } from '#questions/thing.ts';
import { DAY } from '#questions/vault-status.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { Failure } from '../terminal/failure.ts';
import { printVersioned, thingMeant } from './asked.ts';
import { type EitherOptions, shownMembers } from './by-session.ts';
import { declaredCopies } from './declared-copies.ts';

/** How far back reads are looked for. */
const READS_SINCE = 90 * DAY;

/** Without credentials: of a person, what the session may see of them. */
async function explainBySession(word: string, options: EitherOptions): Promise<void> {
  if (!word.includes('@')) {
    throw new Failure(
      'Usage',
      `By a session people are explained, and ${word} is no e-mail.`,
      'Give --credentials of an automation identity, or the address of a person.',
    );
  }
  const [member] = await shownMembers(options, { member: word.replace(/^person:/, '') });
  if (member === undefined) return;
  const { email, role, state, groups, cells } = member;
  printVersioned(options.output, { kind: 'person', ...member }, () =>
    [
      `${email}: ${role}, ${state}`,
      ...(groups.length === 0 ? [] : [`  groups ${groups.join(', ')}`]),
      ...cellsText(cells),
    ].join('\n'),
  );
}

/** `seneschal explain THING`: two requests to the vault, nothing is written. */
export async function explainCommand(word: string, options: EitherOptions): Promise<void> {
  const { credentials } = options;
  if (credentials === undefined) return explainBySession(word, options);
  const copies =
    options.folder === undefined ? undefined : await declaredCopies(options.folder, options.namespace);
  await withObservation({ ...options, credentials }, null, async ({ observation, trace }) => {
    const now = Date.now();
    const { state } = observation.snapshot;
    const thing = thingMeant(state, word, THINGS);
    const traced = await trace(traceFor(state, thing, now, now - READS_SINCE));
    const explanation = explain(state, thing, traced, now, copies);
    if (explanation !== undefined)
      printVersioned(options.output, explanation, () => explanationText(explanation));
  });
}
