import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';

describe('seneschal vault backup, restore and verify', () => {
  let folder: string;
  let config: string;
  let file: string;
  const named = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-upkeep-'));
    config = named('vault.yaml');
    file = named('vault.backup');
    const [port] = await freePorts(1);
    writeFileSync(
      config,
      `listen: {port: ${port}}\npublicUrl: https://vault.test\ndatabase: vault.db\nrootKey: {file: root.key}\n`,
    );
    const made = await runVault(
      [
        ...[
          'init',
          '--unbounded',
          '--abilities',
          'all',
          '--config',
          config,
          '--owner',
          'owner@acme.example',
          '--password-file',
          '-',
        ],
        ...['--organization', 'Acme', '--credentials', named('credentials')],
      ],
      'correct horse battery staple\n',
    );
    expect(made.code).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const backup = () => runVault(['backup', '--config', config, '--out', file]);
  const restore = (...more: string[]) => runVault(['restore', '--config', config, '--from', file, ...more]);
  const verify = (...more: string[]) => runVault(['verify', '--config', config, ...more]);

  it('work beside a server, except the restore, and say what they did in one line', async () => {
    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    const made = await backup();
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const { heads } = JSON.parse(made.stdout) as { heads: { sequence: number }[] };
    expect((await verify()).stdout).toMatch(
      /vault\.db: whole; 1 vaults, 1 keys and 0 values opened\n {2}vault_/,
    );
    expect(JSON.parse((await verify('-o', 'json')).stdout)).toMatchObject({ faults: [], heads });
    expect(await backup()).toMatchObject({ code: 64 });
    const refused = await restore('--force');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('is in use');
  });

  it('restore only with --force, and under the root key of the backup (V5)', async () => {
    expect((await restore()).stderr).toContain('is not empty');
    const { code, stdout } = await restore('--force');
    expect(code).toBe(0);
    expect(JSON.parse(stdout).kept).toMatch(/vault\.db\.replaced-\d+$/);
    expect(await verify()).toMatchObject({ code: 0 });
    writeFileSync(named('root.key'), Buffer.alloc(32, 5).toString('base64'));
    const wrong = await restore('--force');
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toContain('The root key is not the one');
    const unsound = await verify();
    expect(unsound.code).toBe(1);
    expect(unsound.stdout).toContain('the key of the audit log: The root key is not the one');
    expect(readdirSync(folder).filter((name) => name.includes('restoring') || name.includes('part'))).toEqual(
      [],
    );
  });

  it('say what they cannot read', async () => {
    expect((await runVault(['restore', '--config', config, '--from', named('none')])).code).toBe(1);
    const broken = await runVault(['restore', '--config', config, '--from', config, '--force']);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toContain('file is not a database');
  });
});
