/** A vault that moves under an organization of many bindings, and machines that read of it throughout. */
import { Agent, request } from 'node:https';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import { SECRETS, type Secret } from '#kube/kube.ts';
import type { OrganizationState } from '#model/organization.ts';
import { credentialsFiles } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';
import { MANAGER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { type Carrier, MachineClient } from '#test/fakes/machine-client.ts';
import { DIRECT } from '#vault/http/network.ts';
import { type TestCluster, testCluster } from './cluster.ts';
import { type RunningOperator, startOperator } from './operator.ts';

const organizationRef = { name: 'acme' };

/** A vault whose certificate is for names of `vault.test`, none of which leads anywhere. */
export async function vaultAt(...audiences: readonly string[]): Promise<TestVault> {
  const network = { ...DIRECT, publicUrl: audiences[0] ?? null, audiences: new Set(audiences) };
  const vault = await startTestVault({ network, listener: { tls: localhostCertificate() } });
  onTestFinished(() => vault[Symbol.asyncDispose]());
  return vault;
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
export async function openOrganization(bindings: number) {
  const cluster = await testCluster();
  await cluster.enable();
  const names = Array.from({ length: bindings }, (_, index) => `app-${index}`);
  const declare = async (): Promise<void> => {
    await cluster.apply('Organization', 'acme', {
      vault: { seneschal: { credentialsSecretRef: { name: 'vault-credentials' } } },
      manager: MANAGER,
    });
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
  return { cluster, names, declare, secret, versions };
}

/** The texts of a Secret. */
export function textsOf({ data = {} }: Secret): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString('utf8')]),
  );
}

/** Machines that read, as pods do that know nothing of a move. */
export class Readers {
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  readonly #carry: Carrier;
  /** Reads that were answered with the value, by what they were for. */
  readonly answered = new Map<string, number>();
  /** What went wrong, without what was read. */
  readonly failed: string[] = [];

  /** `routes`: host names to the port that answers for them. */
  constructor(routes: Readonly<Record<string, number>>) {
    this.#carry = carrier(routes);
    onTestFinished(() => this.end());
  }

  /** One after the other and again, until the end: each reads by the files that it is given then. */
  start(kind: string, machines: readonly (() => Promise<Secret>)[]): void {
    const read = async (files: () => Promise<Secret>): Promise<void> => {
      try {
        const values = await MachineClient.fromFiles(textsOf(await files()), this.#carry).exported();
        if (values.length === 1) this.answered.set(kind, (this.answered.get(kind) ?? 0) + 1);
        else this.failed.push(`${kind}: ${values.length} values`);
      } catch (error) {
        if (!this.#stop.signal.aborted) this.failed.push(`${kind}: ${(error as Error).message}`);
      }
    };
    const run = async (): Promise<void> => {
      while (!this.#stop.signal.aborted) {
        for (const files of machines) if (!this.#stop.signal.aborted) await read(files);
      }
    };
    this.#running.push(run());
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }
}

/** HTTPS by names that lead nowhere, the certificate verified against them. */
function carrier(routes: Readonly<Record<string, number>>): Carrier {
  const agent = new Agent({ keepAlive: true, ca: localhostCertificate().cert });
  onTestFinished(() => agent.destroy());
  return (url, { method, headers, body }) => {
    const { hostname, pathname } = new URL(url);
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Carrier>>>();
    const sent = { ...headers, host: hostname };
    const options = { host: 'localhost', port: routes[hostname], servername: hostname, agent };
    request({ ...options, path: pathname, method, headers: sent }, (answer) => {
      const { statusCode = 0 } = answer;
      json(answer).then((said) => {
        resolve({ status: statusCode, headers: new Headers(), json: async () => said });
      }, reject);
    })
      .on('error', reject)
      .end(body);
    return promise;
  };
}
