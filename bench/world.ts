/** A control plane, a vault and an operator on loopback, each a process of its own, as a benchmark needs them. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KubeClient, Secret } from '#kube/kube.ts';
import { clientFor, serviceAccountKubeconfig } from '#test/control-plane/access.ts';
import { freePorts, Processes } from '#test/control-plane/processes.ts';
import { startControlPlane } from '#test/control-plane/start.ts';
import { apply, encodedFilesIn, type Manifest, until } from '../demo/cluster.ts';
import { chartOf, SERVICE_ACCOUNT, SYSTEM_NAMESPACE } from '../demo/world.ts';
import { figuresOf, isRunning, type ProcessFigures } from './process-figures.ts';
import { startVault, type VaultProcess } from './vault-process.ts';

/** For profiles: `SENESCHAL_BENCH_FLAGS='--cpu-prof --cpu-prof-dir=/tmp/profiles' npm run bench -- ready`. */
const OPERATOR_FLAGS = (process.env.SENESCHAL_BENCH_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

const root = join(import.meta.dirname, '..');

export interface OperatorProcess {
  readonly pid: number;
  /** Milliseconds from the start of the process to the first `ok` of /readyz. */
  readonly readyMs: number;
  figures(): Promise<ProcessFigures>;
  requests(): Promise<Requests>;
  stop(): Promise<void>;
}

/** Sums of the operator's own counters. */
export interface Requests {
  readonly api: number;
  readonly apiByVerb: Readonly<Record<string, number>>;
  readonly vault: number;
  readonly vaultByRoute: Readonly<Record<string, number>>;
}

export interface World {
  readonly folder: string;
  readonly admin: KubeClient;
  readonly namespace: string;
  readonly vault: VaultProcess;
  /** Starts the operator under the chart's RBAC, with these options too, and waits until it is ready. */
  startOperator(...options: readonly string[]): Promise<OperatorProcess>;
  /** etcd's revision: grows by one a write, whoever writes. */
  revision(): Promise<number>;
  close(): Promise<void>;
}

/** The bundle, built into the folder, so that nobody's build changes it under a running benchmark. */
export async function bundleIn(folder: string): Promise<string> {
  const program = join(folder, 'seneschal.mjs');
  await promisify(execFile)(process.execPath, [join(root, 'scripts', 'build.ts'), program], { cwd: root });
  return program;
}

/** Brings everything up but the operator. */
export async function openWorld(): Promise<World> {
  const controlPlane = await startControlPlane(() => undefined);
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-bench-'));
  const processes = new Processes(folder);
  const admin = await clientFor(controlPlane.adminKubeconfig);
  const close = async (): Promise<void> => {
    await processes.stop();
    await admin.close();
    await controlPlane.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const program = await bundleIn(folder);
    const namespace = 'bench';
    for (const name of [SYSTEM_NAMESPACE, namespace])
      await apply(admin, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const object of await chartOf(namespace)) await apply(admin, object);
    const account = { namespace: SYSTEM_NAMESPACE, name: SERVICE_ACCOUNT };
    const kubeconfig = await serviceAccountKubeconfig(admin, controlPlane.adminKubeconfig, account, folder);
    const vault = await startVault(program, processes, folder);
    await apply(admin, await credentialsSecret(vault, namespace));
    return {
      folder,
      admin,
      namespace,
      vault,
      startOperator: (...options) => startOperator(program, processes, kubeconfig, options),
      revision: () => revisionOf(admin, namespace),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function credentialsSecret(vault: VaultProcess, namespace: string): Promise<Manifest> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'vault-credentials', namespace },
    data: await encodedFilesIn(vault.credentialsDir),
  } as Manifest;
}

async function startOperator(
  program: string,
  processes: Processes,
  kubeconfig: string,
  options: readonly string[],
): Promise<OperatorProcess> {
  const [healthPort] = (await freePorts(1)) as [number];
  const health = `http://127.0.0.1:${healthPort}`;
  const started = performance.now();
  processes.start('operator', process.execPath, [
    ...OPERATOR_FLAGS,
    ...[program, 'operator', '--kubeconfig', kubeconfig, '--namespace', SYSTEM_NAMESPACE],
    ...['--health-address', `127.0.0.1:${healthPort}`, '--log-level', 'warn'],
    '--allow-insecure-loopback',
    ...options,
  ]);
  const pid = processes.pid('operator');
  if (pid === undefined) throw new Error('the operator was not started');
  await until('the operator to be ready', async () => {
    const response = await fetch(`${health}/readyz`).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok === true ? true : undefined;
  });
  const readyMs = performance.now() - started;
  return {
    pid,
    readyMs,
    figures: () => figuresOf(pid),
    requests: async () => requestsIn(await (await fetch(`${health}/metrics`)).text()),
    stop: async () => {
      if (isRunning(pid)) process.kill(pid, 'SIGTERM');
      await until('the operator to stop', async () => (isRunning(pid) ? undefined : true));
    },
  };
}

function requestsIn(metrics: string): Requests {
  const apiByVerb: Record<string, number> = {};
  const vaultByRoute: Record<string, number> = {};
  for (const line of metrics.split('\n')) {
    const [, server, labels, count] =
      /^seneschal_(kubernetes|vault)_requests_total\{([^}]*)\} (\d+)/.exec(line) ?? [];
    const name = /(?:verb|route)="([^"]*)"/.exec(labels ?? '')?.[1];
    if (name === undefined) continue;
    const sums = server === 'kubernetes' ? apiByVerb : vaultByRoute;
    sums[name] = (sums[name] ?? 0) + Number(count);
  }
  const sum = (sums: Record<string, number>): number => Object.values(sums).reduce((a, b) => a + b, 0);
  return { api: sum(apiByVerb), apiByVerb, vault: sum(vaultByRoute), vaultByRoute };
}

/** The revision of a list is that of the whole store at the time of the read. */
async function revisionOf(admin: KubeClient, namespace: string): Promise<number> {
  const { body } = await admin.request({
    method: 'GET',
    path: `/api/v1/namespaces/${namespace}/configmaps?limit=1`,
  });
  return Number((body as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
}

/** A folder with the files of a key Secret, as the kubelet would mount them. */
export async function mounted(world: World, secret: Secret | undefined): Promise<string> {
  if (secret === undefined) throw new Error('the key Secret is not there');
  const folder = join(world.folder, 'mounted', secret.metadata.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [file, content] of Object.entries(secret.data ?? {}))
    await writeFile(join(folder, file), Buffer.from(content, 'base64'), { mode: 0o600 });
  return folder;
}
