import { expect, test } from 'vitest';
import { createLogger } from '#runtime/runtime.ts';

/** Stands for any type that hides its value: what is relied on is `toJSON`. */
class Hidden {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toJSON(): string {
    return '[redacted]';
  }
}

test('a line is JSON with time and level, a hidden value prints as [redacted] at any depth, an error without its properties', async () => {
  const lines: string[] = [];
  const log = await createLogger({ destination: { write: (line) => lines.push(line) } });
  const error = Object.assign(new Error('failed'), { response: { body: 'hunter2' } });
  log.child({ kind: 'Thing' }).warn({ a: { b: [new Hidden('hunter2')] }, err: error }, 'it changed');
  log.debug({}, 'not shown');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'warn',
    kind: 'Thing',
    a: { b: ['[redacted]'] },
    err: { type: 'Error', message: 'failed' },
    msg: 'it changed',
  });
});
