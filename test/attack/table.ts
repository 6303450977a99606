/** The table that `npm run attack` ends with. Pure. */
import type { AttackMeta } from './attack.ts';
import type { Outcome } from './outcome.ts';

/** One half that ran, or was to. */
export interface Ran {
  readonly file: string;
  readonly meta: AttackMeta;
  readonly passed: boolean;
}

const HEAD = ['actor', 'attack', 'refused with', 'rule', 'control: the same with'] as const;
const LONGEST = 58;

/** A line a scenario, in the order of actors and names; red says what is not as it has to be. */
export function attackTable(halves: readonly Ran[]): string {
  const rows = scenarios(halves).map(({ attack, control }) => {
    const { actor, name, rule, permittedBy } = (attack ?? control)!.meta;
    return [
      actor,
      name,
      attack?.passed === true ? summary(attack.meta.outcomes) : 'NOT SHOWN',
      rule,
      control?.passed === true
        ? `${permittedBy}: ${summary(control.meta.outcomes)}`
        : `${permittedBy}: NOT SHOWN`,
    ];
  });
  return aligned([HEAD, ...rows]);
}

/** Names of the scenarios of which a half failed, was skipped, or is missing. */
export function redScenarios(halves: readonly Ran[]): string[] {
  return scenarios(halves)
    .filter(({ attack, control }) => attack?.passed !== true || control?.passed !== true)
    .map(({ attack, control }) => (attack ?? control)!.meta.name);
}

interface Pair {
  readonly attack: Ran | undefined;
  readonly control: Ran | undefined;
}

function scenarios(halves: readonly Ran[]): Pair[] {
  const keyOf = ({ meta, file }: Ran): string => JSON.stringify([meta.actor, meta.name, file]);
  return [...Map.groupBy(halves, keyOf)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, of]) => ({
      attack: of.find(({ meta }) => meta.half === 'attack'),
      control: of.find(({ meta }) => meta.half === 'control'),
    }));
}

/** `403 Forbidden x 41, 404 NotFound x 3`. */
function summary(outcomes: readonly Outcome[]): string {
  return [...Map.groupBy(outcomes, ({ text }) => text)]
    .map(([text, { length }]) => (length === 1 ? text : `${text} x ${length}`))
    .join(', ');
}

/** Columns as wide as their texts, but not wider than fits; a longer text goes on in the next line. */
function aligned(rows: readonly (readonly string[])[]): string {
  const wrapped = rows.map((row) => row.map((text) => wrap(text)));
  const widths = HEAD.map((_, at) =>
    Math.max(...wrapped.flatMap((row) => row[at]!.map((line) => line.length))),
  );
  return wrapped
    .flatMap((row, index) => {
      const height = Math.max(...row.map(({ length }) => length));
      const lines = Array.from({ length: height }, (_, line) =>
        widths
          .map((width, at) => (row[at]![line] ?? '').padEnd(width))
          .join('  ')
          .trimEnd(),
      );
      return index === 0 ? [...lines, widths.map((width) => '-'.repeat(width)).join('  ')] : lines;
    })
    .join('\n');
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > LONGEST) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
