import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SECRETS, type Secret } from '#kube/kube.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { eventually, type TestCluster } from './world/cluster.ts';
import { declareBinding, declareMember, readyTeam, untilReady, untilSays } from './world/team.ts';

const organizationRef = { name: 'acme' };
const secrets = [{ name: 'db-password', generator: { length: 24 } }];

function filesOf({ data = {} }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString('utf8')]),
  );
}

const secretOf = ({ admin, namespace }: TestCluster, name: string): Promise<Secret> =>
  admin.get(SECRETS, { namespace, name });

/** Reads as a pod does until it is told to end; answers the hashes of what was read. */
async function reading(secret: Secret, id: string): Promise<() => Promise<readonly string[]>> {
  const client = MachineClient.fromFiles(filesOf(secret));
  const read = new Set<string>();
  let isOver = false;
  const loop = (async () => {
    while (!isOver)
      read.add(
        createHash('sha256')
          .update(await client.secret(id))
          .digest('hex'),
      );
  })();
  return async () => {
    isOver = true;
    await loop;
    return [...read];
  };
}

it('a project renamed in one commit with what names it keeps its values, and machines read on (P2)', async () => {
  const team = await readyTeam(['alice'], 'checkout');
  const { cluster, vault, operator } = team;
  await declareMember(cluster, 'alice', { grants: [{ project: 'payments', access: 'Read' }] });
  await untilReady(cluster, operator);
  const before = await vault.observe();
  const [secret] = before.secrets;
  const target = await secretOf(cluster, 'checkout-env');
  const end = await reading(await secretOf(cluster, 'checkout-key'), secret?.id ?? '');
  const entries = (await vault.audit()).length;

  // As Flux applies a commit: all objects, and then the prune.
  await cluster.apply('Project', 'billing', { organizationRef, renamedFrom: 'payments', secrets });
  await declareBinding(cluster, 'checkout', {
    projects: [{ name: 'billing', secrets: ['db-password'] }],
    targets: [{ secretName: 'checkout-env', data: [{ project: 'billing', secret: 'db-password' }] }],
  });
  await declareMember(cluster, 'alice', { grants: [{ project: 'billing', access: 'Read' }] });
  await untilSays(cluster, 'Project/billing', 'Ready=False/RenameWaiting', operator);
  await cluster.remove('Project', 'payments');
  await eventually('the rename', async () => {
    const { projects } = await vault.observe();
    return projects.some(({ name }) => name === 'billing') || undefined;
  });
  await untilReady(cluster, operator);

  const after = await vault.observe();
  expect(after.secrets).toEqual([{ ...secret, project: 'billing' }]);
  expect(after.machines).toMatchObject([{ access: [{ project: 'billing', secrets: ['db-password'] }] }]);
  expect(await end()).toHaveLength(1);
  const kept = await secretOf(cluster, 'checkout-env');
  expect([kept.metadata.uid, kept.data]).toEqual([target.metadata.uid, target.data]);
  const acts = (await vault.audit()).slice(entries).map(({ action }) => action);
  expect(
    acts.filter((action) => /^(project|member|machine\.(access|disabled|revoked))/.test(action)),
  ).toEqual(['project.updated']);
}, 120_000);
