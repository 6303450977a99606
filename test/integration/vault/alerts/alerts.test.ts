import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { access, MovedClock, OWNER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { mailAlerts } from '#vault/alerts/digests.ts';
import { NOBODY_OBSERVES } from '#vault/mail/observer.ts';
import type { Postman } from '#vault/mail/postman.ts';
import { sendDue } from '#vault/mail/sender.ts';
import { cellHolders } from '../world/cell-holders.ts';
import { mailsTo } from '../world/outbox.ts';
import { member, owner, type Person } from '../world/people.ts';
import { reachingLoopback, startWebhookReceiver, type WebhookReceiver } from '../world/webhook-receiver.ts';

const SETTLE = 30_000;

describe('an alert', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let receiver: WebhookReceiver;
  let boss: Person;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    clock = new MovedClock();
    vault = await startTestVault({ clock, outgoing: { webhooks: reachingLoopback() } });
    receiver = await startWebhookReceiver();
    boss = await owner(vault);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await receiver[Symbol.asyncDispose]();
    await vault[Symbol.asyncDispose]();
  });

  const at = (path = ''): string => `/vaults/${vault.vaultId}/alerts${path}`;
  const put = (name: string, rule: object, by: Person = boss) =>
    by.ask('PUT', at(`/${encodeURIComponent(name)}`), rule);
  const registerMachine = (name: string) =>
    vault.steps([
      {
        action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
        publicKey: newKeyPair().publicKey.text,
      },
    ]);
  const settle = async () => {
    clock.advance(SETTLE);
    await mailAlerts(vault.context);
  };
  const alertsTo = (address: string) => mailsTo(vault, address, 'alert');
  const alertsOf = async (rule: string, address = OWNER) =>
    (await alertsTo(address)).filter(({ subject }) => subject === `Acme: ${rule}`);

  it('tells the owner in one mail that automation registered machines and granted them something (V4)', async () => {
    await registerMachine('api');
    await vault.step({
      kind: 'SetMachineAccess',
      key: 'api',
      before: { access: [] },
      after: { access: [{ project: 'Main', secrets: [] }] },
    });
    await mailAlerts(vault.context);
    expect(await alertsTo(OWNER)).toEqual([]);
    await settle();
    const [mail, ...more] = await alertsTo(OWNER);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Acme: Automation makes machines');
    expect(mail?.text).toMatch(/machine\.registered: MachineBinding api, by operator \(aud_\w{16}\)/);
    expect(mail?.text).toMatch(
      /machine\.access-set: MachineBinding api, raises api: adopted .*, by operator/,
    );
    await settle();
    expect(await alertsTo(OWNER)).toHaveLength(1);
  });

  it('of many acts stays one mail, which says how many it does not name', async () => {
    await put('all', { actions: ['*'], actors: ['automation'], roles: ['Owner'] });
    for (let number = 0; number < 60; number++) await registerMachine(`m${number}`);
    await settle();
    const mails = await alertsTo(OWNER);
    expect(mails.map(({ subject }) => subject).sort()).toEqual([
      'Acme: Automation makes machines',
      'Acme: all',
    ]);
    for (const { text } of mails) expect(text).toContain('and 10 more, in the audit log');
  });

  it('reaches members by role and by address, each once, and nobody who is no active member (M1, M2)', async () => {
    await member(vault, 'alice@acme.example', { role: 'Admin' });
    await member(vault, 'bob@acme.example');
    await member(vault, 'carol@acme.example');
    await member(vault, 'dave@acme.example');
    const emails = ['alice@acme.example', 'Bob@acme.example', 'carol@acme.example', 'outsider@acme.example'];
    expect((await put('people', { actions: ['support.set'], roles: ['Admin'], emails })).status).toBe(204);
    await boss.ask('PUT', `/vaults/${vault.vaultId}/support`, { contact: '', runbookUrl: '' });
    await boss.ask('POST', `/vaults/${vault.vaultId}/members/carol@acme.example/suspend`);
    await settle();
    const counts = await Promise.all(
      ['alice', 'bob', 'carol', 'dave', 'outsider', 'owner'].map(
        async (name) => (await alertsOf('people', `${name}@acme.example`)).length,
      ),
    );
    expect(counts).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('waiting at a mail server does not go to who was suspended or removed meanwhile (M1, M2)', async () => {
    await member(vault, 'alice@acme.example');
    await member(vault, 'bob@acme.example');
    await put('all', { actions: ['support.set'], roles: ['Member'] });
    await boss.ask('PUT', `/vaults/${vault.vaultId}/support`, { contact: '', runbookUrl: '' });
    await settle();
    await boss.ask('DELETE', `/vaults/${vault.vaultId}/members/alice@acme.example`);
    const sent: string[] = [];
    const postman: Postman = {
      deliver: async ({ to, subject }) => void (subject.endsWith('all') && sent.push(to)),
    };
    const { signal } = new AbortController();
    await sendDue(vault.context, postman, NOBODY_OBSERVES, { noMore: signal, hurry: signal });
    expect(sent).toEqual(['bob@acme.example']);
    expect(await alertsTo('alice@acme.example')).toMatchObject([
      { state: 'NotSent', lastError: 'NotAMember' },
    ]);
  });

  it('tells a webhook of each act, and of none after it was switched off or deleted in that very act', async () => {
    const hooks = `/vaults/${vault.vaultId}/integrations`;
    await boss.ask('POST', hooks, { name: 'chat', url: receiver.url });
    expect(await put('hook', { actions: ['*'], webhooks: ['none'] })).toMatchObject({ status: 404 });
    expect((await put('hook', { actions: ['*'], webhooks: ['chat'] })).status).toBe(204);
    await registerMachine('api');
    const waiting = () => vault.context.reader.selectFrom('deliveries').select(['event', 'body']).execute();
    const [delivery] = (await waiting()).filter(({ event }) => event === 'machine.registered');
    expect(JSON.parse(delivery?.body ?? '')).toMatchObject({
      type: 'machine.registered',
      entry: expect.stringMatching(/^aud_/),
      actor: { type: 'automation', name: 'operator' },
      subject: { kind: 'MachineBinding', key: 'api' },
    });
    await boss.ask('PUT', `${hooks}/chat`, { url: receiver.url, enabled: false });
    const before = (await waiting()).length;
    await registerMachine('web');
    expect(await waiting()).toHaveLength(before);
    await boss.ask('PUT', `${hooks}/chat`, { url: receiver.url, enabled: true });
    expect((await boss.ask('DELETE', `${hooks}/chat`)).status).toBe(204);
    expect(await waiting()).toEqual([]);
  });

  it('is noted with the act or not at all', async () => {
    const failed = vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await act.db
        .insertInto('alert_rules')
        .values({
          ...{ vault_id: vault.vaultId, name: 'r', enabled: 1, actions: '["*"]', actors: null },
          ...{ roles: '["Owner"]', emails: '[]', webhooks: '[]' },
        })
        .execute();
      await act.audit({ action: 'support.set', subject: { kind: 'Vault', key: 'x' } });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      act.audit({ action: 'support.set', subject: { kind: 'Vault', key: 'x' } }),
    );
    await settle();
    expect(await alertsTo(OWNER)).toEqual([]);
  });

  it('names first, of however many acts, who is raised by what (rail 2)', async () => {
    const fields = { description: '', capabilities: {}, projectScope: [] };
    for (let number = 0; number < 60; number++) {
      await vault.step({ kind: 'CreateTemplate', key: `t${number}`, before: null, after: fields });
    }
    const after = access({ role: 'Admin' });
    const invite = { kind: 'InviteMember', key: 'eve@acme.example', before: null, after } as const;
    expect(await vault.step(invite, { approval: await vault.approved([invite]) })).toBe('Done');
    await settle();
    const [mail, ...more] = await alertsTo(OWNER);
    expect(more).toEqual([]);
    expect(mail?.subject).toBe('Acme: Automation raises people');
    expect(mail?.text.split('\n')[2]).toMatch(
      /member\.invited: Member eve@acme\.example, raises eve@acme\.example: Admin, .*by operator/,
    );
  });

  it('that tells the owner less is told to the owner by mail, at once and with what (V4)', async () => {
    const silenced = () => mailsTo(vault, OWNER, 'alerts-silenced');
    const rule = { actions: ['machine.*'], actors: ['automation'], roles: ['Owner'] };
    await put('Automation makes machines', { ...rule, webhooks: [] });
    const [narrowed] = await silenced();
    expect(narrowed?.subject).toBe('Acme: "Automation makes machines" tells you less');
    expect(narrowed?.text).toContain('automation.key-added-unproven');
    expect(narrowed?.text).not.toContain('machine.registered');
    await put('Automation makes machines', rule);
    await put('own', { ...rule, enabled: false });
    expect(await silenced()).toHaveLength(1);
    await put('Automation makes machines', { ...rule, enabled: false });
    const off = (await silenced()).find(({ text }) => text.includes('machine.registered'));
    expect(off?.text).toContain('owner changed the alert rule "Automation makes machines"');
  });

  it('is ruled by rules that the list shows, with those that were there from the beginning', async () => {
    await put('b', { actions: ['member.*'], emails: [OWNER] });
    const { body } = await boss.ask<{ rules: { name: string }[] }>('GET', at());
    expect(body.rules).toMatchObject([
      { name: 'Automation makes machines', enabled: true, actors: ['automation'], roles: ['Owner'] },
      { name: 'Automation raises people', enabled: true, actors: ['automation'], roles: ['Owner'] },
      { name: 'The lease is handed over', enabled: true, actors: ['member'], roles: ['Owner'] },
      {
        name: 'b',
        enabled: true,
        actions: ['member.*'],
        actors: null,
        roles: [],
        emails: [OWNER],
        webhooks: [],
      },
    ]);
    expect((await boss.ask('DELETE', at('/b'))).status).toBe(204);
    expect((await boss.ask('DELETE', at('/b'))).status).toBe(404);
    expect(await put('c', { actions: ['member.*'] })).toMatchObject({
      status: 422,
      body: { code: 'Invalid' },
    });
    expect(await put('c', { actions: ['Member removed'], roles: ['Owner'] })).toMatchObject({ status: 400 });
  });

  it('is ruled by no rule that names an action which no entry has', async () => {
    const refused = await put('typo', { actions: ['member.*', 'member.remved'], roles: ['Owner'] });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: 'Invalid', detail: expect.stringContaining('did you mean member.removed?') },
    });
    expect(await put('typo', { actions: ['sessions.*'], roles: ['Owner'] })).toMatchObject({ status: 422 });
    const { body } = await boss.ask<{ rules: { name: string }[] }>('GET', at());
    expect(body.rules.map(({ name }) => name)).not.toContain('typo');
  });

  it('of automation to the owner is switched off by the owner alone (V4)', async () => {
    const { viewer, manager } = await cellHolders(vault, 'Alerts');
    const rule = { enabled: false, actions: ['machine.registered'], roles: ['Owner'] };
    expect((await viewer.ask('GET', at())).status).toBe(200);
    expect((await manager.ask('GET', at())).status).toBe(403);
    expect((await put('own', rule, viewer)).status).toBe(403);
    expect((await put('own', rule, manager)).status).toBe(204);
    expect((await put('Automation makes machines', rule, manager)).status).toBe(403);
    expect((await put('Automation makes machines', rule)).status).toBe(204);
    await registerMachine('api');
    await settle();
    expect(await alertsOf('Automation makes machines')).toEqual([]);
  });
});
