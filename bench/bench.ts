/**
 * `npm run bench [-- name ...]`: figures on real servers, each a process of its own on loopback unless it says otherwise,
 * with the target of the design beside each. Nothing is asserted. docs/performance.md keeps what was measured.
 */
import { loadavg } from 'node:os';

const BENCHMARKS = {
  'machine-reads': () => import('./machine-reads.ts'),
  'large-organization': () => import('./large-organization.ts'),
  'targets-cold': () => import('./targets-cold.ts'),
  'bindings-cold': () => import('./bindings-cold.ts'),
  propagation: () => import('./propagation.ts'),
  outage: () => import('./outage.ts'),
  steady: () => import('./steady.ts'),
  'no-op-pass': () => import('./no-op-pass.ts'),
  ready: () => import('./ready.ts'),
  'command-line': () => import('./command-line.ts'),
  groups: () => import('./groups.ts'),
  history: () => import('./history.ts'),
} as const;

/** Run where they are named alone. */
const LONG: ReadonlySet<string> = new Set(['history']);

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = names.find((name) => !(name in BENCHMARKS));
if (unknown !== undefined) {
  console.error(`there is no benchmark ${unknown}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  process.exit(64);
}
for (const [name, load] of Object.entries(BENCHMARKS)) {
  if (names.length === 0 ? LONG.has(name) : !names.includes(name)) continue;
  console.log(`\n== ${name} (load of the machine before: ${loadavg()[0]?.toFixed(1)})`);
  await (await load()).run();
}
