import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KubeClient } from '#kube/kube.ts';
import { clientFor, serviceAccountKubeconfig } from '#test/control-plane/access.ts';
import { freePorts, Processes } from '#test/control-plane/processes.ts';
import { type ControlPlane, startControlPlane } from '#test/control-plane/start.ts';
import { apply, type Manifest, manifestsOf, remove, until } from './cluster.ts';

const root = join(import.meta.dirname, '..');
const program = join(root, 'dist', 'seneschal.js');

/** What `seneschal vault dev` prints when it is ready: paths of credentials, never the credentials. */
export interface Vault {
  readonly url: string;
  readonly vaultId: string;
  readonly credentialsDir: string;
  readonly owner: Account;
  readonly people: readonly Account[];
}

export interface Account {
  readonly email: string;
  readonly passwordFile: string;
}

/** A control plane, a vault and room for an operator, all on loopback, all ended by `close`. */
export interface World {
  readonly folder: string;
  readonly controlPlane: ControlPlane;
  readonly admin: KubeClient;
  readonly vault: Vault;
  /** Namespace of the team's objects. */
  readonly namespace: string;
  readonly operator: { readonly health: string; readonly pid: () => number };
  /** Starts the operator under the chart's RBAC and waits until it is ready. */
  startOperator(): Promise<void>;
  /** Runs `seneschal` and gives what it printed; `codes` are the exit codes that are fine. */
  seneschal(args: readonly string[], codes?: readonly number[], input?: string): Promise<string>;
  /** Everything that the processes wrote to their logs. */
  logs(): Promise<Map<string, string>>;
  close(): Promise<void>;
}

export const SYSTEM_NAMESPACE = 'seneschal-system';
export const SERVICE_ACCOUNT = 'seneschal-operator';

/**
 * Brings everything up but the operator.
 * @throws NoControlPlaneError, with the three ways to get one
 */
export async function openWorld(print: (line: string) => void): Promise<World> {
  const controlPlane = await startControlPlane(print);
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-demo-'));
  const processes = new Processes(folder);
  let admin: KubeClient | undefined;
  const installed: Manifest[] = [];
  const close = async (): Promise<void> => {
    await processes.stop();
    // In a cluster that was there before, nothing of the demo stays.
    if (admin !== undefined) {
      for (const object of installed.reverse()) await remove(admin, object).catch(() => undefined);
      await admin.close();
    }
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await promisify(execFile)(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root });
    const client = await clientFor(controlPlane.adminKubeconfig);
    admin = client;
    const namespace = 'acme';
    for (const name of [SYSTEM_NAMESPACE, namespace]) {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await apply(client, object);
      installed.push(object);
    }
    for (const object of await chartOf(namespace)) {
      await apply(client, object);
      installed.push(object);
    }
    const [healthPort] = (await freePorts(1)) as [number];
    const vault = await startVault(processes, folder);
    return {
      folder,
      controlPlane,
      admin: client,
      vault,
      namespace,
      operator: {
        health: `http://127.0.0.1:${healthPort}`,
        pid: () => {
          const pid = processes.pid('operator');
          if (pid === undefined) throw new Error('the operator was not started');
          return pid;
        },
      },
      startOperator: () => startOperator(processes, client, controlPlane, folder, healthPort),
      seneschal: (args, codes = [0], input) => run(args, codes, input),
      logs: () => logsIn(folder),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What `helm install` would apply: CRDs, the admission policy, RBAC, and the binding for one team's namespace. */
export async function chartOf(namespace: string): Promise<Manifest[]> {
  const crds = await manifestsOf(join(root, 'crds'));
  const chart = await manifestsOf(join(root, 'charts', 'seneschal', 'files'));
  const binding: Manifest = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'seneschal-secrets', namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'seneschal-secrets' },
    subjects: [{ kind: 'ServiceAccount', namespace: SYSTEM_NAMESPACE, name: SERVICE_ACCOUNT }],
  } as Manifest;
  return [...crds, ...chart, binding];
}

async function startVault(processes: Processes, folder: string): Promise<Vault> {
  const data = join(folder, 'vault');
  await mkdir(data, { mode: 0o700 });
  processes.start('vault', process.execPath, [
    program,
    'vault',
    'dev',
    '-o',
    'json',
    '--port',
    '0',
    '--dir',
    data,
  ]);
  let vault: Vault | undefined;
  await processes.until('vault', async () => {
    const log = await readFile(join(folder, 'vault.log'), 'utf8');
    const line = log.split('\n').find((it) => it.includes('"credentialsDir"') && it.endsWith('}'));
    if (line !== undefined) vault = JSON.parse(line) as Vault;
    return vault !== undefined;
  });
  if (vault === undefined) throw new Error('the vault printed nothing');
  return vault;
}

async function startOperator(
  processes: Processes,
  admin: KubeClient,
  controlPlane: ControlPlane,
  folder: string,
  healthPort: number,
): Promise<void> {
  const account = { namespace: SYSTEM_NAMESPACE, name: SERVICE_ACCOUNT };
  const kubeconfig = await serviceAccountKubeconfig(admin, controlPlane.adminKubeconfig, account, folder);
  const flags = ['--kubeconfig', kubeconfig, '--namespace', SYSTEM_NAMESPACE];
  processes.start('operator', process.execPath, [
    program,
    'operator',
    ...flags,
    '--health-address',
    `127.0.0.1:${healthPort}`,
    '--allow-insecure-loopback',
  ]);
  await processes.until('operator', () => answers(`http://127.0.0.1:${healthPort}/readyz`));
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok === true;
}

async function run(args: readonly string[], codes: readonly number[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { maxBuffer: 1 << 24 },
      (_, stdout, stderr) => {
        const code = child.exitCode ?? 1;
        if (codes.includes(code)) resolve(stdout);
        else reject(new Error(`seneschal ${args[0] ?? ''} ended with ${code}\n${stdout}${stderr}`));
      },
    );
    child.stdin?.end(input ?? '');
  });
}

async function logsIn(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  return new Map(
    await Promise.all(
      names.map(
        async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')],
      ),
    ),
  );
}

/** The first answer of a health or metrics path. */
export async function metricsOf(world: World): Promise<string> {
  return until('the metrics of the operator', async () => {
    const response = await fetch(`${world.operator.health}/metrics`).catch(() => undefined);
    return response?.ok === true ? response.text() : undefined;
  });
}
