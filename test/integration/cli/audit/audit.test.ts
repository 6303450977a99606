import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DevVault, seneschal, startDevVault } from '#test/builders/command-line.ts';

describe('seneschal audit', () => {
  let vault: DevVault;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    vault = await startDevVault();
    folder = mkdtempSync(join(tmpdir(), 'seneschal-audit-'));
    file = join(folder, 'audit.ndjson');
    const exported = await seneschal('audit', 'export', ...vault.asOwner, '--out', file);
    expect(exported).toMatchObject({ code: 0, stderr: '' });
    expect(exported.stdout).toContain(`whole, 2 entries of ${vault.vaultId}`);
  });
  afterAll(async () => {
    await vault.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const verify = (...args: readonly string[]) => seneschal('audit', 'verify', ...args);
  const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
  const headIn = (line: string | undefined) =>
    (JSON.parse(line ?? '{}') as { head: { sequence: number; hash: string; publicKey: string } }).head;

  it('exports to a file that only the user reads, and verifies it without the vault (A3)', async () => {
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const verified = await verify(file);
    expect(verified.code).toBe(0);
    expect(verified.stderr).toContain('--head');
    const { head, intact } = JSON.parse((await verify(file, '-o', 'json')).stdout);
    expect(intact).toBe(true);
    expect(head).toEqual(headIn(lines().at(-1)));
  });

  it('finds a changed byte, and exits with 1', async () => {
    const edited = join(folder, 'edited.ndjson');
    writeFileSync(
      edited,
      readFileSync(file, 'utf8').replace('"name":"Acme"', '"name":"Acmf"').replace('owner', 'ownes'),
    );
    const verified = await verify(edited);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(/edited\.ndjson:2: .*\(HashBroken\)/);
  });

  it('holds it against a head kept outside in each form, and against the key that was noted', async () => {
    const { sequence, hash, publicKey } = headIn(lines().at(-1));
    const kept = {
      organization: `status:\n  auditHead: {epoch: e, sequence: ${sequence}, hash: ${hash}}\n`,
      plain: JSON.stringify({ sequence, hash }),
      verdict: (await verify(file, '-o', 'json')).stdout,
      later: JSON.stringify({ sequence: sequence + 1, hash }),
      forged: JSON.stringify({ head: { ...headIn(lines().at(-1)), sequence: 1 } }),
    };
    for (const [name, text] of Object.entries(kept)) writeFileSync(join(folder, name), text);
    const against = async (head: string) => (await verify(file, '--head', head)).code;
    expect(await against(`${sequence}:${hash}`)).toBe(0);
    expect(await against(file)).toBe(0);
    expect(await against(join(folder, 'organization'))).toBe(0);
    expect(await against(join(folder, 'plain'))).toBe(0);
    expect(await against(join(folder, 'verdict'))).toBe(0);
    expect(await against(join(folder, 'later'))).toBe(1);
    expect(await against(`1:${hash}`)).toBe(1);
    expect(await against(join(folder, 'forged'))).toBe(64);
    expect(await against(join(folder, 'absent'))).toBe(64);
    expect((await verify(file, '--public-key', publicKey)).code).toBe(0);
    expect((await verify(file, '--public-key', Buffer.alloc(32, 1).toString('base64'))).code).toBe(1);
    expect((await verify(file, '--public-key', 'none')).code).toBe(64);
  });

  it('is refused to who may not see the entries of others, and leaves no file (A1)', async () => {
    const [alice] = vault.people;
    const out = join(folder, 'none.ndjson');
    const { code, stderr } = await seneschal(
      ...['audit', 'export', '--url', vault.url, '--vault', vault.vaultId],
      ...['--as', alice?.email ?? '', '--password-file', alice?.passwordFile ?? '', '--out', out],
    );
    expect(code).toBe(1);
    expect(stderr).toContain('NotAMember');
    expect(() => statSync(out)).toThrow();
    expect(() => statSync(`${out}.part`)).toThrow();
  });
});
