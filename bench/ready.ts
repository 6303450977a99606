/** How soon the operator is ready, also after an API server that came up later, and what memory it takes. */
import { join } from 'node:path';
import { manifestsOf } from '../demo/cluster.ts';
import { allReady, applyAll } from './objects.ts';
import { median, print } from './report.ts';
import { openWorld } from './world.ts';

const ROUNDS = 5;
const EXAMPLE = join(import.meta.dirname, '..', 'examples', 'acme');

export async function run(): Promise<void> {
  const world = await openWorld();
  try {
    const empty = await rounds(world);
    const objects = await manifestsOf(EXAMPLE);
    for (const object of objects) {
      object.metadata.namespace = world.namespace;
      if (object.kind !== 'Organization') continue;
      const { seneschal } = (object.spec as { vault: { seneschal: Record<string, unknown> } }).vault;
      Object.assign(seneschal, { url: world.vault.url, vaultId: world.vault.vaultId });
    }
    await applyAll(world.admin, objects);
    const operator = await world.startOperator();
    const members = objects.filter(({ kind }) => kind === 'Member').length;
    await allReady(world, 'Member', members, 60);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const withObjects = await operator.figures();
    await operator.stop();
    print('operator', [
      {
        figure: 'start to ready',
        value: median(empty.map(({ ms }) => ms)),
        unit: 'ms',
        target: '1000 ms after the API server',
      },
      { figure: 'of it CPU', value: median(empty.map(({ cpu }) => cpu)) * 1000, unit: 'ms' },
      { figure: 'RSS at ready', value: median(empty.map(({ rss }) => rss)), unit: 'MiB' },
      { figure: "RSS with the demo's objects", value: withObjects.rssMiB, unit: 'MiB', target: '110 MiB' },
      { figure: "peak with the demo's objects", value: withObjects.peakMiB, unit: 'MiB', target: '110 MiB' },
    ]);
  } finally {
    await world.close();
  }
}

async function rounds(world: Awaited<ReturnType<typeof openWorld>>) {
  const figures = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const operator = await world.startOperator();
    const { rssMiB, cpuSeconds } = await operator.figures();
    figures.push({ ms: operator.readyMs, rss: rssMiB, cpu: cpuSeconds });
    await operator.stop();
  }
  return figures;
}
