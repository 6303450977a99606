import { readFile } from 'node:fs/promises';
import { objectsOf } from './statuses.ts';
import type { World } from './world.ts';

/** Memory of the operator in MiB, as Linux counts it, and how many objects it holds. */
export async function footprint(world: World): Promise<{ rss: number; peak: number; objects: number }> {
  const status = await readFile(`/proc/${world.operator.pid()}/status`, 'utf8');
  const mebibytes = (field: string): number =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024);
  const kinds = ['Organization', 'Member', 'PermissionTemplate', 'Project', 'MachineBinding'];
  return {
    rss: mebibytes('VmRSS'),
    peak: mebibytes('VmHWM'),
    objects: (await objectsOf(world, kinds)).length,
  };
}

/** Rows of requests by verb, out of the operator's metrics: to the API server and to the vault. */
export function requestsOf(metrics: string): string[][] {
  const sums = new Map<string, number>();
  for (const line of metrics.split('\n')) {
    const found = /^seneschal_(kubernetes|vault)_requests_total\{([^}]*)\} (\d+)/.exec(line);
    if (found === null) continue;
    const [, server, labels, count] = found;
    const name = /(?:verb|route)="([^"]*)"/.exec(labels ?? '')?.[1] ?? '';
    const key = `${server === 'kubernetes' ? 'API server' : 'vault'}: ${name}`;
    sums.set(key, (sums.get(key) ?? 0) + Number(count));
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [name, String(count)]);
}
