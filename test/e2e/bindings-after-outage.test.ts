import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { faultyProxy } from '#test/fakes/kube-proxy.ts';
import { eventually } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareBinding, openTeam, statuses, untilReady } from './world/team.ts';

const NAMES = Array.from({ length: 20 }, (_, n) => `pod-${n}`);
const [FIRST, LATER] = ['one', 'two'].map((name) => ({
  data: [{ project: 'payments', secret: 'db-password' }],
  name,
}));

it('has one binding ask a vault that is away in place of all, keeps Ready, and wakes all when it answers', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  const { admin, namespace } = cluster;
  const port = Number(new URL(vault.url).port);
  const proxy = await faultyProxy({ host: 'localhost', port });
  const operator = await startOperator(cluster, { connectTo: { host: 'localhost', port: proxy.port } });
  const declareAll = (targets: readonly (typeof FIRST)[]) =>
    Promise.all(
      NAMES.map((name) =>
        declareBinding(cluster, name, {
          targets: targets.flatMap((target) =>
            target === undefined ? [] : [{ secretName: `${name}-${target.name}`, data: target.data }],
          ),
        }),
      ),
    );
  await declare(team, []);
  await declareAll([FIRST]);
  await untilReady(cluster, operator);

  proxy.refuse(true);
  proxy.reset();
  const syncs = () => operator.vault.filter((call) => call.startsWith('POST /sync')).length;
  const before = syncs();
  await declareAll([FIRST, LATER]);
  const isAway = () => operator.log.filter((line) => line.includes('bindings wait for it')).length;
  await eventually('the vault to be away', () => isAway() > 0 || undefined);
  // News that wakes each of them, time after time.
  for (let turn = 0; turn < 5; turn += 1) await declareAll([LATER, FIRST].slice(turn % 2, 2));
  await declareAll([FIRST, LATER]);
  await eventually('one of them to try', () => syncs() > before + 1 || undefined);
  expect(syncs() - before).toBeLessThan(NAMES.length);
  expect(isAway()).toBe(1);
  const rows = await statuses(cluster);
  const ready = rows
    .filter(({ object }) => object.startsWith('MachineBinding/'))
    .map(({ conditions }) => conditions.find(({ type }) => type === 'Ready')?.status);
  expect(new Set(ready)).toEqual(new Set(['True']));

  proxy.refuse(false);
  const secrets = async () =>
    (await admin.list(SECRETS, { namespace })).items.map(({ metadata }) => metadata.name);
  await eventually(
    'all of them to be written',
    async () => {
      const there = await secrets();
      return NAMES.every((name) => there.includes(`${name}-two`)) || undefined;
    },
    { seconds: 30, explain: async () => operator.log },
  );
  await untilReady(cluster, operator);
  await operator.stop();
  await proxy.close();
}, 120_000);
