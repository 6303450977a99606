import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { parseDocument } from 'yaml';
import { READING } from '#source/plain-scalars.ts';

const KNOWN = [
  ...[
    'y',
    'Y',
    'yes',
    'Yes',
    'YES',
    'yEs',
    'n',
    'N',
    'no',
    'off',
    'Off',
    'on',
    'On',
    'true',
    'TRUE',
    'tRue',
    'False',
  ],
  ...[
    '~',
    'null',
    'Null',
    'nULL',
    'none',
    '0',
    '-0',
    '+1',
    '007',
    '08',
    '0o17',
    '0O17',
    '0b101',
    '-0b11',
    '0x1F',
    '0X1F',
  ],
  ...[
    '1_000',
    '_1',
    '1_',
    '1e3',
    '1E+3',
    '1.',
    '.5',
    '-.5',
    '1.5e',
    '0.1',
    '1_0.5',
    '12e03',
    '0x',
    '0b',
    '0o',
    '+',
    '-1',
  ],
  ...[
    '2026-11-30',
    '.1_2',
    '.5_',
    '._1',
    '.1__2',
    '.1e_3',
    '.1e1_0',
    '.118_2',
    '2026-11-30T12:00:00Z',
    '12:30',
    '1:30:00',
    '1.2.3',
    '00',
    '0_7',
    '-010',
    '+0x1f',
    '1e-3',
    '٣',
  ],
];

/** Letters of which scalars are made that look like numbers, and are none, or other ones. */
const texts = fc
  .string({ unit: fc.constantFrom(...'0123456789_+-.eExXoObBaAfF'), minLength: 1, maxLength: 7 })
  .filter((text) => !/^[-.]+$|^-$/.test(text));

test('a scalar without quotes is to a folder what it is to kubectl', async () => {
  const scalars = [...KNOWN, ...fc.sample(texts, 1500)];
  const lines = scalars.map((text, index) => `  s${index}: ${text}`);
  const object = ['apiVersion: example.com/v1', 'kind: Any', 'metadata: {name: it}', 'spec:', ...lines].join(
    '\n',
  );
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-scalars-'));
  try {
    const file = join(folder, 'any.yaml');
    await writeFile(file, object);
    const args = ['label', '--local', '-f', file, 'a=b', '-o', 'json'];
    const { stdout } = await promisify(execFile)(inject('kubectl'), args, { maxBuffer: 1 << 24 });
    const kubectl = (JSON.parse(stdout) as { spec: Record<string, unknown> }).spec;
    const ours = (parseDocument(object, READING).toJS() as { spec: Record<string, unknown> }).spec;
    const differing = scalars.flatMap((text, index) => {
      const [theirs, mine] = [kubectl[`s${index}`] ?? null, ours[`s${index}`] ?? null];
      return Object.is(theirs, mine) || (theirs === 0 && mine === 0) ? [] : [{ text, theirs, mine }];
    });
    expect(differing).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
