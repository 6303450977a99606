import { endText } from '#model/ends.ts';
import { explain, traceFor } from '#questions/explain.ts';
import { explanationText } from '#questions/explain-text.ts';
import { type Facts, factsOf } from '#questions/facts.ts';
import { THINGS, type ThingKind } from '#questions/thing.ts';
import { DAY } from '#questions/vault-status.ts';
import { withObservation } from '../gitops/vault-observation.ts';
import { asPerson } from '../person/as-person.ts';
import { Failure } from '../terminal/failure.ts';
import { printVersioned, thingMeant } from './asked.ts';
import type { EitherOptions } from './by-session.ts';
import { declaredCopies } from './declared-copies.ts';
import { SeenVault } from './facts-by-session.ts';
import { traceBySession } from './log-by-session.ts';

/** How far back reads are looked for. */
const READS_SINCE = 90 * DAY;

/** `seneschal explain THING`: nothing is written. Throws Failure where there is no answer. */
export async function explainCommand(word: string, options: EitherOptions): Promise<void> {
  const { credentials, folder, namespace, output } = options;
  const copies = folder === undefined ? undefined : await declaredCopies(folder, namespace);
  const now = Date.now();
  const since = now - READS_SINCE;
  const print = (facts: Facts, traced: Parameters<typeof explain>[1]) => {
    const explanation = explain(facts, traced, copies);
    printVersioned(output, explanation, () => explanationText(explanation));
  };
  if (credentials === undefined) {
    await asPerson(options, async ({ ask }) => {
      const seen = await SeenVault.of(ask);
      const named = await seen.named(word);
      const thing = thingMeant(named, word, THINGS, named.unseen);
      const facts = await seen.facts(thing);
      if (facts === undefined) throw notThere(thing.kind, thing.key);
      const traced = seen.seesLog ? await traceBySession(ask, traceFor(facts, since)) : null;
      print(withBeginning(facts, traced?.lookedBackTo.entries ?? null), traced);
    });
    return;
  }
  await withObservation({ ...options, credentials }, null, async ({ observation, trace }) => {
    const { state } = observation.snapshot;
    const thing = thingMeant(state, word, THINGS);
    const facts = factsOf(state, thing, now);
    if (facts === undefined) throw notThere(thing.kind, thing.key);
    print(facts, await trace(traceFor(facts, since)));
  });
}

/** Says from where on the log was looked at, where that is not its beginning. */
function withBeginning(facts: Facts, from: number | null): Facts {
  if (from === null) return facts;
  const before = { what: `what the log says from before ${endText(from)}`, takes: '--credentials' };
  return { ...facts, unseen: [...facts.unseen, before] };
}

/** Nothing said with 0 would be an answer: that there is nothing to say of it. */
function notThere(kind: ThingKind, key: string): Failure {
  const next = 'Ask with the name that the vault shows.';
  return new Failure('Usage', `There is no ${kind} called ${key}.`, next);
}
