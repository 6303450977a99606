import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedByOther } from '#test/builders/certificate.ts';
import { OWNER, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';

describe('bootstrap at a vault whose certificate no system knows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-bootstrap-'));
  let vault: TestVault;
  let authority: string;
  beforeAll(async () => {
    const { cert, key, ca } = signedByOther(folder, 0x42);
    authority = ca;
    vault = await startTestVault({ listener: { tls: { cert, key, ca } } });
  });
  afterAll(async () => {
    await vault[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  async function ask(path: string, body: object, authorization?: string): Promise<Record<string, string>> {
    const sent = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': sent.length };
    const outgoing = request({
      ...{ host: 'localhost', port: vault.server.port, method: 'POST', path, ca: authority, agent: false },
      headers: authorization === undefined ? headers : { ...headers, authorization },
    });
    outgoing.end(sent);
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, string>>();
    outgoing
      .on('error', reject)
      .on('response', async (incoming) => resolve(JSON.parse(await text(incoming))));
    return promise;
  }
  async function command(): Promise<string> {
    const session = await ask('/api/v1/sessions', {
      email: OWNER,
      password: PASSWORD,
      vaultId: vault.vaultId,
    });
    const path = `/api/v1/vaults/${vault.vaultId}/bootstrap-tokens`;
    return (await ask(path, { name: 'laptop' }, `Bearer ${session.token}`)).command ?? '';
  }
  const run = (line: string, home: string) =>
    new Promise<{ code: number; stderr: string }>((resolve) => {
      const env = {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        SIKKERKEY_HOME: join(folder, home),
        TMPDIR: folder,
      };
      execFile('sh', ['-c', line], { env }, (error, _, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stderr });
      });
    });

  it('takes the one command: it brings the authority, and leaves it beside the identity', async () => {
    expect(await run(await command(), 'home')).toEqual({ code: 0, stderr: '' });
    const made = join(folder, 'home/vaults', vault.vaultId);
    expect(readdirSync(made).sort()).toEqual(['ca.crt', 'identity.json', 'private.pem']);
    expect(readFileSync(join(made, 'ca.crt'), 'utf8').trim()).toBe(authority.trim());
    expect(JSON.parse(readFileSync(join(made, 'identity.json'), 'utf8'))).toMatchObject({
      apiUrl: `https://localhost:${vault.server.port}`,
    });
  });

  it('fails, and runs nothing, where another vault answers than the one whose authority it brings', async () => {
    const other = signedByOther(mkdtempSync(join(folder, 'other-')), 0x43).ca;
    const lines = (pem: string) => pem.trim().split(/\r?\n/).join('\\n');
    const own = await command();
    expect(own).toContain(lines(authority));
    const ran = await run(own.replace(lines(authority), lines(other)), 'nowhere');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/^curl: \(60\)/);
    expect(readdirSync(folder)).not.toContain('nowhere');
  });
});
