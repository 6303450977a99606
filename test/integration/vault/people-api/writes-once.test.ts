import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { askNobody, member, owner, type Person, signIn } from '../world/people.ts';

type Body = Record<string, unknown>;

const DAY = 24 * 60 * 60 * 1000;
const clock = new MovedClock();
let vault: TestVault;
let boss: Person;
beforeEach(async () => {
  vault = await startTestVault({ clock });
  boss = await owner(vault);
});
afterEach(async () => {
  expect(vault.faults).toEqual([]);
  await vault[Symbol.asyncDispose]();
});

const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
const ask = (
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
  as: Person = boss,
): Promise<Answer<Body>> =>
  askNobody<Body>(vault, method, path, body, { authorization: `Bearer ${as.token}`, ...headers });
const keyed = (method: string, path: string, body: unknown, key: string, as?: Person) =>
  ask(method, path, body, { 'idempotency-key': key }, as);
const approval = (digest = 'ab'.repeat(32)) => ({ digest, reason: 'agreed' });

const entries = async (): Promise<number> =>
  (
    await vault.context.reader
      .selectFrom('vaults')
      .select('audit_sequence')
      .where('id', '=', vault.vaultId)
      .executeTakeFirstOrThrow()
  ).audit_sequence;
const kept = () => vault.context.reader.selectFrom('people_answers').selectAll().execute();

