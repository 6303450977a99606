/**
 * Loaded into the measured process by `--import`: how long its event loop was busy at a stretch, in CPU time of its
 * own thread, so that others on the same cores do not count. SIGUSR2 writes the longest since the last one to
 * `SENESCHAL_BENCH_BLOCKED`.
 */
import { writeFileSync } from 'node:fs';

let longest = 0;
let last = cpu();

function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

setInterval(() => {
  const now = cpu();
  longest = Math.max(longest, now - last);
  last = now;
}, 1).unref();

process.on('SIGUSR2', () => {
  writeFileSync(process.env.SENESCHAL_BENCH_BLOCKED ?? '/dev/stderr', String(longest));
  longest = 0;
});
