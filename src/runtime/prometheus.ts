import type { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The parts of prom-client that the operator counts with. */
export interface Prometheus {
  readonly Counter: typeof Counter;
  readonly Gauge: typeof Gauge;
  readonly Histogram: typeof Histogram;
  readonly Registry: typeof Registry;
}

/**
 * Loads them when they are needed, and only them: the index of prom-client 15 also loads its push gateway,
 * `node:cluster` and the default collectors, which take 8 MiB (docs/performance.md).
 */
export async function loadPrometheus(): Promise<Prometheus> {
  const [{ default: Counter }, { default: Gauge }, { default: Histogram }, { default: Registry }] =
    await Promise.all([
      import('prom-client/lib/counter.js'),
      import('prom-client/lib/gauge.js'),
      import('prom-client/lib/histogram.js'),
      import('prom-client/lib/registry.js'),
    ]);
  return { Counter, Gauge, Histogram, Registry };
}
