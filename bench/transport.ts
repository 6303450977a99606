/**
 * Measures transports to a real API server: latency of reads one after the other, and time and peak
 * memory of 10,000 creates, 16 at a time. Each in a process of its own. Run: node bench/transport.ts
 * The result is in docs/decisions/0003-kubernetes-transport.md.
 */
import { fork } from 'node:child_process';
import {
  HttpKubeClient,
  type KubeConfig,
  type KubeObject,
  loadKubeConfig,
  type ResourceType,
  type Transport,
} from '#kube/kube.ts';

import { clientFor, createNamespace } from '#test/control-plane/access.ts';
import { startControlPlane } from '#test/control-plane/start.ts';

const READS = 2_000;
const CREATES = 10_000;
const AT_ONCE = 16;
const ROUNDS = 3;

const CONFIG_MAPS: ResourceType<KubeObject & { data?: Record<string, string> }> = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};

const VARIANTS = ['node:https', 'undici', 'undici h2'] as const;
type Variant = (typeof VARIANTS)[number];

interface Figures {
  readonly baseMiB: number;
  readonly readP50: number;
  readonly readP99: number;
  readonly createSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

/** `Pool.request` of undici behind the same interface. */
async function undiciTransport(config: KubeConfig, allowH2: boolean): Promise<Transport> {
  const { Pool } = await import('undici');
  const tls = await config.credentials.tls();
  const pool = new Pool(config.server.origin, {
    connections: AT_ONCE,
    allowH2,
    connect: { ca: tls.ca },
    ...(allowH2 ? { pipelining: AT_ONCE } : {}),
  });
  return {
    async send(request) {
      const response = await pool.request({
        method: request.method as 'GET',
        path: request.path,
        headers: request.headers as Record<string, string>,
        body: request.body ?? null,
        signal: request.signal ?? null,
        headersTimeout: request.timeoutMs,
      });
      return {
        status: response.statusCode,
        header: (name) => {
          const value = response.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        text: () => response.body.text(),
        chunks: () => response.body as AsyncIterable<Uint8Array>,
        destroy: () => {
          response.body.destroy();
        },
      };
    },
    close: () => pool.close(),
  };
}

async function measure(variant: Variant, kubeconfig: string): Promise<Figures> {
  const config = await loadKubeConfig({ path: kubeconfig });
  const transport =
    variant === 'node:https' ? undefined : await undiciTransport(config, variant === 'undici h2');
  const client = new HttpKubeClient({ config, ...(transport === undefined ? {} : { transport }) });
  const namespace = await createNamespace(client, 'bench');
  const baseMiB = process.memoryUsage.rss() / 2 ** 20;
  const times: number[] = [];
  for (let index = 0; index < READS; index += 1) {
    const startedAt = performance.now();
    await client.find(CONFIG_MAPS, { namespace, name: 'absent' });
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  const loop = async () => {
    for (let index = next++; index < CREATES; index = next++) {
      await client.create(CONFIG_MAPS, {
        metadata: { namespace, name: `c-${index}` },
        data: { value: 'x'.repeat(1_000) },
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  const used = process.cpuUsage(cpu);
  const figures = {
    baseMiB,
    readP50: times[Math.floor(READS * 0.5)] ?? 0,
    readP99: times[Math.floor(READS * 0.99)] ?? 0,
    createSeconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
  await client.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
  await client.close();
  return figures;
}

function inProcess(variant: Variant, kubeconfig: string): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [variant, kubeconfig], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.once('message', (figures) => resolve(figures as Figures));
    child.once('exit', (code) => reject(new Error(`the process of ${variant} ended with ${code}`)));
  });
}

const [variant, kubeconfig] = process.argv.slice(2);
if (variant !== undefined && kubeconfig !== undefined) {
  process.send?.(await measure(variant as Variant, kubeconfig));
} else {
  const controlPlane = await startControlPlane((line) => console.log(line));
  const admin = await clientFor(controlPlane.adminKubeconfig);
  try {
    const rows = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const each of VARIANTS) {
        const figures = await inProcess(each, controlPlane.adminKubeconfig);
        const rounded = Object.entries(figures).map(
          ([name, value]) => [name, Number(value.toFixed(2))] as const,
        );
        rows.push({ round, variant: each, ...Object.fromEntries(rounded) });
      }
    }
    console.table(rows);
  } finally {
    await admin.close();
    await controlPlane.stop();
  }
}
