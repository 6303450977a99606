import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePrivatePem } from '#identity/key-pair.ts';
import { ABILITIES } from '#protocol/management.ts';
import { access, MovedClock, PASSWORD, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const DIGEST = 'ab'.repeat(32);

describe('how people hold automation', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;

  it('the owner approves a digest, and the approval is in the snapshot', async () => {
    const { status, body } = await boss.ask('POST', at('/approvals'), { digest: DIGEST, reason: 'reviewed' });
    expect(status).toBe(201);
    expect((await vault.snapshot()).approvals).toEqual([body]);
    expect(body).toMatchObject({ digest: DIGEST, approver: 'owner', reason: 'reviewed' });
  });

  it('nobody else approves', async () => {
    const admin = await member(vault, 'alice@acme.example', { role: 'Admin' });
    const answer = await admin.ask('POST', at('/approvals'), { digest: DIGEST, reason: 'me too' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
  });

  it('an admin freezes, every manager stops, the owner thaws (rail 12)', async () => {
    const admin = await member(vault, 'alice@acme.example', { role: 'Admin' });
    expect((await admin.ask('PUT', at('/freeze'), { reason: 'incident' })).status).toBe(204);
    const invite = {
      kind: 'InviteMember',
      key: 'x@acme.example',
      before: null,
      after: access(),
    } as const;
    expect(await vault.step(invite)).toBe('Frozen');
    expect((await admin.ask('DELETE', at('/freeze'))).status).toBe(403);
    expect((await boss.ask('DELETE', at('/freeze'))).status).toBe(204);
    expect(await vault.step(invite)).toBe('Done');
  });

  it('the owner makes an automation identity within five minutes of a proof; its key is answered once (V4)', async () => {
    const fields = { name: 'ci', abilities: ABILITIES, ceilings: { people: 1 } };
    clock.advance(5 * 60_000 + 1);
    const denied = await boss.ask('POST', at('/automations'), fields);
    expect(denied).toMatchObject({ status: 403, body: { code: 'ProofNeeded' } });
    const prove = (password: string) => boss.ask('POST', '/sessions/current/proof', { password });
    expect(await prove('wrong password 1')).toMatchObject({ status: 401, body: { code: 'WrongPassword' } });
    expect((await boss.ask('POST', at('/automations'), fields)).status).toBe(403);
    expect((await prove(PASSWORD)).status).toBe(204);
    const { status, body } = await boss.ask<{ id: string; privateKey: string }>(
      'POST',
      at('/automations'),
      fields,
    );
    expect(status).toBe(201);
    const keys = parsePrivatePem(body.privateKey);
    if (keys === undefined) throw new Error('no private key');
    const { ceilings } = await vault.snapshot({ id: body.id, keys });
    expect(ceilings.people).toBe(1);
    const admin = await member(vault, 'alice@acme.example', { role: 'Admin' });
    const refused = await admin.ask('POST', at('/automations'), fields);
    expect(refused).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
  });

  it('the audit log shows all to the owner, and to a member their own entries (A1)', async () => {
    const alice = await member(vault, 'alice@acme.example');
    const entries = async (person: Person) =>
      (
        await person.ask<{ entries: { action: string; actor: { name: string } }[] }>('GET', at('/audit'))
      ).body.entries.map(({ action, actor }) => `${action} by ${actor.name}`);
    expect(await entries(boss)).toEqual([
      'organization.created by owner',
      'automation.created by owner',
      'member.invited by operator',
      'invite.accepted by alice',
    ]);
    expect(await entries(alice)).toEqual(['invite.accepted by alice']);
  });

  it('the audit log is asked for from an entry on', async () => {
    const { body } = await boss.ask<{ entries: { sequence: number }[] }>('GET', at('/audit?limit=5&after=1'));
    expect(body.entries.map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('the OpenAPI document names every plane (V2)', async () => {
    const { status, body } = await boss.ask<{ openapi: string; paths: object }>('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(body.openapi).toBe('3.1.0');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining(['/v1/secret/{id}', '/api/v1/me/invites', '/api/v1/vaults/{vaultId}/snapshot']),
    );
  });
});
