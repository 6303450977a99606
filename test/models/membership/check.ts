/** Histories by fast-check: random ones, and one that failed as a test that can be pasted. */
import fc from 'fast-check';
import { seedOfRun } from '../../e2e/world/random.ts';
import { arbitraryStart, COMMANDS } from './arbitrary-commands.ts';
import type { Command, Start } from './commands.ts';
import { History, type OpenVault } from './history.ts';

/** A command as fast-check runs it: what changes nothing is left out, and shrinks away. */
class Told implements fc.AsyncCommand<object, History> {
  readonly command: Command;

  constructor(command: Command) {
    this.command = command;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, history: History): Promise<void> {
    if (await history.isPossible(this.command)) await history.take(this.command);
    if (history.faults.length > 0) throw new Error(history.faults.join('\n'));
  }

  toString(): string {
    return `\n    ${literal(this.command)}`;
  }
}

const told = COMMANDS.flatMap(([weight, command]) =>
  Array.from({ length: weight }, () => command.map((one) => new Told(one))),
);

/** How many histories a run of all has: SENESCHAL_HISTORIES, or 2,000; `share` of them, one at least. */
export function runsOf(share: number): number {
  return Math.max(1, Math.round(Number(process.env.SENESCHAL_HISTORIES ?? 2000) * share));
}

/** `runs` random histories of at most `commands` each; throws with the shortest that was found to fail. */
export async function checkHistories(
  open: OpenVault,
  { runs, commands, name }: { readonly runs: number; readonly commands: number; readonly name: string },
): Promise<void> {
  const seed = seedOfRun();
  console.log(`${name}: SENESCHAL_SEED=${seed}, ${runs} runs`);
  const property = fc.asyncProperty(
    arbitraryStart,
    fc.commands(told, { maxCommands: commands, size: 'max' }),
    async (start, happens) => {
      await using history = await History.begin(open, start);
      await fc.asyncModelRun(() => ({ model: {}, real: history }), happens);
      const faults = await history.rest();
      if (faults.length > 0) throw new Error(faults.join('\n'));
    },
  );
  const checked = await fc.check(property, { seed, numRuns: runs });
  if (!checked.failed) return;
  const [start, happens] = checked.counterexample ?? [];
  const path = `seed ${seed}, path ${checked.counterexamplePath}, after ${checked.numRuns} runs`;
  const cause = (checked.errorInstance as Error | null)?.message ?? 'interrupted';
  throw new Error(`${cause}\n\n${path}. As a test:\n\n${asTest(start as Start, String(happens))}`);
}

/** What is pasted into replays.test.ts. */
function asTest(start: Start, commands: string): string {
  const happened = commands.replace(/ ?\/\*replayPath.*$/, '').trim();
  return [
    "test('what happened, in a sentence', async () => {",
    `  const start: Start = ${literal(start)};`,
    '  expect(await faultsOf(openOracle, start, [',
    ...(happened === '' ? [] : [`    ${happened},`]),
    '  ])).toEqual([]);',
    '});',
  ].join('\n');
}

/** A value as TypeScript has it. */
function literal(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/"([a-z]\w*)":/gi, ' $1: ')
    .replaceAll('"', "'")
    .replaceAll(/([^{])\}/g, '$1 }');
}

/** What was done against the rules in one history, and what is not as it must be in the end. */
export async function faultsOf(
  open: OpenVault,
  start: Start,
  commands: readonly Command[],
): Promise<readonly string[]> {
  await using history = await History.begin(open, start);
  for (const command of commands) {
    if (await history.isPossible(command)) await history.take(command);
  }
  return history.rest();
}
