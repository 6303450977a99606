import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what is in use, for the rest of the process; a process that mostly waits never gives back what
 * a burst took. Both flags are read each time that V8 decides, so they hold though it runs already.
 *
 * The young generation stays at the 1 MiB a half that it starts with, where it would grow to 16 MiB
 * (`--max-semi-space-size` is read before the first line of ours runs). The old one is collected when it has doubled;
 * left alone it may grow fourfold on a machine with much memory. Measured with an organization of 10,000 machines:
 * 227 MiB in place of 356, for 9 % more CPU a snapshot and none a read.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=100');
}
