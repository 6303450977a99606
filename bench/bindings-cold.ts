/** Bindings with a key of their own each: key issued, registered, granted, and one target of five keys synced. */
import { allReady, applyAll, binding, organization, project } from './objects.ts';
import { figuresOf } from './process-figures.ts';
import { print } from './report.ts';
import { openWorld } from './world.ts';

const BINDINGS = 1_000;

export async function run(): Promise<void> {
  const world = await openWorld();
  try {
    const populating = await world.startOperator();
    await applyAll(world.admin, [organization(world), project(world, 'shared', 5)]);
    await allReady(world, 'Project', 1);
    await populating.stop();
    const names = Array.from({ length: BINDINGS }, (_, index) => `b-${index}`);
    await applyAll(
      world.admin,
      names.map((name) => binding(world, name, 'shared', 1)),
    );
    const revision = await world.revision();
    const vaultBefore = await figuresOf(world.vault.pid);
    const started = performance.now();
    const operator = await world.startOperator();
    await allReady(world, 'MachineBinding', BINDINGS);
    const seconds = (performance.now() - started) / 1000;
    const [{ peakMiB, cpuSeconds }, requests, written, vault] = await Promise.all([
      operator.figures(),
      operator.requests(),
      world.revision(),
      figuresOf(world.vault.pid),
    ]);
    await operator.stop();
    print(`${BINDINGS} bindings, each with a key of its own and one target of five keys`, [
      { figure: 'from start to all Ready', value: seconds, unit: 's', target: '30 s' },
      { figure: 'API requests a binding', value: requests.api / BINDINGS, target: '9' },
      { figure: 'etcd writes a binding', value: (written - revision) / BINDINGS },
      {
        figure: 'vault requests per 100 bindings',
        value: (requests.vault / BINDINGS) * 100,
        target: '10',
      },
      { figure: 'operator, peak RSS', value: peakMiB, unit: 'MiB' },
      { figure: 'operator, CPU', value: cpuSeconds, unit: 's' },
      { figure: 'vault, CPU', value: vault.cpuSeconds - vaultBefore.cpuSeconds, unit: 's' },
    ]);
    console.log(`  requests: ${JSON.stringify(requests.apiByVerb)} ${JSON.stringify(requests.vaultByRoute)}`);
  } finally {
    await world.close();
  }
}
