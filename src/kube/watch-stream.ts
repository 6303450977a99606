/**
 * Cuts a stream of bytes into lines. Feed it chunks as they come: it gives the lines that each one
 * completes, and agrees for any chunking, because it looks for the byte 0x0A and decodes whole lines
 * only (no byte of a multi-byte UTF-8 character is below 0x80).
 */
export class LineReader {
  #parts: Uint8Array[] = [];

  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const tail = chunk.subarray(from, end);
      const line = this.#parts.length === 0 ? decode([tail]) : decode([...this.#parts, tail]);
      this.#parts = [];
      if (line !== '') lines.push(line);
      from = end + 1;
    }
    if (from < chunk.length) this.#parts.push(chunk.subarray(from));
    return lines;
  }

  /** Bytes of a line that has not ended. A stream that ends here was cut: they are to be dropped. */
  get pending(): number {
    return this.#parts.reduce((sum, part) => sum + part.length, 0);
  }
}

function decode(parts: readonly Uint8Array[]): string {
  const first = parts[0];
  if (first !== undefined && parts.length === 1) {
    return Buffer.from(first.buffer, first.byteOffset, first.byteLength).toString('utf8').trim();
  }
  return Buffer.concat(parts).toString('utf8').trim();
}
