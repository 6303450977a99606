/** A vault that moves under an organization of many bindings. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Spec } from '#api/v1alpha1/kinds.ts';
import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import { SECRETS, type Secret } from '#kube/kube.ts';
import type { OrganizationState } from '#model/organization.ts';
import { credentialsFiles } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';
import { MANAGER, ROOT_KEY, startTestVault, TestVault } from '#test/builders/vault.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { DIRECT, type Network } from '#vault/http/network.ts';
import { backUp } from '#vault/upkeep/backup.ts';
import { restore } from '#vault/upkeep/restore.ts';
import { type TestCluster, testCluster } from './cluster.ts';
import { type RunningOperator, startOperator } from './operator.ts';

const organizationRef = { name: 'acme' };

/** A vault whose certificate is for names of `vault.test`, none of which leads anywhere. */
export async function vaultAt(...audiences: readonly string[]): Promise<TestVault> {
  const network = named(audiences);
  const vault = await startTestVault({ network, listener: { tls: localhostCertificate() } });
  onTestFinished(() => vault[Symbol.asyncDispose]());
  return vault;
}

/** The same vault on another server, restored there from a backup that is made now. */
export async function restoredAt(vault: TestVault, ...audiences: readonly string[]): Promise<TestVault> {
  const folder = await testFolder();
  const [from, database] = [join(folder, 'vault.backup'), join(folder, 'vault.db')];
  await backUp(vault.database.name, from);
  const cipher = new SecretCipher(ROOT_KEY);
  const { done } = await restore({ from, database, cipher, force: false, now: Date.now() });
  if (!done) throw new Error('the backup was not restored');
  const restored = new TestVault({
    ...vault,
    folder,
    database: { ...vault.database, name: database },
    network: named(audiences),
    server: vault.server,
  });
  restored.server = await restored.replica();
  onTestFinished(() => restored.server.stop());
  return restored;
}

function named(audiences: readonly string[]): Network {
  return { ...DIRECT, publicUrl: audiences[0] ?? null, audiences: new Set(audiences) };
}

/** The credentials of the Organization lead to the vault, under that name of it. */
export function connectBy(cluster: TestCluster, vault: TestVault, url: string): Promise<void> {
  const address = { url, vaultId: vault.vaultId };
  const { identity } = vault;
  const files = credentialsFiles({
    address,
    ca: localhostCertificate().cert,
    automationId: identity.id,
    privateKey: identity.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
  return cluster.secret('vault-credentials', files);
}

/** What the vault has, observed under that name of it. */
export async function stateOf(vault: TestVault, url: string): Promise<OrganizationState> {
  const { id: automationId, keys } = vault.identity;
  const provider = connect({
    address: { url, vaultId: vault.vaultId },
    ca: localhostCertificate().cert,
    automationId,
    privateKey: keys.privateKey,
    connectTo: { host: 'localhost', port: vault.server.port },
  });
  try {
    return (await provider.observe(null, AbortSignal.timeout(10_000))).snapshot.state;
  } finally {
    await provider.close();
  }
}

/** An operator that reaches every name of the vault by a tunnel. */
export function operatorOf(
  cluster: TestCluster,
  vault: TestVault,
  allowedMoves: readonly AllowedMove[] = [],
): Promise<RunningOperator> {
  const connectTo = { host: 'localhost', port: vault.server.port };
  return startOperator(cluster, { allowInsecureLoopback: false, connectTo, allowedMoves });
}

/** An organization with a value and so many bindings that read it. */
export async function openOrganization(bindings: number, more: Pick<Spec<'Organization'>, 'rails'> = {}) {
  const cluster = await testCluster();
  await cluster.enable();
  const names = Array.from({ length: bindings }, (_, index) => `app-${index}`);
  const organization: Spec<'Organization'> = {
    vault: { seneschal: { credentialsSecretRef: { name: 'vault-credentials' } } },
    manager: MANAGER,
    ...more,
  };
  const declare = async (): Promise<void> => {
    await cluster.apply('Organization', 'acme', organization);
    await cluster.apply('Project', 'payments', {
      organizationRef,
      secrets: [{ name: 'db-password', generator: { length: 24 } }],
    });
    await Promise.all(
      names.map((name) =>
        cluster.apply('MachineBinding', name, {
          organizationRef,
          machineName: name,
          projects: [{ name: 'payments', secrets: ['db-password'] }],
          key: { secretName: `${name}-key` },
          targets: [{ secretName: `${name}-env`, data: [{ project: 'payments', secret: 'db-password' }] }],
        }),
      ),
    );
  };
  const secret = (name: string): Promise<Secret> =>
    cluster.admin.get(SECRETS, { namespace: cluster.namespace, name });
  const versions = async (): Promise<string[]> => {
    const all = await Promise.all(names.flatMap((name) => [secret(`${name}-key`), secret(`${name}-env`)]));
    return all.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
  };
  return { cluster, organization, names, declare, secret, versions };
}

/** The texts of a Secret. */
export function textsOf({ data = {} }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString('utf8')]),
  );
}
