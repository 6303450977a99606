/** A minute in which nothing happens, and a restart in it. `--large`: with 10,000 targets in place of 1,000. */
import { allReady, applyAll, binding, organization, project } from './objects.ts';
import { print } from './report.ts';
import { openWorld } from './world.ts';

const PER_BINDING = 100;
const MINUTE = 60_000;

export async function run(): Promise<void> {
  const targets = process.argv.includes('--large') ? 10_000 : 1_000;
  const names = Array.from({ length: targets / PER_BINDING }, (_, index) => `b-${index}`);
  const world = await openWorld();
  try {
    const operator = await world.startOperator();
    await applyAll(world.admin, [
      organization(world),
      ...names.map((name) => project(world, `p-${name}`, PER_BINDING * 5)),
      ...names.map((name) => binding(world, name, `p-${name}`, PER_BINDING)),
    ]);
    await allReady(world, 'MachineBinding', names.length);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const [before, revisionBefore, figuresBefore] = [
      await operator.requests(),
      await world.revision(),
      await operator.figures(),
    ];
    await new Promise((resolve) => setTimeout(resolve, MINUTE));
    const after = await operator.requests();
    const [revision, figures] = [await world.revision(), await operator.figures()];
    print(`a minute of nothing, ${targets} targets`, [
      { figure: 'vault requests', value: after.vault - before.vault, target: '2 (long polls)' },
      {
        figure: 'API requests',
        value: after.api - before.api,
        target: "the leader's lease: 6, and watches that end",
      },
      { figure: 'etcd writes', value: revision - revisionBefore, target: "the leader's lease: 6" },
      { figure: 'operator, CPU', value: (figures.cpuSeconds - figuresBefore.cpuSeconds) * 1000, unit: 'ms' },
      { figure: 'operator, RSS', value: figures.rssMiB, unit: 'MiB' },
    ]);
    console.log(`  API: ${difference(after.apiByVerb, before.apiByVerb)}`);
    console.log(`  vault: ${difference(after.vaultByRoute, before.vaultByRoute)}`);
    await operator.stop();
  } finally {
    await world.close();
  }
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): string {
  return Object.entries(after)
    .map(([name, count]) => `${name} ${count - (before[name] ?? 0)}`)
    .filter((text) => !text.endsWith(' 0'))
    .join(', ');
}
