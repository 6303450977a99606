import { expect, it } from 'vitest';
import { ORGANIZATIONS, resourceType } from '../../src/controllers/resources.ts';
import { SECRETS } from '../../src/kube/kube.ts';
import { eventually, type TestCluster } from './world/cluster.ts';
import { startOperator, writesOf } from './world/operator.ts';
import { declare, declareBinding, openTeam, untilReady } from './world/team.ts';

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
  const team = await openTeam();
  const { cluster } = team;
  const operator = await startOperator(cluster);
  await declare(team, ['alice', 'bob']);
  await declareBinding(cluster, 'checkout');
  await untilReady(cluster, operator);
  await untilQuiet(operator.vault);

  const before = await versions(cluster);
  operator.kube.length = 0;
  operator.vault.length = 0;
  await cluster.admin.patch(
    ORGANIZATIONS,
    { namespace: cluster.namespace, name: 'acme' },
    { metadata: { labels: { touched: 'yes' } } },
  );
  await eventually('a pass', () => (operator.vault.length > 0 ? true : undefined));
  await untilQuiet(operator.vault);
  expect(operator.vault).toEqual(['GET /snapshot 304']);
  expect(writesOf(operator.kube)).toEqual([]);
  expect(operator.kube.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([]);
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
