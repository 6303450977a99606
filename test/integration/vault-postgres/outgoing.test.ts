import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MovedClock, OWNER } from '#test/builders/vault.ts';
import { mailAlerts } from '#vault/alerts/digests.ts';
import { deliverDue } from '#vault/integrations/deliveries.ts';
import { NOBODY_OBSERVES } from '#vault/mail/observer.ts';
import { enqueueMail } from '#vault/mail/outbox.ts';
import type { Postman } from '#vault/mail/postman.ts';
import { sendDue } from '#vault/mail/sender.ts';
import { owner } from '../vault/world/people.ts';
import { reachingLoopback, startWebhookReceiver } from '../vault/world/webhook-receiver.ts';
import { startTwoReplicas, type TwoReplicas } from './two-replicas.ts';

describe('what two replicas send', () => {
  const clock = new MovedClock();
  let replicas: TwoReplicas;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    replicas = await startTwoReplicas({ clock, outgoing: { webhooks: reachingLoopback() } });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await replicas[Symbol.asyncDispose]();
  });

  const { signal } = new AbortController();
  const stopping = { noMore: signal, hurry: signal };
  /** Both look again and again, at the same time, until nothing is left to do. */
  const untilDone = async (look: (through: TwoReplicas['first']) => Promise<void>) => {
    for (let round = 0; round < 4; round++) await Promise.all([...replicas.both, ...replicas.both].map(look));
  };

  it('is no mail twice', async () => {
    const sent: string[] = [];
    const postman: Postman = {
      deliver: async ({ to }) => {
        // Time for the others to come upon it.
        await new Promise((later) => setImmediate(later));
        sent.push(to);
      },
    };
    const all = Array.from({ length: 60 }, (_, number) => `p${number}@acme.example`);
    await replicas.first.context.bookkeep(async (db) => {
      for (const to of all)
        await enqueueMail(db, { at: clock.now(), to, subject: 's', text: 't', kind: 'test' });
    });
    await untilDone((through) => sendDue(through.context, postman, NOBODY_OBSERVES, stopping));
    expect(sent.sort()).toEqual(all.sort());
  });

  it('is no alert twice, and no webhook', async () => {
    await using receiver = await startWebhookReceiver();
    const { first, second } = replicas;
    const boss = await owner(first);
    const at = (path: string): string => `/vaults/${first.vaultId}${path}`;
    await boss.ask('POST', at('/integrations'), { name: 'chat', url: receiver.url });
    const rule = { actions: ['support.set'], roles: ['Owner'], webhooks: ['chat'] };
    await boss.ask('PUT', at('/alerts/r'), rule);
    const other = await owner(second);
    for (let number = 0; number < 10; number++) {
      const by = number % 2 === 0 ? boss : other;
      await by.ask('PUT', at('/support'), { contact: `${number}`, runbookUrl: '' });
    }
    clock.advance(30_000);
    await untilDone((through) => mailAlerts(through.context));
    await untilDone((through) => deliverDue(through.context, NOBODY_OBSERVES, stopping));
    const mails = await first.context.reader
      .selectFrom('mails')
      .select(['recipient', 'body'])
      .where('kind', '=', 'alert')
      .execute();
    expect(mails.map(({ recipient }) => recipient)).toEqual([OWNER]);
    expect(mails[0]?.body.match(/support\.set/g)).toHaveLength(10);
    expect(receiver.told).toHaveLength(10);
    const ids = receiver.told.map(({ headers }) => headers['seneschal-delivery']);
    expect(new Set(ids).size).toBe(10);
  });
});
