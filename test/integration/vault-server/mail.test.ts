import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localhostCertificate } from '#test/builders/certificate.ts';
import { runVault, VaultProcess } from '#test/builders/vault-process.ts';
import { freePorts } from '#test/control-plane/processes.ts';
import { startMailServer } from '../vault/world/mail-server.ts';

const PASSWORD = 'correct horse battery staple';

describe('seneschal vault serve with a mail server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'seneschal-mail-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes an invitee from the mail to an account, and logs neither token nor password (I1)', async () => {
    const { cert, key } = localhostCertificate();
    const arrived = Promise.withResolvers<void>();
    let waitFor = 2;
    const seen: unknown[] = [];
    await using mails = await startMailServer({
      ...{ cert, key, disabledCommands: [] },
      onAuth: ({ username, password }, _session, done) => {
        seen.push(username, password);
        done(null, { user: username });
      },
      onMailFrom: (_address, _session, done) => {
        waitFor -= 1;
        if (waitFor === 0) arrived.resolve();
        done();
      },
    });
    const [port, health] = (await freePorts(2)) as [number, number];
    writeFileSync(join(folder, 'smtp.password'), 'planted-smtp\n', { mode: 0o600 });
    writeFileSync(join(folder, 'ca.crt'), cert);
    const config = join(folder, 'vault.yaml');
    const smtp = `{host: 127.0.0.1, port: ${mails.settings.port}, user: vault, passwordFile: smtp.password, ca: ca.crt}`;
    writeFileSync(
      config,
      [
        `listen: {port: ${port}}`,
        `health: {port: ${health}}`,
        'publicUrl: https://vault.acme.example',
        'database: vault.db',
        'rootKey: {file: root.key}',
        `mail: {smtp: ${smtp}, from: Acme vault <vault@acme.example>}`,
        'log: {level: debug}',
      ].join('\n'),
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
        ...['--organization', 'Acme', '--credentials', join(folder, 'credentials')],
      ],
      PASSWORD,
    );
    const { vaultId } = JSON.parse(made.stdout) as { vaultId: string };
    await using server = new VaultProcess(['serve', '--config', config]);
    await server.logged('"serving"');
    const ask = async (path: string, body: object, token?: string) => {
      const headers = {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const answer = await fetch(`http://localhost:${port}/api/v1${path}`, {
        ...{ method: 'POST', headers, body: JSON.stringify(body) },
      });
      const text = await answer.text();
      return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, string> };
    };
    const { body } = await ask('/sessions', { email: 'owner@acme.example', password: PASSWORD, vaultId });
    expect(
      (await ask(`/vaults/${vaultId}/invites`, { emails: ['alice@acme.example'] }, body.token)).status,
    ).toBe(204);
    expect((await ask('/accounts', { email: 'alice@acme.example' })).status).toBe(202);
    await arrived.promise;
    server.signal('SIGTERM');
    // What is under way at the end is finished.
    expect(await server.ended).toBe(0);
    expect(seen.slice(0, 2)).toEqual(['vault', 'planted-smtp']);
    const texts = mails.received.map(({ raw }) => raw.replaceAll('=\r\n', '').replaceAll('=3D', '='));
    expect(mails.received.map(({ to }) => to)).toEqual([['alice@acme.example'], ['alice@acme.example']]);
    expect(texts.some((text) => text.includes('https://vault.acme.example/join#invites'))).toBe(true);
    const token = texts
      .map((text) => /join#(ver_[\w-]{43})/.exec(text)?.[1])
      .find((one) => one !== undefined);
    expect(token).toBeDefined();

    await using again = new VaultProcess(['serve', '--config', config]);
    await again.logged('"serving"');
    const fields = { token, userName: 'alice', password: 'another horse battery' };
    expect((await ask('/accounts/verify', fields)).status).toBe(201);
    for (const text of ['planted-smtp', 'ver_', 'another horse', PASSWORD]) {
      expect(server.stderr + again.stderr).not.toContain(text);
    }
  });
});
