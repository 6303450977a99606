import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { startOperator } from '#test/e2e/world/operator.ts';
import { declare, declareBinding, openTeam, untilReady } from '#test/e2e/world/team.ts';
import { until } from '#test/fakes/kube-until.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { textOf } from './world.ts';

test('a value that is set at the vault follows into the target, and a pod reads it by the files of the key Secret alone', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  const operator = await startOperator(cluster);
  await declare(team, []);
  await declareBinding(cluster, 'checkout');
  await untilReady(cluster, operator);
  const at = (name: string) => ({ namespace: cluster.namespace, name });
  operator.kube.length = 0;

  await vault.setSecret('payments', 'db-password', 'set by a person');
  await until('the target follows', async () => {
    return textOf(await cluster.admin.find(SECRETS, at('checkout-env')), 'db-password') === 'set by a person';
  });

  const folder = join(await testFolder(), 'identity');
  mkdirSync(folder, { mode: 0o700 });
  const { data = {} } = await cluster.admin.get(SECRETS, at('checkout-key'));
  for (const [file, value] of Object.entries(data))
    writeFileSync(join(folder, file), Buffer.from(value, 'base64'));
  const client = MachineClient.fromFolder(folder);
  const { body } = await client.send('GET', '/v1/secrets');
  const [secret] = (body as { secrets: { id: string; name: string }[] }).secrets;
  expect(secret?.name).toBe('db-password');
  expect(await client.send('GET', `/v1/secret/${secret?.id}`)).toEqual({
    status: 200,
    body: { value: 'set by a person' },
  });

  const said = JSON.stringify([operator.log, await cluster.list('MachineBinding'), await vault.log()]);
  expect(said).not.toContain('set by a person');
});

test('bindings that come together cost six requests for Secrets each, and their values come in few calls', async () => {
  const team = await openTeam();
  const { cluster } = team;
  await declare(team, []);
  const bindings = 30;
  for (let n = 0; n < bindings; n += 1) await declareBinding(cluster, `machine-${n}`);
  const operator = await startOperator(cluster);
  await untilReady(cluster, operator);

  const ofOne = operator.kube.filter(
    ({ resource, name }) => resource === 'secrets' && name?.startsWith('machine-7-'),
  );
  expect(ofOne.map(({ verb, name, code }) => `${verb} ${name} ${code}`)).toEqual([
    'get machine-7-key 404',
    'create machine-7-key-next 201',
    'get machine-7-key 404',
    'create machine-7-key 201',
    'delete machine-7-key-next 200',
    'create machine-7-env 201',
  ]);
  const ofAll = operator.kube.filter(
    ({ resource, name }) => resource === 'secrets' && name?.startsWith('machine-'),
  );
  expect(ofAll).toHaveLength(6 * bindings);
  expect(operator.vault.filter((request) => request.startsWith('POST /sync')).length).toBeLessThanOrEqual(10);
});
