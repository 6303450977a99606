/** A terminal at which somebody types, without one. */
import { PassThrough } from 'node:stream';

/** Somebody types these keys, and then the input ends. `shown`: what was written to it and not read before. */
export function terminal(keys: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  input.end(keys);
  return { input, output, shown: () => String(output.read() ?? '') };
}
