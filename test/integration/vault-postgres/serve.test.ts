import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { credentialsOfFolder } from '#provider/seneschal/automation-credentials.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';
import { newDatabase, type TestDatabase } from '#test/builders/database.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';

/** Of both servers, as behind a load balancer. */
const ADDRESS = 'https://vault.test';

let folder: string;
let database: TestDatabase;
let ports: number[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seneschal-serve-'));
  database = await newDatabase(folder);
  ports = await freePorts(2);
});
afterEach(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** The configuration of a replica; they share database and root key. */
function configured(url: string, port: number): string {
  const file = join(folder, `vault-${port}.yaml`);
  const { cert, key } = localhostCertificate();
  writeFileSync(join(folder, 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls.key'), key);
  const listen = `{port: ${port}, tls: {cert: tls.crt, key: tls.key}}`;
  writeFileSync(
    file,
    `listen: ${listen}\npublicUrl: ${ADDRESS}\ndatabase: ${url}\nrootKey: {file: root.key}\n`,
  );
  return file;
}

const init = (config: string) =>
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
    'correct horse battery staple\n',
  );

it('seneschal vault init makes a vault in PostgreSQL, which two servers answer for (V6)', async () => {
  const [first = '', second = ''] = ports.map((port) => configured(database.name, port));
  const made = await init(first);
  expect([made.code, made.stderr.includes('postgres://')]).toEqual([0, false]);
  const { credentialsDir } = JSON.parse(made.stdout) as { credentialsDir: string };
  await using one = new VaultProcess(['serve', '--config', first]);
  await using other = new VaultProcess(['serve', '--config', second]);
  for (const [index, server] of [one, other].entries()) {
    await server.logged('"serving"');
    const provider = connect({
      ...(await credentialsOfFolder(credentialsDir)),
      connectTo: { host: '127.0.0.1', port: ports[index] ?? 0 },
    });
    const { snapshot } = await provider.observe(null, new AbortController().signal);
    expect(snapshot.state.owner).toBe('owner@acme.example');
    await provider.close();
  }
  for (const server of [one, other]) {
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
  }
  expect(readdirSync(folder).filter((name) => name.includes('.db'))).toEqual([]);
});

it('seneschal vault verify finds it whole or says what is not, and a copy is left to pg_dump', async () => {
  const config = configured(database.name, ports[0] ?? 0);
  const { vaultId } = JSON.parse((await init(config)).stdout) as { vaultId: string };
  const { host, pathname } = new URL(database.name);
  const name = `postgres://${host}${pathname}`;
  const verified = await runVault(['verify', '--config', config]);
  expect([verified.code, verified.stderr]).toEqual([0, '']);
  expect(verified.stdout).toContain(`${name}: whole; 1 vaults, 1 keys and 0 values opened`);
  await database.edit('delete from audit_entries where sequence = (select max(sequence) from audit_entries)');
  const broken = await runVault(['verify', '--config', config]);
  expect(broken.code).toBe(1);
  expect(broken.stdout).toContain(`${name}: ${vaultId}: the audit log ends at entry`);
  const backup = await runVault(['backup', '--config', config, '--out', join(folder, 'copy')]);
  expect(backup).toMatchObject({ code: 64, stdout: '' });
  expect(backup.stderr).toContain('Use pg_dump');
});

it('a database that does not let the server in is named without user and password', async () => {
  const url = new URL(database.name);
  url.password = 'planted';
  const refused = await init(configured(url.href, ports[0] ?? 0));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(`postgres://${url.host}${url.pathname} cannot be opened: 28P01`);
  expect(refused.stdout + refused.stderr).not.toContain('planted');
});
