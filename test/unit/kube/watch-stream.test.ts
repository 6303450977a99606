import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader } from '#kube/kube.ts';

const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => JSON.stringify(text));

test('the lines of a watch stream are the same for any chunking, also inside a character', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.array(fc.nat(200), { maxLength: 60 }),
      fc.boolean(),
      (lines, cuts, crlf) => {
        const bytes = Buffer.from(lines.map((text) => text + (crlf ? '\r\n' : '\n')).join(''));
        const reader = new LineReader();
        const read: string[] = [];
        const edges = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].sort((a, b) => a - b);
        let from = 0;
        for (const edge of [...edges, bytes.length]) {
          read.push(...reader.push(bytes.subarray(from, edge)));
          from = edge;
        }
        expect(read).toEqual(lines);
        expect(reader.pending).toBe(0);
      },
    ),
  );
});

test('a line that was cut off is not given', () => {
  const reader = new LineReader();
  expect(reader.push(Buffer.from('{"a":1}\n{"b":'))).toEqual(['{"a":1}']);
  expect(reader.pending).toBe(5);
});
