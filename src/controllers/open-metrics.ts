import { IN_ORDER, openKeyOf } from '#model/standing.ts';
import { loadPrometheus, type Metrics } from '#runtime/runtime.ts';

/** What is open in each organization, as its status says it: counts by key of a standing. */
export interface OpenCounts {
  observe(organization: string, counts: Readonly<Record<string, number>>): void;
  /** It is managed from here no longer. */
  forget(organization: string): void;
}

/** Sums what is open over the organizations of this process, by standing. */
export async function countOpen(registry: Metrics['registry']): Promise<OpenCounts> {
  const { Gauge } = await loadPrometheus();
  const all = new Map<string, Readonly<Record<string, number>>>();
  new Gauge({
    name: 'seneschal_open',
    help: 'Things that are not as declared, or that nobody declares, by how they stand.',
    labelNames: ['standing'],
    registers: [registry],
    collect() {
      for (const standing of IN_ORDER) {
        const key = openKeyOf(standing);
        this.set(
          { standing },
          [...all.values()].reduce((sum, counts) => sum + (counts[key] ?? 0), 0),
        );
      }
    },
  });
  return {
    observe: (organization, counts) => void all.set(organization, counts),
    forget: (organization) => void all.delete(organization),
  };
}
