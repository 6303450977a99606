import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Connection } from '#cli/person/person-connection.ts';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';

const PASSWORD = 'correct horse battery staple';

describe('seneschal vault init and serve', () => {
  let folder: string;
  let config: string;
  let port: number;
  /** A name that this machine does not know: it is reached by --connect-to. */
  let url: string;
  let health: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-serve-'));
    config = join(folder, 'vault.yaml');
    [port, health] = (await freePorts(2)) as [number, number];
    url = `https://vault.test:${port}`;
    const { cert, key } = localhostCertificate();
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    writeFileSync(
      config,
      [
        `listen: {port: ${port}, tls: {cert: tls.crt, key: tls.key}}`,
        `publicUrl: ${url}`,
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
    const { credentialsDir } = JSON.parse(made.stdout) as { credentialsDir: string };
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
    const ca = localhostCertificate().cert;
    const connectTo = { host: '127.0.0.1', port };
    const credentials = await credentialsOfFolder(credentialsDir);
    const provider = connect({ ...credentials, connectTo });
    const { snapshot } = await provider.observe(null, new AbortController().signal);
    expect(snapshot.state.owner).toBe('owner@acme.example');
    await provider.close();
    const people = new Connection({ url, ca, connectTo });
    expect(await people.signIn({ email: 'alice@acme.example', password: PASSWORD })).toMatchObject({
      userName: 'alice',
    });
    people.close();
    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${health}/metrics`)).text();
    expect(metrics).toMatch(/seneschal_vault_server_requests_total\{plane="management",code="201"\} 1/);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    const key = readFileSync(join(folder, 'root.key'), 'utf8').trim();
    for (const secret of [PASSWORD, key, 'ses_']) expect(server.stderr).not.toContain(secret);
  });

  it('say at the start that automation is refused where no address is configured (V4)', async () => {
    await init();
    writeFileSync(config, readFileSync(config, 'utf8').replace(/^publicUrl.*$/m, ''));
    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    expect(server.stderr).toContain('automation is refused: publicUrl names no address of this server');
  });

  it('start sealed without the root key, and say so (V5)', async () => {
    await init();
    rmSync(join(folder, 'root.key'));
    await using server = new VaultProcess(['serve', '--config', config]);
    expect(await server.logged('"serving"')).toMatchObject({ sealed: true, tls: true });
    expect(server.stderr).toContain('sealed: there is no root key');
    const ready = await fetch(`http://127.0.0.1:${health}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, 'sealed: there is no root key']);
    expect(await statusOf('/healthz')).toBe(200);
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
    expect(readdirSync(folder).filter((name) => !name.startsWith('tls.'))).toEqual(['vault.yaml']);
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