describe('a write of people under an Idempotency-Key (V1)', () => {
  it('that deletes the account is done, and leaves nothing to be kept', async () => {
    const alice = await member(vault, 'alice@acme.example');
    expect((await keyed('POST', '/me/deletion', { confirm: 'DELETE' }, 'k', alice)).status).toBe(204);
    expect(await kept()).toEqual([]);
    expect((await keyed('POST', '/me/deletion', { confirm: 'DELETE' }, 'k', alice)).status).toBe(401);
  });

  it('sent again, changes nothing and is answered the same', async () => {
    const first = await keyed('POST', at('/approvals'), approval(), 'k1');
    expect(first.status).toBe(201);
    const count = await entries();
    const again = await keyed('POST', at('/approvals'), approval(), 'k1');
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect(await entries()).toBe(count);
    expect((await keyed('POST', at('/approvals'), approval(), 'k2')).body.id).not.toBe(first.body.id);
  });

  it('an answer without a body is repeated too, where the act could not be done twice', async () => {
    await boss.ask('POST', at('/machines'), { name: 'builder' });
    const revoke = () => keyed('DELETE', at('/machines/builder'), undefined, 'k');
    expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 204]);
    expect((await boss.ask('DELETE', at('/machines/builder'))).status).toBe(404);
  });

  it('an organization is made once', async () => {
    const make = () => keyed('POST', '/organizations', { displayName: 'Beta', plan: 'Free' }, 'k');
    const [first, again] = [await make(), await make()];
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    const rows = await vault.context.reader.selectFrom('vaults').select('id').execute();
    expect(rows).toHaveLength(2);
  });

  it.each<[string, string, unknown]>([
    ['another body', '/approvals', approval('cd'.repeat(32))],
    ['another route', '/bootstrap-tokens', {}],
  ])('with %s under the same key is refused with 422, and nothing is done', async (_, path, body) => {
    await keyed('POST', at('/approvals'), approval(), 'k');
    const count = await entries();
    const answer = await keyed('POST', at(path), body, 'k');
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'IdempotencyKeyReused', next: expect.any(String) },
    });
    expect(await entries()).toBe(count);
  });

  it('is kept for 24 hours and no longer', async () => {
    const first = await keyed('POST', at('/freeze'), { reason: 'r' }, 'x');
    expect(first.status).toBe(404);
    const one = await keyed('POST', at('/approvals'), approval(), 'k');
    clock.advance(11 * 60 * 60_000);
    boss = await owner(vault);
    clock.advance(13 * 60 * 60_000 - 1);
    boss = await owner(vault);
    await sweep(vault.context);
    expect((await keyed('POST', at('/approvals'), approval(), 'k')).body.id).toBe(one.body.id);
    clock.advance(1);
    expect((await keyed('POST', at('/approvals'), approval(), 'k')).body.id).not.toBe(one.body.id);
    clock.advance(DAY + 1);
    await sweep(vault.context);
    expect(await kept()).toEqual([]);
  });

  it('keys of two people, and of two vaults, are not the same key', async () => {
    const alice = await member(vault, 'alice@acme.example', { role: 'Admin' });
    const frozen = await keyed('PUT', at('/freeze'), { reason: 'r' }, 'k', alice);
    const approved = await keyed('POST', at('/approvals'), approval(), 'k');
    const made = await keyed('POST', '/organizations', { displayName: 'B', plan: 'Free' }, 'k');
    expect([frozen.status, approved.status, made.status]).toEqual([204, 201, 201]);
    expect(new Set((await kept()).map((row) => `${row.account_id} ${row.vault_id}`)).size).toBe(3);
  });

  it('who lost the vault since is answered nothing of it (M1)', async () => {
    const alice = await member(vault, 'alice@acme.example', { role: 'Admin' });
    expect((await keyed('PUT', at('/freeze'), { reason: 'r' }, 'k', alice)).status).toBe(204);
    await boss.ask('POST', at('/members/alice@acme.example/suspend'), {});
    const other = await signIn(vault, 'alice@acme.example', 'none');
    const answer = await keyed('PUT', at('/freeze'), { reason: 'r' }, 'k', other);
    expect(answer).toMatchObject({ status: 403, body: { code: 'NotAMember' } });
  });

  it('what was refused is not kept: the repeat is decided anew', async () => {
    const disable = () => keyed('POST', at('/machines/builder/disable'), undefined, 'k');
    expect((await disable()).status).toBe(404);
    await boss.ask('POST', at('/machines'), { name: 'builder' });
    expect((await disable()).status).toBe(204);
  });

  it('a one-time token is in no kept answer: the repeat says so, and makes no other', async () => {
    const make = () => keyed('POST', at('/bootstrap-tokens'), {}, 'k');
    const { body } = await make();
    const count = await entries();
    expect(await make()).toMatchObject({ status: 409, body: { code: 'AnsweredOnce' } });
    expect(await entries()).toBe(count);
    expect(String(body.token)).toMatch(/^boot_/);
    expect(JSON.stringify(await kept())).not.toContain('boot_');
  });

  it('neither the key nor what was sent can be read or guessed out of what is kept', async () => {
    const value = JSON.stringify({ value: '1234' });
    await keyed('PUT', at('/projects/Main/secrets/pin'), { value: '1234' }, 'a-random-key');
    const path = `/api/v1${at('/projects/Main/secrets/pin')}`;
    const [row] = await kept();
    expect(JSON.stringify(row)).not.toContain('a-random-key');
    for (const guess of ['1234', value, `PUT ${path}\n${value}`]) {
      expect(row?.request_hash).not.toBe(createHash('sha256').update(guess).digest('hex'));
    }
  });

  it('killed between the act and its answer, the repeat is answered out of what the act came to', async () => {
    const first = await keyed('POST', at('/approvals'), approval(), 'k');
    const count = await entries();
    await vault.context.bookkeep((db) => db.updateTable('people_answers').set({ answer: null }).execute());
    const again = await keyed('POST', at('/approvals'), approval(), 'k');
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(await entries()).toBe(count);
    expect((await kept())[0]?.answer, 'and now it is kept').not.toBeNull();
  });

  it('killed before a token was answered, the repeat acts not again and says that the answer is lost', async () => {
    await keyed('POST', at('/bootstrap-tokens'), {}, 'k');
    const count = await entries();
    await vault.context.bookkeep((db) =>
      db.updateTable('people_answers').set({ answer: null, acts: '[{"lost":true}]' }).execute(),
    );
    const again = await keyed('POST', at('/bootstrap-tokens'), {}, 'k');
    expect(again).toMatchObject({ status: 409, body: { code: 'AnsweredOnce' } });
    expect(await entries()).toBe(count);
  });

  it('many at once happen once', async () => {
    const count = await entries();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => keyed('POST', at('/approvals'), approval(), 'k')),
    );
    expect(await entries()).toBe(count + 1);
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    const others = answers.filter(({ status }) => status !== 201).map(({ body }) => body.code);
    expect(others.every((code) => code === 'IdempotencyKeyInUse')).toBe(true);
  });

  it('a key that is no visible ASCII is refused', async () => {
    const answer = await keyed('POST', at('/approvals'), approval(), 'x'.repeat(256));
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
  });
});

