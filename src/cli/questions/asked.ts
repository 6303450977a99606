/** What the commands that ask a vault share: which thing a word means, times, and how an answer is printed. */
import { unseenText } from '#questions/explain-text.ts';
import type { Unseen } from '#questions/facts.ts';
import { type Named, type Thing, type ThingKind, thingsCalled } from '#questions/thing.ts';
import type { ProviderOptions } from '../gitops/vault-provider.ts';
import { type Output, printAnswer } from '../terminal/answer.ts';
import { Failure } from '../terminal/failure.ts';

export interface AskOptions extends ProviderOptions {
  readonly output: Output;
}

/**
 * The thing of one of these kinds that a word means. `unseen`: what whoever asks may not see. Throws Failure where there is
 * none, or several.
 */
export function thingMeant<Kind extends ThingKind>(
  named: Named,
  word: string,
  kinds: readonly Kind[],
  unseen: readonly Unseen[] = [],
): Thing<Kind> {
  const found = thingsCalled(named, word).filter((thing): thing is Thing<Kind> =>
    (kinds as readonly string[]).includes(thing.kind),
  );
  const [first, ...others] = found;
  if (first === undefined) {
    const none = `There is no ${kinds.join(', ')} called ${word}`;
    throw unseen.length === 0
      ? new Failure(
          'Usage',
          `${none}.`,
          'A person is an e-mail, a secret PROJECT/NAME, a key its fingerprint (16 digits or more), everything else a name as the vault shows it.',
        )
      : new Failure(
          'Usage',
          `${none} that you may see. You may not see ${unseen.map(unseenText).join(', ')}.`,
          'Ask somebody who may, or give --credentials of an automation identity.',
        );
  }
  if (others.length === 0) return first;
  const all = found.map(({ kind, key }) => `${kind}:${key}`).join(', ');
  throw new Failure('Usage', `${word} may be ${all}.`, 'Say which, in one of these forms.');
}

/** `30d`, `12h`, or a time as RFC 3339 writes it; milliseconds since the epoch. Throws Failure. */
export function timeBefore(text: string, now: number, option: string): number {
  const [, count, unit] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  if (count !== undefined) {
    const time = now - Number(count) * (unit === 'd' ? 86_400_000 : 3_600_000);
    return Math.max(0, time - (time % 1000));
  }
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(time)) return Math.max(0, time);
  throw new Failure(
    'Usage',
    `${option} ${text} is no time.`,
    'Give days or hours (30d, 12h), or a time as RFC 3339 writes it.',
  );
}

/** `schemaVersion` stands first, so that whoever reads it knows what follows. */
export function printVersioned(output: Output, answer: object, text: () => string): void {
  printAnswer(output, { schemaVersion: 1, ...answer }, text);
}
