import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { setValues } from '#test/builders/machine.ts';
import { send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ACCESS = [{ project: 'web', secrets: ['cookie'] }];

describe('a token by which machines come, once its maker lost what it takes to make it', () => {
  let vault: TestVault;
  let boss: Person;
  let eve: Person;
  let home: string;
  beforeEach(async () => {
    vault = await startTestVault();
    home = `/vaults/${vault.vaultId}`;
    boss = await owner(vault);
    await setValues(vault, { 'web/cookie': 'c1', 'db/password': 'p1' });
    const capabilities = { Machines: ['View', 'Manage'] };
    const template = { name: 'ops', description: '', capabilities, projectScope: 'All' };
    expect((await boss.ask('POST', `${home}/templates`, template)).status).toBe(201);
    const grants = [{ project: 'web', access: 'Write' }] as const;
    eve = await member(vault, 'eve@acme.example', { template: 'ops', grants });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const made = async (by: Person, what: string, body: object) => {
    const answer = await by.ask<{ id: string; token: string }>('POST', `${home}/${what}`, body);
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const enrollmentToken = (by = eve) =>
    made(by, 'enrollment-tokens', {
      name: 'runners',
      access: ACCESS,
      lifeSeconds: 3600,
      machineLifeSeconds: 3600,
      maxUses: 9,
    });
  const bootstrapToken = (by = eve) => made(by, 'bootstrap-tokens', {});
  const register = async (target: string, token: string) => {
    const body = JSON.stringify({ token, publicKey: newKeyPair().publicKey.text, hostname: 'host' });
    const headers = { 'content-type': 'application/json' };
    const { status, body: answer } = await send<{ error?: string }>(
      vault.server.port,
      'POST',
      target,
      body,
      headers,
    );
    return `${status} ${answer.error ?? ''}`.trim();
  };
  const enrol = (token: string) => register(`/v1/${vault.vaultId}/enroll/register`, token);
  const bootstrap = (token: string) => register('/v1/bootstrap/register', token);
  const of = `members/eve@acme.example`;
  const must = async (method: string, path: string, body?: unknown) => {
    const { status } = await boss.ask(method, `${home}/${path}`, body);
    expect(status).toBeLessThan(300);
  };
  const lastEntry = async (action: string) => {
    const { entries } = (
      await boss.ask<{ entries: { action: string; details: Record<string, unknown> }[] }>(
        'GET',
        `${home}/audit?limit=500`,
      )
    ).body;
    return entries.findLast((entry) => entry.action === action)?.details;
  };

  it('is refused after their removal, and the entry names it (M2)', async () => {
    const [enrollment, boot] = [await enrollmentToken(), await bootstrapToken()];
    await must('DELETE', of);
    expect(await enrol(enrollment.token)).toMatch(/^401 the token/);
    expect(await bootstrap(boot.token)).toMatch(/^401 the token/);
    expect((await lastEntry('member.removed'))?.tokens).toEqual([boot.id, enrollment.id]);
    const { tokens } = (await boss.ask<{ tokens: { state: string }[] }>('GET', `${home}/enrollment-tokens`))
      .body;
    expect(tokens.map(({ state }) => state)).toEqual(['Revoked']);
  });

  it('is refused after they left, and stays so when they come back (M3)', async () => {
    const { id, token } = await enrollmentToken();
    expect((await eve.ask('POST', `${home}/leave`)).status).toBeLessThan(300);
    expect((await lastEntry('member.left'))?.tokens).toEqual([id]);
    await boss.ask('POST', `${home}/invites`, { emails: ['eve@acme.example'] });
    expect(await enrol(token)).toMatch(/^401 the token/);
  });

  it('is refused while they are suspended, and works again after (M1)', async () => {
    const [enrollment, boot] = [await enrollmentToken(), await bootstrapToken()];
    await must('POST', `${of}/suspend`);
    expect(await enrol(enrollment.token)).toMatch(/^401 the token/);
    expect(await bootstrap(boot.token)).toMatch(/^401 the token/);
    // By a script, since a shell reads the answer.
    const script = await fetch(`http://localhost:${vault.server.port}/v1/bootstrap/${boot.token}`);
    expect([script.status, await script.text()]).toEqual([401, expect.stringContaining('exit 1')]);
    await must('POST', `${of}/unsuspend`);
    expect(await enrol(enrollment.token)).toBe('200');
    expect(await bootstrap(boot.token)).toBe('200');
  });

  it('is refused without Machines: Manage (T2)', async () => {
    const [enrollment, boot] = [await enrollmentToken(), await bootstrapToken()];
    await must('PUT', `${of}/template`, { template: null });
    expect(await enrol(enrollment.token)).toMatch(/^401 the token/);
    expect(await bootstrap(boot.token)).toMatch(/^401 the token/);
  });

  it('is refused without Secrets: Manage in one of its projects, and one that attaches nothing is not (H1)', async () => {
    const [enrollment, boot] = [await enrollmentToken(), await bootstrapToken()];
    await must('DELETE', `${of}/grants/web`);
    expect(await enrol(enrollment.token)).toMatch(/^401 the token/);
    expect(await bootstrap(boot.token)).toBe('200');
  });

  it('of somebody else works on', async () => {
    const { token } = await enrollmentToken(boss);
    await must('DELETE', of);
    expect(await enrol(token)).toBe('200');
  });

  it('leaves keys behind that the entry of the removal tells to rotate: shown, brought and enrolled (M2)', async () => {
    const shown = await eve.ask('POST', `${home}/machines`, { name: 'shown', access: ACCESS });
    expect(shown.status).toBe(201);
    const brought = newKeyPair().publicKey;
    await made(boss, 'machines', { name: 'both', access: ACCESS });
    await made(eve, 'machines/both/keys', { publicKey: brought.text });
    await made(boss, 'machines', { name: 'other', access: ACCESS });
    expect(await enrol((await enrollmentToken()).token)).toBe('200');
    const keys = await vault.context.reader.selectFrom('machine_keys').selectAll().execute();
    await must('DELETE', `${of}/grants/web`);
    await must('DELETE', of);
    const details = await lastEntry('member.removed');
    const told = details?.rotateKeys as { machine: string; fingerprint: string }[];
    expect(told.map(({ machine }) => machine)).toEqual(['both', 'host', 'shown']);
    expect(told[0]).toEqual({ machine: 'both', fingerprint: brought.fingerprint });
    expect(keys.map(({ fingerprint }) => fingerprint)).toEqual(
      expect.arrayContaining(told.map(({ fingerprint }) => fingerprint)),
    );
    // No longer theirs to manage, and still read by the keys that they hold.
    expect(details?.rotate).toEqual(['web/cookie']);
  });
});
