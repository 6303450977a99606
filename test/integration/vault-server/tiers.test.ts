import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runVault } from '#test/builders/vault-process.ts';

const PASSWORD = 'correct horse battery staple';

describe('seneschal vault tier (P4)', () => {
  let folder: string;
  let config: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-plan-'));
    config = join(folder, 'vault.yaml');
    const caps = 'caps: {members: 3, projects: null, machines: 1, groups: 0, storedBytes: null}';
    writeFileSync(
      config,
      [
        'listen: {port: 0}',
        'publicUrl: https://vault.test',
        'database: vault.db',
        'rootKey: {file: root.key}',
        `plans: {catalog: [{name: Small, ${caps}}, {name: Large, ${caps}}], selfService: [], personal: Small}`,
      ].join('\n'),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('puts vaults on tiers of the configuration, with an end or without, and lists them', async () => {
    const init = [
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
    ];
    const founded = ['--organization', 'Acme', '--credentials', join(folder, 'credentials')];
    expect((await runVault([...init, ...founded], PASSWORD)).stderr).toContain('no such plan');
    const made = await runVault([...init, ...founded, '--tier', 'Small'], PASSWORD);
    expect(made.code).toBe(0);
    const { vaultId } = JSON.parse(made.stdout) as { vaultId: string };
    const set = (plan: string, ...more: string[]) =>
      runVault(['tier', 'set', vaultId, plan, '--config', config, ...more]);
    const listed = async () =>
      JSON.parse((await runVault(['tier', 'list', '--config', config, '-o', 'json'])).stdout).vaults;
    expect(await listed()).toEqual([
      { vaultId, kind: 'Organization', displayName: 'Acme', plan: 'Small', until: null },
    ]);
    expect((await set('Large', '--until', '2031-01-31')).stdout).toContain('until 2031-01-31T00:00:00Z');
    expect(await listed()).toMatchObject([{ plan: 'Large', until: '2031-01-31T00:00:00Z' }]);
    const text = await runVault(['tier', 'list', '--config', config]);
    expect(text.stdout).toBe(`${vaultId} Organization Large until 2031-01-31T00:00:00Z: Acme\n`);
    expect(await set('Gold')).toMatchObject({ code: 1, stderr: expect.stringContaining('Small, Large') });
    expect(await set('Large', '--until', 'soon')).toMatchObject({ code: 64 });
  });
});
