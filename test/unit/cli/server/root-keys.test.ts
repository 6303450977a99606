import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootKeyIn, rootKeysOf } from '#cli/server/root-keys.ts';
import { Failure } from '#cli/terminal/failure.ts';
import { RootKey } from '#vault/crypto/root-key.ts';

const TEXT = Buffer.alloc(32, 9).toString('base64');
const { id } = RootKey.parse(TEXT);
const prints = (text: string, then = ''): { command: string[] } => ({
  command: [process.execPath, '-e', `console.log(${JSON.stringify(text)}); ${then}`],
});

describe('the root key (V5)', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-root-key-'));
    writeFileSync(join(folder, 'root.key'), `${TEXT}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('comes from a file, the environment, or what a command prints', async () => {
    process.env.SENESCHAL_TEST_KEY = TEXT;
    for (const source of [{ file: join(folder, 'root.key') }, { env: 'SENESCHAL_TEST_KEY' }, prints(TEXT)]) {
      expect((await rootKeyIn(source))?.id).toBe(id);
    }
  });

  it('is absent where there is no file or variable, and the vault is sealed', async () => {
    expect(await rootKeyIn({ file: join(folder, 'none') })).toBeNull();
    expect(await rootKeyIn({ env: 'SENESCHAL_TEST_NO_KEY' })).toBeNull();
  });

  it.each([
    ['prints no key', prints('planted')],
    ['fails', prints(TEXT, 'process.exit(3)')],
    ['prints far too much', prints('planted'.repeat(2000))],
    ['is not there', { command: ['/nowhere/planted-program', TEXT] }],
  ])('of a command that %s is refused, and nothing of it is shown', async (_name, source) => {
    const failure = await rootKeyIn(source).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    const { message, next } = failure as Failure;
    for (const hidden of [TEXT, 'planted"', 'plantedplanted']) expect(message + next).not.toContain(hidden);
  });

  it('of before that is absent is refused rather than left out', async () => {
    const previousRootKeys = [{ file: join(folder, 'none') }];
    await expect(rootKeysOf({ rootKey: prints(TEXT), previousRootKeys })).rejects.toThrow('is absent');
  });
});
