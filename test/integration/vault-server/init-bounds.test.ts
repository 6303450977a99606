import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runVault } from '#test/builders/vault-process.ts';

const PASSWORD = 'correct horse battery staple';
let folder: string;
const init = (...bounds: string[]) =>
  runVault(
    [
      ...[
        'init',
        '--config',
        join(folder, 'vault.yaml'),
        '--owner',
        'owner@acme.example',
        '--password-file',
        '-',
      ],
      ...['--organization', 'Acme', '--credentials', join(folder, 'credentials'), ...bounds],
    ],
    PASSWORD,
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'seneschal-'));
  writeFileSync(
    join(folder, 'vault.yaml'),
    'listen: { port: 0 }\npublicUrl: https://vault.test\ndatabase: vault.db\nrootKey: { file: root.key }\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a new vault asks where its automation is bounded to (V4)', () => {
  it.each([
    ['neither bound nor --unbounded', []],
    ['a bound beside --unbounded', ['--unbounded', '--addresses', '10.0.0.0/8']],
    ['no range', ['--addresses', 'here']],
    ['an ability that there is not', ['--unbounded', '--abilities', 'everything']],
  ])('and makes nothing with %s', async (_, bounds) => {
    const { code, stderr } = await init(...bounds);
    expect(code, stderr).toBe(64);
    expect(existsSync(join(folder, 'vault.db'))).toBe(false);
  });

  it.each([
    ['projects', ['--projects', 'Main']],
    ['addresses', ['--addresses', '10.0.0.0/8']],
    ['machine addresses', ['--machine-addresses', '10.1.0.0/16']],
    ['no bound, said aloud', ['--unbounded', '--abilities', 'all']],
  ])('and makes it with %s', async (_, bounds) => {
    const { code, stderr } = await init(...bounds);
    expect(code, stderr).toBe(0);
    expect(existsSync(join(folder, 'credentials', 'private.pem'))).toBe(true);
  });
});
