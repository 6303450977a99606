import type { Registry } from 'prom-client';
import type { RequestRecord } from '#kube/kube.ts';
import { loadPrometheus } from './prometheus.ts';

/** What the operator counts. No label holds an object's name. */
export interface Metrics {
  /** For metrics of other folders. */
  readonly registry: Registry;
  observeReconcile(kind: string, result: string, ms: number): void;
  observeQueueWait(kind: string, priority: string, ms: number): void;
  countKubeRequest(record: RequestRecord): void;
  setLeader(isLeader: boolean): void;
  /** `ages` gives, at each scrape, the seconds since the last contact by resource. */
  onScrape(ages: () => Iterable<readonly [resource: string, seconds: number]>): void;
  /** The exposition format, and its content type. */
  text(): Promise<{ body: string; contentType: string }>;
}

/** Makes the metrics. */
export async function createMetrics(): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry } = await loadPrometheus();
  const registry = new Registry();
  const registers = [registry];
  const reconcile = new Histogram({
    name: 'seneschal_reconcile_duration_seconds',
    help: 'Time of one reconcile by kind and result.',
    labelNames: ['kind', 'result'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const wait = new Histogram({
    name: 'seneschal_queue_wait_seconds',
    help: 'Time from due to started by kind and class (high: changes, low: resyncs and retries).',
    labelNames: ['kind', 'class'],
    buckets: [0.005, 0.05, 0.5, 5, 60],
    registers,
  });
  const requests = new Counter({
    name: 'seneschal_kubernetes_requests_total',
    help: 'Requests to the API server by verb and code; code 0 had no answer.',
    labelNames: ['verb', 'code'],
    registers,
  });
  let ages: () => Iterable<readonly [string, number]> = () => [];
  new Gauge({
    name: 'seneschal_watch_age_seconds',
    help: 'Seconds since the last byte of a watch by resource.',
    labelNames: ['resource'],
    registers,
    collect() {
      for (const [resource, seconds] of ages()) this.set({ resource }, seconds);
    },
  });
  const leader = new Gauge({ name: 'seneschal_leader', help: '1 if this process leads.', registers });
  return {
    registry,
    observeReconcile: (kind, result, ms) => reconcile.observe({ kind, result }, ms / 1000),
    observeQueueWait: (kind, priority, ms) => wait.observe({ kind, class: priority }, ms / 1000),
    countKubeRequest: ({ verb, code }) => requests.inc({ verb, code: String(code) }),
    setLeader: (isLeader) => leader.set(isLeader ? 1 : 0),
    onScrape: (give) => {
      ages = give;
    },
    text: async () => ({ body: await registry.metrics(), contentType: registry.contentType }),
  };
}