describe('If-Match of people (V1)', () => {
  const present = async (): Promise<string> => String((await boss.ask('GET', at('/machines'))).headers.etag);
  const guarded = (ifMatch: string, more: Record<string, string> = {}) =>
    ask('POST', at('/machines'), { name: 'builder' }, { 'if-match': ifMatch, ...more });

  it('every read in a vault answers the ETag of the organization, which automation sees as well', async () => {
    const snapshot = await vault.request('GET', '/snapshot');
    expect(await present()).toBe(snapshot.headers.etag);
  });

  it('a write passes under the present ETag, and is refused under another with 412 and what to do', async () => {
    const etag = await present();
    expect((await guarded(etag)).status).toBe(201);
    const count = await entries();
    for (const other of [etag, `W/${await present()}`, '"x"', 'nonsense']) {
      const answer = await ask('DELETE', at('/machines/builder'), undefined, { 'if-match': other });
      expect(answer).toMatchObject({ status: 412, body: { code: 'Stale', next: expect.any(String) } });
    }
    expect(await entries()).toBe(count);
    expect(await present()).not.toBe(etag);
    const tags = `"x", ${await present()}`;
    const done = await ask('DELETE', at('/machines/builder'), undefined, { 'if-match': tags });
    expect(done.status).toBe(204);
  });

  it('of two writes under one ETag at once one passes: it is looked at under the lock', async () => {
    const etag = await present();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => ask('POST', at('/machines'), { name }, { 'if-match': etag })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 412, 412, 412]);
  });

  it('the key is looked up first: a repeat under the ETag of before is answered as it was', async () => {
    const etag = await present();
    const disable = () =>
      ask(
        'PUT',
        at('/ip-allowlist'),
        { enabled: false, entries: [] },
        { 'if-match': etag, 'idempotency-key': 'k' },
      );
    const first = await disable();
    expect(first.status).toBeLessThan(300);
    expect(await present()).not.toBe(etag);
    expect((await disable()).status).toBe(first.status);
  });

  it('cut short by a kill, the repeat is not held against what it changed itself', async () => {
    const headers = { 'if-match': await present(), 'idempotency-key': 'k' };
    const provision = () => ask('PUT', at('/ip-allowlist'), { enabled: false, entries: [] }, headers);
    const { status } = await provision();
    await vault.context.bookkeep((db) => db.updateTable('people_answers').set({ answer: null }).execute());
    expect((await provision()).status).toBe(status);
  });

  it('is answered 403, not 412, where the vault is not the caller’s', async () => {
    const alice = await member(vault, 'alice@acme.example');
    const other = await keyed('POST', '/organizations', { displayName: 'B', plan: 'Free' }, 'k');
    const path = `/vaults/${String(other.body.vaultId)}/machines`;
    const answer = await ask('POST', path, { name: 'x' }, { 'if-match': '"x.1"' }, alice);
    expect(answer).toMatchObject({ status: 403, body: { code: 'NotAMember' } });
  });

  it('outside of a vault there is nothing that it could name', async () => {
    const fields = { displayName: 'B', plan: 'Free' };
    const refused = await ask('POST', '/organizations', fields, { 'if-match': '"x.1"' });
    expect(refused).toMatchObject({ status: 412, body: { code: 'Stale' } });
    expect((await ask('POST', '/organizations', fields, { 'if-match': '*' })).status).toBe(201);
  });
});
