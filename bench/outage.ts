/**
 * The vault is away for a minute while people change what they declare: how long after its return until each binding has what
 * it declares, and the value that was set meanwhile. Calls for values and requests to the API server are those of the outage.
 */
import { createWatcher, SECRETS } from '#kube/kube.ts';
import { faultyProxy } from '#test/fakes/kube-proxy.ts';
import { allReady, applyAll, object, organization, project } from './objects.ts';
import { print, quantile } from './report.ts';
import { setter } from './setter.ts';
import { openWorld, type World } from './world.ts';

const BINDINGS = 1_000;
const SECONDS = 60;
/** Bindings that are edited each second, so that each one is a few times. */
const EDITED = 50;

export async function run(): Promise<void> {
  const world = await openWorld();
  const stop = new AbortController();
  const proxy = await faultyProxy({ host: 'localhost', port: Number(new URL(world.vault.url).port) });
  try {
    const operator = await world.startOperator('--connect-to', `localhost:${proxy.port}`);
    const bindings = (turn: number) =>
      Array.from({ length: BINDINGS }, (_, index) => edited(world, `b-${index}`, turn));
    await applyAll(world.admin, [organization(world), project(world, 'shared', 5), ...bindings(0)]);
    await allReady(world, 'MachineBinding', BINDINGS);
    const set = await setter(world);

    proxy.refuse(true);
    proxy.reset();
    const before = await operator.requests();
    for (let second = 0; second < SECONDS; second += 1) {
      const at = performance.now();
      const first = (second * EDITED) % BINDINGS;
      const turn = 1 + Math.floor((second * EDITED) / BINDINGS);
      await applyAll(world.admin, bindings(turn).slice(first, first + EDITED));
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1_000 - (performance.now() - at))));
    }
    await set('set while it was away');
    const after = await operator.requests();

    const seen = new Map<string, number>();
    const all = Promise.withResolvers<void>();
    const watcher = createWatcher({ client: world.admin, type: SECRETS, namespace: world.namespace });
    watcher.onChange(({ type, object: { metadata } }) => {
      if (type !== 'modified' || !/^b-\d+-0$/.test(metadata.name)) return;
      seen.set(metadata.name, performance.now());
      if (seen.size === BINDINGS) all.resolve();
    });
    watcher.start(stop.signal);
    const back = performance.now();
    proxy.refuse(false);
    await all.promise;
    const took = [...seen.values()].map((at) => at - back);
    const { peakMiB } = await operator.figures();
    print(`${BINDINGS} bindings, the vault away for ${SECONDS} s while ${EDITED} a second are edited`, [
      { figure: 'back, the first', value: Math.min(...took) / 1_000, unit: 's' },
      { figure: 'back, median', value: quantile(took, 0.5) / 1_000, unit: 's' },
      { figure: 'back, the last', value: Math.max(...took) / 1_000, unit: 's', target: '5 s' },
      { figure: 'calls to the vault meanwhile', value: after.vault - before.vault },
      { figure: 'requests to the API server meanwhile', value: after.api - before.api },
      { figure: 'operator, peak RSS', value: peakMiB, unit: 'MiB' },
    ]);
    await operator.stop();
  } finally {
    stop.abort();
    await proxy.close();
    await world.close();
  }
}

/** A binding of which each turn declares something else: another key in its target. */
function edited(world: World, name: string, turn: number) {
  const secrets = Array.from({ length: 5 }, (_, index) => `s-${index}`);
  return object(world, 'MachineBinding', name, {
    machineName: name,
    projects: [{ name: 'shared', secrets }],
    key: { secretName: `${name}-key` },
    targets: [
      {
        secretName: `${name}-0`,
        data: [
          ...secrets.map((secret) => ({ project: 'shared', secret })),
          { project: 'shared', secret: 's-0', key: `turn-${turn}` },
        ],
      },
    ],
  });
}
