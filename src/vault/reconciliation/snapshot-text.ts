/** The text of a snapshot as it goes over the wire: made part by part, so that the state is never there as a whole. */

import { YieldPoint } from '../act/yielding.ts';
import type { StateParts } from './organization-state.ts';

/** Characters that are encoded at once. */
const AT_ONCE = 32 * 1024;
/** Bytes that a text may be longer than was expected without being moved. */
const SPARE = 256 * 1024;

/** JSON of the state without its last brace, for what is the asking delegation's to follow; `expected` bytes of it, about. */
export async function snapshotText(parts: StateParts, expected: number): Promise<Uint8Array> {
  const yieldPoint = new YieldPoint();
  const written = new GrowingText(expected + SPARE);
  let text = '';
  const write = async (more: string): Promise<void> => {
    text += more;
    if (text.length < AT_ONCE) return;
    written.append(text);
    text = '';
    await yieldPoint.pause();
  };
  let before = '{';
  for (const [name, read] of Object.entries(parts)) {
    const value: unknown = await read();
    await write(`${before}${JSON.stringify(name)}:`);
    if (Array.isArray(value)) {
      await write('[');
      for (const [index, item] of value.entries())
        await write((index === 0 ? '' : ',') + JSON.stringify(item));
      await write(']');
    } else await write(JSON.stringify(value));
    before = ',';
  }
  written.append(text);
  return written.bytes();
}

/** One block of memory: hundreds of small ones would leave holes that nothing else fits into. */
class GrowingText {
  #block: Buffer;
  #length = 0;

  constructor(bytes: number) {
    this.#block = Buffer.allocUnsafeSlow(bytes);
  }

  append(text: string): void {
    // A character of UTF-16 takes three bytes at most.
    const needed = this.#length + 3 * text.length;
    if (needed > this.#block.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#block.length));
      this.#block.copy(larger, 0, 0, this.#length);
      this.#block = larger;
    }
    this.#length += this.#block.write(text, this.#length);
  }

  /** What lies behind the text was never touched, and takes no memory. */
  bytes(): Uint8Array {
    return this.#block.subarray(0, this.#length);
  }
}
