import { distance } from 'fastest-levenshtein';

/** The one of `names` that is at most two letters from the word, and not the word itself; undefined: none is. */
export function closeTo(word: string, names: readonly string[]): string | undefined {
  const near = names
    .map((name) => ({ name, letters: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, letters }) => name !== word && letters <= Math.min(2, Math.floor(name.length / 2)))
    .sort((a, b) => a.letters - b.letters);
  return near[0]?.name;
}
