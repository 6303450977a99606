import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { selfSigned } from '#test/builders/certificate.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';

let folder: string;
let config: string;
let port: number;
let server: VaultProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'seneschal-tls-'));
  config = join(folder, 'vault.yaml');
  [port] = (await freePorts(1)) as [number];
  show(0x11);
  const listen = `listen: {port: ${port}, tls: {cert: shown.crt, key: shown.key}}`;
  writeFileSync(
    config,
    [listen, 'publicUrl: https://vault.test', 'database: vault.db', 'rootKey: {file: root.key}'].join('\n'),
  );
  const who = ['--owner', 'owner@acme.example', '--organization', 'Acme', '--password-file', '-'];
  const made = await runVault(
    [
      'init',
      '--unbounded',
      '--abilities',
      'all',
      '--config',
      config,
      ...who,
      '--credentials',
      join(folder, 'credentials'),
    ],
    'correct horse battery staple\n',
  );
  expect(made.code).toBe(0);
  server = new VaultProcess(['serve', '--config', config]);
  await server.logged('serving');
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts another certificate where the configuration says, the key first or last as told. */
function show(serial: number, days = 2): string {
  const made = selfSigned(folder, serial, days);
  for (const ending of ['crt', 'key']) {
    copyFileSync(join(folder, `${serial}.${ending}`), join(folder, `shown.${ending}`));
  }
  return made.serial;
}

/** Serial number of the certificate that a new handshake shows. */
function shown(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().serialNumber);
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}

/** One request over a connection that is kept; its status, and the certificate that its handshake showed. */
function asked(agent: Agent): Promise<{ status: number; serial: string; hsts: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    serial: string;
    hsts: unknown;
  }>();
  const target = { host: '127.0.0.1', port, path: '/api/v1/me/invites', agent, rejectUnauthorized: false };
  const outgoing = request(target, (incoming) => {
    const serial = (incoming.socket as TLSSocket).getPeerCertificate().serialNumber;
    const { statusCode: status = 0, headers } = incoming;
    incoming
      .resume()
      .once('end', () => resolve({ status, serial, hsts: headers['strict-transport-security'] }));
  });
  outgoing.on('error', reject).end();
  return promise;
}

describe('a certificate that is renewed while the server runs', () => {
  it('is shown to new connections, and those that are open go on', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const before = await asked(agent);
      expect(before).toMatchObject({ status: 401, serial: '11', hsts: 'max-age=31536000' });
      expect(await shown()).toBe('11');
      show(0x12);
      await vi.waitFor(async () => expect(await shown()).toBe('12'), 20_000);
      expect((await asked(agent)).serial, 'the old connection').toBe('11');
    } finally {
      agent.destroy();
    }
  });

  it('and cannot be used stays unseen: the old one is shown, the log says why, and a good one follows', async () => {
    writeFileSync(join(folder, 'shown.crt'), 'not a certificate');
    server.signal('SIGHUP');
    const line = await server.logged('the certificate stays as it was');
    expect(line).toMatchObject({ why: 'there is no certificate in its file' });
    expect(await shown()).toBe('11');
    show(0x13, -1);
    await server.logged('it ended on');
    expect(await shown()).toBe('11');
    show(0x14);
    server.signal('SIGHUP');
    await vi.waitFor(async () => expect(await shown()).toBe('14'), 20_000);
    expect(server.stderr).not.toContain('PRIVATE KEY');
  });

  it('of files that are gone the log says it once, and the old one is shown', async () => {
    rmSync(join(folder, 'shown.key'));
    await server.logged('the certificate stays as it was');
    for (const count of [1, 2]) {
      server.signal('SIGHUP');
      const read = () => expect(server.stderr.match(/root keys were read anew/g)).toHaveLength(count);
      await vi.waitFor(read, 20_000);
    }
    expect(server.stderr.match(/the certificate stays as it was/g)).toHaveLength(1);
    expect(await shown()).toBe('11');
    show(0x15);
    await vi.waitFor(async () => expect(await shown()).toBe('15'), 20_000);
  });
});

it('a certificate that cannot be used ends the start with what is wrong', async () => {
  writeFileSync(join(folder, 'shown.crt'), 'nothing');
  const ended = await runVault(['serve', '--config', config]);
  expect(ended.code).toBe(6);
  expect(ended.stderr).toContain('there is no certificate in its file');
});
