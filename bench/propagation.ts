/**
 * A value changes at the vault, and up to 100 targets follow: from the answer to whoever set the value to the
 * moment at which a watcher of the Secrets sees each one changed.
 */
import { createWatcher, SECRETS } from '#kube/kube.ts';
import { allReady, applyAll, object, organization, project } from './objects.ts';
import { print, quantile } from './report.ts';
import { setter } from './setter.ts';
import { openWorld, type World } from './world.ts';

const ROUNDS = 20;

export async function run(): Promise<void> {
  const rows = [];
  for (const [targets, perBinding] of [
    [1, 1],
    [100, 100],
    [100, 1],
  ] as const) {
    const { one, last } = await measure(targets, perBinding);
    const what = `${targets} target${targets === 1 ? '' : 's'}, ${perBinding} a binding`;
    rows.push(
      { figure: `${what}: p50`, value: quantile(one, 0.5), unit: 'ms' },
      { figure: `${what}: p99`, value: quantile(one, 0.99), unit: 'ms', target: '1000 ms' },
      { figure: `${what}: the last one, median`, value: quantile(last, 0.5), unit: 'ms' },
    );
  }
  print(`a changed value in the Secret, ${ROUNDS} changes`, rows);
}

async function measure(targets: number, perBinding: number) {
  const world = await openWorld();
  const stop = new AbortController();
  try {
    const operator = await world.startOperator();
    const bindings = targets / perBinding;
    await applyAll(world.admin, [
      organization(world),
      project(world, 'shared', 5),
      ...Array.from({ length: bindings }, (_, index) => sharing(world, `b-${index}`, perBinding)),
    ]);
    await allReady(world, 'MachineBinding', bindings);
    const set = await setter(world);
    let seen: (() => void) | undefined;
    const watcher = createWatcher({ client: world.admin, type: SECRETS, namespace: world.namespace });
    watcher.onChange(({ type, object: { metadata } }) => {
      if (type === 'modified' && /^b-\d+-\d+$/.test(metadata.name)) seen?.();
    });
    watcher.start(stop.signal);
    const one: number[] = [];
    const last: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Apart from each other, as changes of people are.
      await new Promise((resolve) => setTimeout(resolve, 200 + 17 * round));
      const all = Promise.withResolvers<void>();
      const times: number[] = [];
      let answered = 0;
      seen = () => {
        times.push(performance.now());
        if (times.length === targets) all.resolve();
      };
      await set(`value-${round}`);
      answered = performance.now();
      await all.promise;
      // A target may follow before the answer is read.
      const took = times.map((at) => Math.max(0, at - answered));
      one.push(...took);
      last.push(Math.max(...took));
    }
    await operator.stop();
    return { one, last };
  } finally {
    stop.abort();
    await world.close();
  }
}

/** A binding whose targets hold the same five secrets. */
function sharing(world: World, name: string, targets: number) {
  const secrets = Array.from({ length: 5 }, (_, index) => `s-${index}`);
  return object(world, 'MachineBinding', name, {
    machineName: name,
    projects: [{ name: 'shared', secrets }],
    key: { secretName: `${name}-key` },
    targets: Array.from({ length: targets }, (_, target) => ({
      secretName: `${name}-${target}`,
      data: secrets.map((secret) => ({ project: 'shared', secret })),
    })),
  });
}
