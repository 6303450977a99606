/**
 * `npm run bench -- history`: six years of the largest public organizations, each merge validated, planned and applied
 * at a vault in this process. SENESCHAL_MERGES and SENESCHAL_SEED: how many, and which.
 */
import { stat } from 'node:fs/promises';
import { MovedClock, startTestVault } from '#test/builders/vault.ts';
import { history, LARGEST, MERGES, timeBetween } from './history/history.ts';
import { type MergeFigures, Replay, sizeOf } from './history/replay.ts';
import { median, print, quantile } from './report.ts';

/** After how many merges it says how far it is. */
const TOLD_EVERY = 200;

export async function run(): Promise<void> {
  const merges = Number(process.env.SENESCHAL_MERGES ?? MERGES);
  const seed = Number(process.env.SENESCHAL_SEED ?? 1);
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const replay = new Replay(vault);
  const started = performance.now();
  const figures: MergeFigures[] = [];
  try {
    for (const merge of history(LARGEST, { merges, seed, startsAt: clock.now() })) {
      clock.advance(timeBetween(merges));
      figures.push(await replay.merge(merge));
      if (merge.number % TOLD_EVERY === 0) console.log(`  ${merge.number} of ${merges}`);
    }
    const seconds = (performance.now() - started) / 1000;
    const idle = await replay.idle();
    const { people, teams, memberships } = sizeOf(await vault.snapshot());
    const { size } = await stat(vault.database.name);
    const last = figures.slice(-100);
    const of = (some: readonly MergeFigures[], field: 'validate' | 'plan' | 'apply'): number =>
      median(some.map((one) => one[field]));
    const sum = (field: 'steps' | 'requests' | 'writes'): number =>
      figures.reduce((total, one) => total + one[field], 0);
    print(`${merges} merges in six years, seed ${seed}`, [
      { figure: 'ends at', value: `${people} people, ${teams} groups, ${memberships} memberships` },
      { figure: 'all of it', value: seconds, unit: 's' },
      { figure: 'steps', value: sum('steps') },
      { figure: 'writes', value: sum('writes') },
      { figure: 'requests a merge', value: sum('requests') / merges },
      {
        figure: 'held until the owner approved',
        value: figures.filter(({ heldBy }) => heldBy.length > 0).length,
      },
      { figure: 'validate: median of the last 100', value: of(last, 'validate'), unit: 'ms' },
      { figure: 'plan: median of the last 100', value: of(last, 'plan'), unit: 'ms' },
      { figure: 'apply: median of the last 100', value: of(last, 'apply'), unit: 'ms' },
      {
        figure: 'apply: p99 of all',
        value: quantile(
          figures.map(({ apply }) => apply),
          0.99,
        ),
        unit: 'ms',
      },
      { figure: 'left to do in the end', value: idle.left, target: '0' },
      { figure: 'requests of a pass in the end', value: idle.requests.length, target: '1' },
      { figure: 'errors of the server', value: vault.faults.length, target: '0' },
      { figure: 'database', value: size / 2 ** 20, unit: 'MiB' },
    ]);
  } finally {
    await replay.close();
  }
}
