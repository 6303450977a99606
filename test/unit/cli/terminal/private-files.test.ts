import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { vaultInit } from '#cli/server/vault-init.ts';
import { writePrivate } from '#cli/terminal/private-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'seneschal-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const modeOf = (file: string): number => statSync(file).mode & 0o777;

test('a private file is readable by the user alone, also where it was there for others to read', async () => {
  const fresh = join(folder, 'passwords', 'alice');
  await writePrivate(fresh, 'x');
  const open = join(folder, 'private.pem');
  writeFileSync(open, 'older and longer');
  chmodSync(open, 0o644);
  await writePrivate(open, 'newer');
  expect([modeOf(fresh), modeOf(join(folder, 'passwords')), modeOf(open)]).toEqual([0o600, 0o700, 0o600]);
  expect(readFileSync(open, 'utf8')).toBe('newer');
});

test('a new vault overwrites no key of another identity, and is not made then', async () => {
  const config = join(folder, 'vault.yaml');
  const passwordFile = join(folder, 'password');
  writeFileSync(config, 'listen: { port: 0 }\ndatabase: vault.db\nrootKey: { file: root.key }\n');
  writeFileSync(passwordFile, 'correct horse battery staple');
  const credentials = join(folder, 'credentials');
  await writePrivate(join(credentials, 'private.pem'), 'another key');
  const init = vaultInit({
    config,
    owner: 'owner@acme.example',
    passwordFile,
    organization: 'Acme',
    tier: 'Team',
    credentials,
    abilities: [],
    unbounded: true,
  });
  await expect(init).rejects.toMatchObject({ outcome: 'Usage' });
  expect(readFileSync(join(credentials, 'private.pem'), 'utf8')).toBe('another key');
  expect([existsSync(join(folder, 'vault.db')), existsSync(join(folder, 'root.key'))]).toEqual([
    false,
    false,
  ]);
});
