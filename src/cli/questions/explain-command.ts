import { explain, traceFor } from '#questions/explain.ts';
import { cellsText, explanationText } from '#questions/explain-text.ts';
import { THINGS, type ThingKind } from '#questions/thing.ts';
import { DAY } from '#questions/vault-status.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { Failure } from '../terminal/failure.ts';
import { printVersioned, thingMeant } from './asked.ts';
import { type EitherOptions, shownMembers } from './by-session.ts';
import { declaredCopies } from './declared-copies.ts';

/** How far back reads are looked for. */
const READS_SINCE = 90 * DAY;

/** Without credentials: of a person, what the session may see of them. Throws Failure where there is no answer. */
async function explainBySession(word: string, options: EitherOptions): Promise<void> {
  if (!word.includes('@')) {
    throw new Failure(
      'Usage',
      `By a session people are explained, and ${word} is no e-mail.`,
      'Give --credentials of an automation identity, or the address of a person.',
    );
  }
  const asked = word.replace(/^person:/, '');
  const [member] = await shownMembers(options, { member: asked });
  if (member === undefined) {
    throw notThere('person', asked, 'See who there is: seneschal vault member list');
  }
  const { email, role, state, groups, cells } = member;
  printVersioned(options.output, { kind: 'person', ...member }, () =>
    [
      `${email}: ${role}, ${state}`,
      ...(groups.length === 0 ? [] : [`  groups ${groups.join(', ')}`]),
      ...cellsText(cells),
    ].join('\n'),
  );
}

/** `seneschal explain THING`: two requests to the vault, nothing is written. Throws Failure where there is no answer. */
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
    if (explanation === undefined) throw notThere(thing.kind, thing.key);
    printVersioned(options.output, explanation, () => explanationText(explanation));
  });
}

/** Nothing said with 0 would be an answer: that there is nothing to say of it. */
function notThere(kind: ThingKind, key: string, next = 'Ask with the name that the vault shows.'): Failure {
  return new Failure('Usage', `There is no ${kind} called ${key}.`, next);
}
