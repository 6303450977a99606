import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';

const PASSWORD = 'correct horse battery staple';

describe('seneschal vault init and serve', () => {
  let folder: string;
  let config: string;
  let port: number;
  let health: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-serve-'));
    config = join(folder, 'vault.yaml');
    [port, health] = (await freePorts(2)) as [number, number];
    writeFileSync(
      config,
      [
        `listen: {port: ${port}}`,
        `health: {port: ${health}}`,
        'database: data/vault.db',
        'rootKey: {file: root.key}',
        'log: {level: debug}',
      ].join('\n'),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const init = () =>
    runVault(
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
        ...['--organization', 'Acme', '--credentials', join(folder, 'credentials')],
      ],
      `${PASSWORD}\n`,
    );
  const statusOf = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${health}${path}`)).status;

  it('make a vault from nothing, which answers its automation and its people', async () => {
    const made = await init();
    expect(made.code).toBe(0);
    const { vaultId, credentialsDir } = JSON.parse(made.stdout) as {
      vaultId: string;
      credentialsDir: string;
    };
    expect(made.stdout + made.stderr).not.toContain(PASSWORD);
    for (const name of ['root.key', 'data/vault.db', 'credentials/private.pem']) {
      expect([name, (statSync(join(folder, name)).mode & 0o777).toString(8)]).toEqual([name, '600']);
    }
    const account = ['account', 'create', 'alice@acme.example', '--config', config, '--password-file', '-'];
    expect(await runVault(account, PASSWORD)).toMatchObject({ code: 0 });
    expect(await runVault(account, PASSWORD)).toMatchObject({ code: 1 });
    expect(
      (await runVault([...account.slice(0, 2), 'bob@acme.example', ...account.slice(3)], 'short')).code,
    ).toBe(1);

    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    const url = `http://localhost:${port}`;
    const provider = connect({ ...(await credentialsOfFolder(credentialsDir)), url, vaultId });
    const { snapshot } = await provider.observe(null, new AbortController().signal);
    expect(snapshot.state.owner).toBe('owner@acme.example');
    await provider.close();
    const opened = await fetch(`${url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'alice@acme.example', password: PASSWORD }),
    });
    expect(opened.status).toBe(201);
    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${health}/metrics`)).text();
    expect(metrics).toMatch(/seneschal_vault_server_requests_total\{plane="management",code="201"\} 1/);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    const key = readFileSync(join(folder, 'root.key'), 'utf8').trim();
    for (const secret of [PASSWORD, key, 'ses_']) expect(server.stderr).not.toContain(secret);
  });

  it('start sealed without the root key, and say so (V5)', async () => {
    await init();
    rmSync(join(folder, 'root.key'));
    await using server = new VaultProcess(['serve', '--config', config]);
    expect(await server.logged('"serving"')).toMatchObject({ sealed: true, tls: false });
    expect(server.stderr).toContain('sealed: there is no root key');
  });

  it('refuse a root key that is none without printing it', async () => {
    writeFileSync(join(folder, 'root.key'), 'planted');
    const refused = await runVault(['serve', '--config', config]);
    expect(refused).toMatchObject({ code: 6, stdout: '' });
    expect(refused.stderr).toContain('holds no root key');
    expect(refused.stderr).not.toContain('planted');
  });

  it('name file, line and field of a configuration that is wrong, and write nothing', async () => {
    writeFileSync(config, 'listen:\n  host: 0.0.0.0\n  port: 1\ndatabase: vault.db\nrootKey: {env: K}\n');
    for (const command of [['serve', '--config', config]]) {
      const refused = await runVault(command);
      expect(refused.code).toBe(6);
      expect(refused.stderr).toContain(`${config}:2:3: listen.tls: is required`);
    }
    expect(readdirSync(folder)).toEqual(['vault.yaml']);
  });

  it('say that the port is taken', async () => {
    await init();
    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    const second = await runVault(['serve', '--config', config]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain('EADDRINUSE');
  });
});
