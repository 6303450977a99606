import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DevVault, ownSession, seneschal, startDevVault } from '#test/builders/command-line.ts';

describe('an owner and the secrets of an organization, at a terminal (V8)', () => {
  let vault: DevVault;
  ownSession();
  beforeAll(async () => {
    vault = await startDevVault();
    const { email, passwordFile } = vault.owner;
    const account = ['--as', email, '--password-file', passwordFile];
    await seneschal('vault', 'login', '--url', vault.url, '--vault', vault.vaultId, ...account);
  });
  afterAll(() => vault.stop());

  const owner = (...words: string[]) => seneschal('vault', ...words);
  const json = async (...words: string[]) => JSON.parse((await owner(...words, '-o', 'json')).stdout);
  const inMain = ['--project', 'Main'];

  test('generates values, sees versions and goes back to one', async () => {
    expect((await owner('secret', 'generate', 'key', ...inMain)).stdout).toBe('Main/key: version 1\n');
    await owner('secret', 'generate', 'key', ...inMain, '--length', '64', '--charset', 'Hex');
    const back = await owner('secret', 'rollback', 'key', '1', ...inMain);
    expect(back.stdout).toBe('Main/key: version 3 is what version 1 was\n');
    const { stdout } = await owner('secret', 'versions', 'key', ...inMain);
    expect(stdout).toMatch(/^3 \(current\) .* owner +version 1 +32$/m);
    expect(stdout).toMatch(/^2 .* owner +generated +64$/m);
    expect(await json('secret', 'storage')).toMatchObject({ used: 128, versions: 3 });
    expect((await owner('secret', 'rename', 'key', 'token', ...inMain)).code).toBe(0);
    const refused = await owner('secret', 'versions', 'key', ...inMain);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('There is no secret key')]);
  });

  test('binds a policy, sees it with its reads, and takes it away', async () => {
    const policy = ['--hours', 'Mon,Tue/08:00-18:00/Europe/Berlin', '--address', '10.0.0.0/8', '::1'];
    const more = ['--ends', '2099-01-31T00:00:00Z', '--per-day', '5'];
    expect((await owner('policy', 'set', 'token', ...inMain, ...policy, ...more)).code).toBe(0);
    const { stdout } = await owner('policy', 'list');
    expect(stdout).toContain(
      'Mon,Tue 08:00-18:00 Europe/Berlin; from 10.0.0.0/8, ::1; until 2099-01-31T00:00:00Z; 0 of 5 reads a day',
    );
    const asked = await owner('policy', 'remove', 'token', ...inMain);
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining('Nothing was done')]);
    expect((await owner('policy', 'remove', 'token', ...inMain, '--yes')).code).toBe(0);
    expect((await owner('policy', 'list')).stdout).toBe('No policy that you may see.\n');
  });

  test('is told what a condition looks like', async () => {
    for (const [flag, wrong] of [
      ['--hours', 'always'],
      ['--ends', 'soon'],
      ['--reads', '0'],
    ] as const) {
      const { code, stderr } = await owner('policy', 'set', 'token', ...inMain, flag, wrong);
      expect([code, stderr]).toEqual([64, expect.stringContaining('For example')]);
    }
  });

  test('deletes, restores and purges; what is gone for good takes --yes', async () => {
    const asked = await owner('secret', 'delete', 'token', ...inMain);
    expect([asked.code, asked.stderr]).toEqual([64, expect.stringContaining('Nothing was done')]);
    expect((await owner('secret', 'delete', 'token', ...inMain, '--yes')).code).toBe(0);
    const [item] = (await json('trash', 'list')).items;
    expect((await owner('trash', 'list')).stdout).toMatch(/ Secret +Main\/token +1 .* owner /);
    expect((await owner('trash', 'restore', item.id, '--name', 'again')).stdout).toMatch(/^again is back/);
    await owner('secret', 'delete', 'again', ...inMain, '--yes');
    expect((await owner('trash', 'purge', item.id)).stderr).toContain('Main/again would be destroyed');
    expect((await owner('trash', 'purge', item.id, '--yes')).code).toBe(0);
    expect((await owner('trash', 'list')).stdout).toBe('The trash is empty.\n');
    expect((await owner('trash', 'purge', item.id, '--yes')).code).toBe(64);
    expect((await owner('project', 'delete', 'Main', '--yes')).code).toBe(0);
    expect((await json('trash', 'list')).items).toMatchObject([{ kind: 'Project', name: 'Main' }]);
  });
});
