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
          const text = JSON.stringify(reached);
          if (seen.has(text)) continue;
          seen.add(text);
          // Not `expect` for each: there are tens of thousands.
          if (broken(reached) !== undefined) expect.fail(`${broken(reached)}: ${text}`);
          next.push(reached);
        }
      }
    }
    frontier = next;
  }
  return seen.size;
}
