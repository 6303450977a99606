import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { setValues } from '#test/builders/machine.ts';
import { MovedClock, send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { MachineClient } from '#test/fakes/machine-client.ts';
import { bootstrapScript } from '#vault/machine-api/bootstrap-script.ts';
import { member, owner, type Person } from '../world/people.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('a standard machine by bootstrap', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let home: string;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    boss = await owner(vault);
    home = join(vault.folder, 'a "home" of\\mine');
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const made = async (body: object = {}) => {
    const sent = await send<{
      token: string;
      command: string;
      powershell: string;
      kubernetes: string;
      expiresAt: number;
    }>(vault.server.port, 'POST', `/api/v1/vaults/${vault.vaultId}/bootstrap-tokens`, JSON.stringify(body), {
      authorization: `Bearer ${boss.token}`,
      'content-type': 'application/json',
      host: `localhost:${vault.server.port}`,
    });
    expect(sent.status).toBe(201);
    return sent.body;
  };
  /** With nothing in the environment but what the script says that it needs. */
  const run = (command: string, environment: NodeJS.ProcessEnv = { SIKKERKEY_HOME: home }): Promise<Ran> =>
    new Promise((resolve) => {
      const env = { PATH: '/usr/local/bin:/usr/bin:/bin', ...environment };
      execFile('sh', ['-c', command], { env, cwd: vault.folder }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  const identityFolder = () => join(home, 'vaults', vault.vaultId);
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const decide = async (name: string, what: 'approve' | 'reject') =>
    (await boss.ask('POST', `/vaults/${vault.vaultId}/machines/${name}/${what}`)).status;

  it('makes its identity with sh, openssl and curl alone, and reads once it is approved and granted', async () => {
    const ids = await setValues(vault, { 'web/cookie': 'c1' });
    const { command } = await made({ name: 'api-server-1' });
    expect(command).toMatch(
      /^\(curl -sSL http:\/\/localhost:\d+\/v1\/bootstrap\/boot_[\w-]{43} \|\| echo 'exit 1'\) \| sh$/,
    );
    const ran = await run(command);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('api-server-1');

    const folder = identityFolder();
    expect(readdirSync(folder).sort()).toEqual(['identity.json', 'private.pem']);
    expect([home, join(home, 'vaults'), folder].map(modeOf)).toEqual(['700', '700', '700']);
    expect(['identity.json', 'private.pem'].map((file) => modeOf(join(folder, file)))).toEqual([
      '600',
      '600',
    ]);
    const identity = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8')) as Record<
      string,
      string
    >;
    expect(identity).toEqual({
      machineId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      machineName: 'api-server-1',
      vaultId: vault.vaultId,
      apiUrl: vault.url,
      privateKeyPath: join(folder, 'private.pem'),
    });

    const client = MachineClient.fromFolder(folder);
    const read = async () => (await client.send('GET', `/v1/secret/${ids['web/cookie']}`)).status;
    expect(await read()).toBe(403);
    expect(await decide('api-server-1', 'approve')).toBe(204);
    expect(await decide('api-server-1', 'approve')).toBe(422);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(200);
    expect(await read()).toBe(403);
    const access = { access: [{ project: 'web', secrets: ['cookie'] }] };
    const path = `/vaults/${vault.vaultId}/machines/api-server-1/access`;
    expect((await boss.ask('PUT', path, access)).status).toBe(204);
    expect(await client.secret(ids['web/cookie'] ?? '')).toBe('c1');
    const { machines } = (await boss.ask<{ machines: object[] }>('GET', `/vaults/${vault.vaultId}/machines`))
      .body;
    expect(machines).toMatchObject([
      { name: 'api-server-1', kind: 'standard', approved: true, expiresAt: null, keys: [{}], ...access },
    ]);
  });

  it('is called after its host where the token names none', async () => {
    const { command } = await made();
    expect((await run(command)).code).toBe(0);
    const host = (await run('uname -n | tr -cd "A-Za-z0-9._-"')).stdout;
    expect((await vault.snapshot()).machines).toMatchObject([{ name: host, approved: false }]);
  });

  it('uses its token once', async () => {
    const { command } = await made();
    expect((await run(command)).code).toBe(0);
    const again = await run(command, { SIKKERKEY_HOME: join(vault.folder, 'other') });
    expect(again).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'bootstrap: refused: the token is unknown, over, revoked or used up\n',
    });
    expect((await vault.snapshot()).machines).toHaveLength(1);
  });

  it('leaves an identity that is there alone, and the token unused', async () => {
    const { command } = await made();
    mkdirSync(identityFolder(), { recursive: true });
    writeFileSync(join(identityFolder(), 'identity.json'), 'mine');
    const refused = await run(command);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/there is an identity in .* already/);
    expect(readFileSync(join(identityFolder(), 'identity.json'), 'utf8')).toBe('mine');
    expect((await run(command, { HOME: vault.folder })).code).toBe(0);
    expect(existsSync(join(vault.folder, '.sikkerkey/vaults', vault.vaultId, 'private.pem'))).toBe(true);
  });

  it('leaves no key behind where the vault refuses it, and says why', async () => {
    const { token } = await made();
    const script = (await get(`/v1/bootstrap/${token}`)).text;
    clock.advance(10 * 60 * 1000);
    writeFileSync(join(vault.folder, 'script'), script);
    const ran = await run('sh script');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/refused: the token is unknown, over/);
    expect(readdirSync(identityFolder())).toEqual([]);
  });

  it('runs nothing of a script whose download broke off', async () => {
    const { token } = await made();
    const script = (await get(`/v1/bootstrap/${token}`)).text;
    for (const part of [0.3, 0.6, 0.9]) {
      writeFileSync(join(vault.folder, 'script'), script.slice(0, Math.floor(script.length * part)));
      await run('sh script');
    }
    expect(existsSync(home)).toBe(false);
    expect((await vault.snapshot()).machines).toEqual([]);
  });

  it('gets by a token that is none what says why, and fails where it is run', async () => {
    const why = 'bootstrap: refused: the token is unknown, over, revoked or used up';
    for (const token of ['boot_nonsense', 'a%20b', "it's"]) {
      const { status, type, text } = await get(`/v1/bootstrap/${token}`);
      expect([status, type]).toEqual([401, 'text/x-shellscript']);
      writeFileSync(join(vault.folder, 'script'), text);
      expect(await run('sh script')).toEqual({ code: 1, stdout: '', stderr: `${why}\n` });
    }
    expect(await get('/v1/bootstrap/boot_nonsense/ps')).toEqual({
      status: 401,
      type: 'text/x-powershell',
      text: `throw '${why}'\n`,
    });
    expect(await get('/v1/bootstrap/boot_nonsense/k8s')).toEqual({
      status: 401,
      type: 'application/yaml',
      text: `# ${why}\n`,
    });
  });

  it('fails where its script cannot be loaded', async () => {
    const { command } = await made();
    const elsewhere = command.replace(String(vault.server.port), '1');
    const ran = await run(elsewhere);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(/^curl: /);
  });

  it('is served to PowerShell, and to kubectl as objects whose pod makes its key itself', async () => {
    const { token, powershell, kubernetes } = await made();
    const url = `${vault.url}/v1/bootstrap/${token}`;
    expect([powershell, kubernetes]).toEqual([
      `Invoke-RestMethod ${url}/ps | Invoke-Expression`,
      `(curl -sSL ${url}/k8s || echo '#') | kubectl apply -f -`,
    ]);
    const ps = (await get(`/v1/bootstrap/${token}/ps`)).text;
    expect(ps).toMatch(/^& \{\n[\s\S]*\n\}\n$/);
    expect(ps).toContain(`$token = '${token}'`);

    const { type, text } = await get(`/v1/bootstrap/${token}/k8s`);
    expect(type).toBe('application/yaml');
    const [secret, claim, deployment] = parseAllDocuments(text).map((document) => document.toJS());
    expect([secret.kind, claim.kind, deployment.kind]).toEqual([
      'Secret',
      'PersistentVolumeClaim',
      'Deployment',
    ]);
    expect(text).not.toContain('PRIVATE KEY');
    const { initContainers, volumes } = deployment.spec.template.spec;
    expect(volumes).toEqual([
      { name: 'identity', persistentVolumeClaim: { claimName: claim.metadata.name } },
      { name: 'bootstrap', secret: { secretName: secret.metadata.name } },
    ]);
    // As the init container would: once it enrols, and again it finds what it made.
    const [, , commanded] = initContainers[0].command as [string, string, string];
    writeFileSync(join(vault.folder, 'bootstrap.sh'), secret.stringData['bootstrap.sh']);
    const inPlace = commanded
      .replace('/bootstrap/bootstrap.sh', join(vault.folder, 'bootstrap.sh'))
      .replaceAll('/var/lib/sikkerkey', join(vault.folder, 'kept'));
    for (const count of [1, 1]) {
      expect(await run(inPlace, { SIKKERKEY_HOME: join(vault.folder, 'kept') })).toMatchObject({ code: 0 });
      expect((await vault.snapshot()).machines).toHaveLength(count);
    }
  });

  it('that is rejected is gone, and its key is free again', async () => {
    const { command } = await made({ name: 'laptop' });
    await run(command);
    const client = MachineClient.fromFolder(identityFolder());
    expect(await decide('laptop', 'reject')).toBe(204);
    expect((await client.send('GET', '/v1/secrets')).status).toBe(401);
    const { machines, tombstones } = await vault.snapshot();
    expect([machines, tombstones]).toEqual([[], []]);
    expect(await decide('laptop', 'reject')).toBe(404);
  });

  it('is told in the audit log from token to decision, without the token', async () => {
    const { command, token } = await made({ name: 'laptop' });
    await run(command);
    await decide('laptop', 'approve');
    const { entries } = (
      await boss.ask<{ entries: { action: string; actor: { name: string } }[] }>(
        'GET',
        `/vaults/${vault.vaultId}/audit?limit=500`,
      )
    ).body;
    expect(entries.slice(-3).map(({ action, actor }) => [action, actor.name])).toEqual([
      ['bootstrap-token.created', 'owner'],
      ['machine.waits-for-approval', 'laptop'],
      ['machine.approved', 'owner'],
    ]);
    expect(JSON.stringify(entries)).not.toContain(token);
  });

  it('is granted secrets only by who holds Secrets: Manage in each project where that changes (H1)', async () => {
    await setValues(vault, { 'web/cookie': 'c1', 'db/password': 'p1' });
    await run((await made({ name: 'web' })).command);
    const after = { description: '', capabilities: { Machines: ['Manage'] }, projectScope: 'All' } as const;
    await vault.step({ kind: 'CreateTemplate', key: 'machines', before: null, after });
    const grants = [{ project: 'web', access: 'Write' }] as const;
    const alice = await member(vault, 'alice@acme.example', { template: 'machines', grants });
    const put = async (by: Person, ...access: object[]) =>
      (await by.ask('PUT', `/vaults/${vault.vaultId}/machines/web/access`, { access })).status;
    const web = { project: 'web', secrets: ['cookie'] };
    const db = { project: 'db', secrets: ['password'] };
    expect(await put(alice, web)).toBe(204);
    expect(await put(alice, web, db)).toBe(403);
    expect(await put(boss, db)).toBe(204);
    expect(await put(alice, web, db)).toBe(204);
    expect(await put(alice)).toBe(403);
  });

  const get = async (target: string) => {
    const response = await fetch(`${vault.url}${target}`);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };
});

describe('the bootstrap script', () => {
  it('holds nothing but plain text', () => {
    const facts = {
      vaultId: 'vault_0123456789abcdef',
      apiUrl: 'https://[::1]:8443',
      token: 'boot_x',
      caCertificate: null,
    };
    expect(bootstrapScript(facts)).toContain("url='https://[::1]:8443'");
    for (const apiUrl of ["https://a'b", 'https://a$(id)', 'https://a b', 'https://a\nid']) {
      expect(() => bootstrapScript({ ...facts, apiUrl })).toThrow(RangeError);
    }
  });
});
