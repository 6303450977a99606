import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's young generation at the 1 MiB a half that it starts with, for the rest of the process: left alone
 * it grows to 16 MiB a half in any burst, and a process that mostly waits never gives them back.
 * `--max-semi-space-size` is read before the first line of ours runs; how fast it grows is read at each growth.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
