import { expect } from 'vitest';
import { after, broken, MOVES, type Model } from './key-model.ts';

/** Looks at every state that two leaders can reach from one, and fails at one that breaks a rule; how many there are. */
export function statesReached(from: Model): number {
  let frontier: Model[] = [from];
  const seen = new Set<string>();
  while (frontier.length > 0) {
    const next: Model[] = [];
    for (const model of frontier) {
      for (const leader of [0, 1]) {
        for (const move of MOVES) {
          const reached = after(model, leader, move);
          const text = textOf(reached);
          if (seen.has(text)) continue;
          seen.add(text);
          // Not `expect` for each: there are tens of thousands.
          if (broken(reached) !== undefined) expect.fail(`${broken(reached)}: ${JSON.stringify(reached)}`);
          next.push(reached);
        }
      }
    }
    frontier = next;
  }
  return seen.size;
}

/** The same for both of two states that differ only in which leader is which: one of them stands for the other. */
function textOf({ staged, mounted, registered, uids, leaders }: Model): string {
  const [one = '', other = ''] = leaders.map(leaderText);
  const keys = registered.map(({ fingerprint }) => fingerprint).join();
  const both = one < other ? `${one} ${other}` : `${other} ${one}`;
  return `${storedText(staged)} ${storedText(mounted)} ${keys} ${uids} ${both}`;
}

function leaderText({
  cached,
  accepted,
  inHand,
  seenVacant,
  read,
  offered,
}: Model['leaders'][number]): string {
  const texts = [cached.staged, cached.mounted, inHand, read.staged, read.mounted].map(storedText);
  return `${texts.join()};${accepted.join()};${seenVacant};${offered?.fingerprint}`;
}

function storedText(stored: Model['staged'] | undefined): string {
  return stored === null || stored === undefined ? `${stored}` : `${stored.fingerprint}/${stored.uid}`;
}
