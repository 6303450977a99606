import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { said } from '#test/unit/controllers/organization/pass.ts';
import { eventually, testCluster } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';

const VAULT = {
  seneschal: {
    credentialsSecretRef: { name: 'vault-credentials' },
  },
} as const;

it('says which command enables the namespace, then which Secret and what in it is missing, then that the vault is unreachable', async () => {
  const cluster = await testCluster();
  const operator = await startOperator(cluster);
  await cluster.apply('Organization', 'acme', { vault: VAULT });
  const until = (reason: string) =>
    eventually(
      reason,
      async () => {
        const { status } = await cluster.read('Organization', 'acme');
        return status?.conditions?.some((condition) => condition.reason === reason) ? status : undefined;
      },
      { explain: async () => [(await cluster.read('Organization', 'acme')).status, operator.log] },
    );

  const forbidden = await until('NamespaceNotEnabled');
  expect(said(forbidden.conditions ?? [])).toEqual([
    'Connected=False/NamespaceNotEnabled',
    'Ready=False/NamespaceNotEnabled',
    'Stalled=True/NamespaceNotEnabled',
  ]);
  expect(forbidden.conditions?.[0]?.message).toContain('kubectl create rolebinding');

  await cluster.enable();
  const missing = await until('CredentialsMissing');
  expect(said(missing.conditions ?? [])).toEqual([
    'Connected=False/CredentialsMissing',
    'Ready=False/CredentialsMissing',
    'Reconciling=True/CredentialsMissing',
  ]);

  const { privateKey } = generateKeyPairSync('ed25519');
  const identity = {
    'automation-id': 'auto_1',
    'private.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  await cluster.secret('vault-credentials', identity);
  const incomplete = await eventually('the message about the Secret', async () => {
    const { status } = await cluster.read('Organization', 'acme');
    return status?.conditions?.find(({ message }) => message?.includes('has no url'));
  });
  expect(incomplete.message).toContain('`seneschal vault automation create NAME --credentials FOLDER`');

  const address = { url: 'http://localhost:9', 'vault-id': 'vault_0123456789abcdef' };
  await cluster.secret('vault-credentials', { ...identity, ...address });
  const unreachable = await until('Unreachable');
  expect(said(unreachable.conditions ?? [])).toEqual([
    'Connected=False/Unreachable',
    'Ready=False/Unreachable',
    'Reconciling=True/Unreachable',
  ]);
  expect(unreachable.conditions?.[0]?.message, 'no word of the port').not.toMatch(/ECONN|refused|timeout/i);
  // The log comes by a pipe, which may be behind the status.
  await eventually('the reason in the log, for whoever runs the operator', async () =>
    operator.log.join('\n').includes('ECONNREFUSED') ? true : undefined,
  );
});
