import { expect, it } from 'vitest';
import { ORGANIZATIONS, resourceType } from '#controllers/resources.ts';
import { SECRETS } from '#kube/kube.ts';
import { eventually, type TestCluster } from './world/cluster.ts';
import { startOperator, writesOf } from './world/operator.ts';
import { readyTeam } from './world/team.ts';

const KINDS = ['PermissionTemplate', 'Project', 'Member', 'MachineBinding'] as const;

/** Of everything that the operator could write, but the Organization that is touched. */
async function versions({ admin, namespace }: TestCluster): Promise<string[]> {
  const lists = await Promise.all([
    ...KINDS.map((kind) => admin.list(resourceType(kind), { namespace })),
    admin.list(SECRETS, { namespace }),
  ]);
  return lists.flatMap(({ items }) =>
    items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`),
  );
}

it('writes nothing anywhere in a pass that finds nothing to do, and asks the vault once (304)', async () => {
  const { cluster, operator } = await readyTeam(['alice', 'bob'], 'checkout');
  await untilQuiet(operator.vault);

  const touch = async (value: string): Promise<void> => {
    operator.kube.length = 0;
    operator.vault.length = 0;
    await cluster.admin.patch(
      ORGANIZATIONS,
      { namespace: cluster.namespace, name: 'acme' },
      { metadata: { labels: { touched: value } } },
    );
    await eventually('a pass', () => (operator.vault.length > 0 ? true : undefined));
    await untilQuiet(operator.vault);
  };
  // The first may have to prove an audit head that the syncing of values has moved (A3).
  await touch('once');
  const before = await versions(cluster);
  await touch('again');
  expect(operator.vault).toEqual(['GET /snapshot 304']);
  expect(writesOf(operator.kube)).toEqual([]);
  expect(operator.kube.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([]);
  expect(await versions(cluster)).toEqual(before);
});

it('writes nothing after a restart: it reads, takes the lease of the vault, and finds everything done', async () => {
  const { cluster, operator: first } = await readyTeam(['alice', 'bob'], 'checkout');
  await untilQuiet(first.vault);
  await first.stop();

  const before = await versions(cluster);
  const second = await startOperator(cluster);
  await eventually('a pass', () => (second.vault.includes('GET /snapshot 200') ? true : undefined));
  await untilQuiet(second.vault);
  expect(writesOf(second.kube)).toEqual([]);
  expect(second.vault.filter((request) => request.startsWith('POST'))).toEqual(['POST /lease 200']);
  expect(await versions(cluster)).toEqual(before);
});

/** No request for half a second: the passes that the last writes woke are through. */
async function untilQuiet(requests: readonly string[]): Promise<void> {
  let seen = -1;
  let since = Date.now();
  await eventually('the operator to be quiet', () => {
    if (requests.length !== seen) {
      seen = requests.length;
      since = Date.now();
    }
    return Date.now() - since > 500 ? true : undefined;
  });
}
