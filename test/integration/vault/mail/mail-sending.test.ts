import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretValue } from '#model/secret-value.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';
import { MovedClock, OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { CLAIM, PATIENCE } from '#vault/mail/attempts.ts';
import { NOBODY_OBSERVES } from '#vault/mail/observer.ts';
import { enqueueMail, VAULT_ADDRESS } from '#vault/mail/outbox.ts';
import { NO_POSTMAN, type Postman } from '#vault/mail/postman.ts';
import { sendDue } from '#vault/mail/sender.ts';
import { smtpPostman } from '#vault/mail/smtp.ts';
import { startMailServer } from '../world/mail-server.ts';
import { member, owner } from '../world/people.ts';

const MINUTE = 60_000;
const BODY = `token tok_planted at ${VAULT_ADDRESS}/join`;

describe('a mail in the outbox', () => {
  let clock: MovedClock;
  let vault: TestVault;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const enqueue = (more: Partial<Parameters<typeof enqueueMail>[1]> = {}) =>
    vault.context.bookkeep((db) =>
      enqueueMail(db, {
        ...{ at: clock.now(), to: 'alice@acme.example', subject: 'Hello', text: BODY, kind: 'test' },
        vaultId: vault.vaultId,
        ...more,
      }),
    );
  const { signal: never } = new AbortController();
  const send = (postman: Postman, hurry = never) =>
    sendDue(vault.context, postman, NOBODY_OBSERVES, { noMore: never, hurry });
  const row = () => vault.context.reader.selectFrom('mails').selectAll().executeTakeFirstOrThrow();
  const outcome = async () => {
    const { attempts, last_error, next_attempt_at, sent_at, body } = await row();
    const waits = next_attempt_at === null ? null : (next_attempt_at - clock.now()) / MINUTE;
    return { attempts, last_error, waits, isSent: sent_at !== null, body };
  };

  it('reaches the mail server once, with the address of the vault in it, and its text is kept no longer', async () => {
    await using mails = await startMailServer();
    await enqueue();
    const postman = smtpPostman(mails.settings);
    await send(postman);
    await send(postman);
    expect(mails.received).toHaveLength(1);
    expect(mails.received[0]?.to).toEqual(['alice@acme.example']);
    const raw = mails.received[0]?.raw ?? '';
    expect(raw).toMatch(/^From: Acme vault <vault@acme\.example>\r?$/m);
    expect(raw).toMatch(/^Auto-Submitted: auto-generated\r?$/m);
    expect(raw).toMatch(/^Message-ID: <mail_[\w-]{43}@acme\.example>\r?$/m);
    expect(raw).toContain('token tok_planted at /join');
    expect(await outcome()).toEqual({ attempts: 1, last_error: null, waits: null, isSent: true, body: '' });
  });

  it('is tried again, ever later, while the mail server refuses it; what that says is not kept', async () => {
    await using mails = await startMailServer();
    mails.refusal = { code: 451, text: 'later, tok_planted' };
    await enqueue();
    const postman = smtpPostman(mails.settings);
    await send(postman);
    expect(await outcome()).toMatchObject({ attempts: 1, last_error: 'EMESSAGE 451', waits: 1 });
    await send(postman);
    expect(await outcome()).toMatchObject({ attempts: 1 });
    clock.advance(MINUTE);
    await send(postman);
    expect(await outcome()).toMatchObject({ attempts: 2, waits: 5, body: BODY });
    mails.refusal = null;
    clock.advance(5 * MINUTE);
    await send(postman);
    expect(await outcome()).toMatchObject({ attempts: 3, isSent: true, body: '' });
  });

  it('waits while no mail server answers, and goes out when one does', async () => {
    const mails = await startMailServer();
    const postman = smtpPostman(mails.settings);
    await mails[Symbol.asyncDispose]();
    await enqueue();
    await send(postman);
    expect(await outcome()).toMatchObject({ attempts: 1, last_error: 'ESOCKET', waits: 1 });
    await using back = await startMailServer();
    clock.advance(MINUTE);
    await send(smtpPostman(back.settings));
    expect(back.received).toHaveLength(1);
  });

  it('is given up after three days, and the owner sees why, without its text', async () => {
    await enqueue();
    await send(NO_POSTMAN);
    clock.advance(PATIENCE);
    await send(NO_POSTMAN);
    expect(await outcome()).toEqual({
      attempts: 2,
      last_error: 'NoMailServer',
      waits: null,
      isSent: false,
      body: '',
    });
    const boss = await owner(vault);
    const { body } = await boss.ask('GET', `/vaults/${vault.vaultId}/mails`);
    expect(body).toEqual({
      mails: [
        {
          ...{ kind: 'test', recipient: 'alice@acme.example', state: 'NotSent', attempts: 2 },
          ...{
            lastError: 'NoMailServer',
            createdAt: clock.now() - PATIENCE,
            nextAttemptAt: null,
            sentAt: null,
          },
        },
      ],
    });
  });

  it('is not sent when what it tells of is over', async () => {
    await using mails = await startMailServer();
    await enqueue({ expiresAt: clock.now() + 10 });
    clock.advance(10);
    await send(smtpPostman(mails.settings));
    expect(mails.received).toEqual([]);
    expect(await outcome()).toMatchObject({ last_error: 'Expired', isSent: false, body: '' });
  });

  it('cannot be made to carry further headers or recipients by what people write', async () => {
    await using mails = await startMailServer();
    await enqueue({ subject: 'Hello\r\nBcc: mallory@evil.example', to: 'alice@acme.example' });
    await send(smtpPostman(mails.settings));
    expect(mails.received[0]?.to).toEqual(['alice@acme.example']);
    expect(mails.received[0]?.raw).not.toMatch(/^Bcc:/m);
  });

  it('is sent once though two servers look at once, and again by another where one died before it was noted', async () => {
    await using mails = await startMailServer();
    const postman = smtpPostman(mails.settings);
    await enqueue();
    await Promise.all([send(postman), send(postman), send(postman)]);
    expect(mails.received).toHaveLength(1);

    await vault.context.bookkeep((db) => db.deleteFrom('mails').execute());
    await enqueue();
    const dies: Postman = {
      deliver: async (letter, hurry) => {
        await postman.deliver(letter, hurry);
        throw new Error('the process dies here');
      },
    };
    await expect(send(dies)).rejects.toThrow('dies');
    clock.advance(CLAIM - 1);
    await send(postman);
    expect(mails.received).toHaveLength(2);
    clock.advance(1);
    await send(postman);
    expect(mails.received).toHaveLength(3);
    const ids = mails.received.slice(1).map(({ raw }) => /^Message-ID: (.*)$/m.exec(raw)?.[1]);
    expect(ids[0]).toBe(ids[1]);
  });

  describe('over the network', () => {
    const { cert, key } = localhostCertificate();

    it('goes by TLS from the start, and by STARTTLS with user and password', async () => {
      await using tls = await startMailServer({ secure: true, cert, key }, { secure: true, ca: cert });
      await enqueue();
      await send(smtpPostman(tls.settings));
      expect(tls.received).toHaveLength(1);

      const seen: unknown[] = [];
      await using starttls = await startMailServer(
        {
          ...{ cert, key, disabledCommands: [] },
          onAuth: ({ username, password }, { secure }, done) => {
            seen.push([username, password, secure]);
            done(null, { user: username });
          },
        },
        { ca: cert, user: 'vault', password: new SecretValue('pw') },
      );
      await enqueue();
      await send(smtpPostman(starttls.settings));
      expect(starttls.received).toHaveLength(1);
      expect(seen).toEqual([['vault', 'pw', true]]);
    });

    it('does not go to a server whose certificate nobody vouches for', async () => {
      await using mails = await startMailServer({ secure: true, cert, key }, { secure: true });
      await enqueue();
      await send(smtpPostman(mails.settings));
      expect(mails.received).toEqual([]);
      expect(await outcome()).toMatchObject({
        attempts: 1,
        isSent: false,
        last_error: expect.stringMatching(/^E/),
      });
    });
  });

  describe('at a server that says nothing', () => {
    let silent: Server;
    const sockets = new Set<Socket>();
    beforeEach(async () => {
      silent = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
      });
      await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    });
    afterEach(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => silent.close(closed));
    });

    it('is let go after a while, and tried again', async () => {
      const { port } = silent.address() as AddressInfo;
      const smtp = {
        ...{ host: '127.0.0.1', port, secure: false, user: null, password: null, ca: null },
        from: 'v@acme.example',
      };
      await enqueue();
      await send(smtpPostman(smtp, { connect: 50, idle: 50, whole: 5000 }));
      expect(await outcome()).toMatchObject({ attempts: 1, last_error: 'ETIMEDOUT', waits: 1 });
    });
  });

  it('that a server which ends has no time left for is tried again', async () => {
    await using mails = await startMailServer({ onConnect: () => undefined });
    await enqueue();
    await send(smtpPostman(mails.settings), AbortSignal.timeout(100));
    expect(await outcome()).toMatchObject({ attempts: 1, last_error: 'EABORT', waits: 1, body: BODY });
  });

  it('is listed with its text where mails stay, for development, and nowhere else', async () => {
    await enqueue({ to: OWNER });
    const boss = await owner(vault);
    expect((await boss.ask('GET', '/mails')).body).toMatchObject({
      mails: [
        {
          state: 'Waiting',
          subject: 'Hello',
          text: `token tok_planted at http://localhost:${vault.server.port}/join`,
        },
      ],
    });
    await using sending = await startTestVault({ outgoing: { mail: null } });
    expect(await (await owner(sending)).ask('GET', '/mails')).toMatchObject({
      status: 404,
      body: { code: 'NoOutbox' },
    });
  });

  it('is listed by the owner and nobody else (V3)', async () => {
    const alice = await member(vault, 'alice@acme.example');
    const answer = await alice.ask('GET', `/vaults/${vault.vaultId}/mails`);
    expect(answer).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
  });
});
