import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Answer,
  MANAGER,
  MovedClock,
  PASSWORD,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { POLLS_AT_ONCE } from '#vault/sessions/open-polls.ts';
import { member, newAccount, owner, type Person, signIn } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const ANOTHER = 'a wholly different sentence';

interface At {
  readonly epoch: string;
  readonly revision: number;
  readonly secretRevision: number | null;
  readonly code?: string;
}

describe('a long poll of a person', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    boss = await owner(vault);
    alice = await member(vault, ALICE);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const ask = (person: Person, query: string) => person.ask<At>('GET', at(`/revision?${query}`));
  const now = async (person = boss): Promise<At> => (await ask(person, 'since=0&wait=0')).body;

  /** Polls from where the vault stands; resolves once the server has begun with all of them. */
  async function waiting(person: Person, wait = 30): Promise<readonly Promise<Answer<At>>[]> {
    const { revision } = await now();
    // The use of a session is noted to five minutes.
    clock.advance(6 * 60_000);
    const polls = [ask(person, `since=${revision}&wait=${wait}`)];
    const sessions = () =>
      vault.context.reader
        .selectFrom('sessions')
        .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
        .select('last_seen_at')
        .where('email', '=', person.email)
        .execute();
    await vi.waitFor(async () =>
      expect((await sessions()).some(({ last_seen_at }) => last_seen_at === clock.now())).toBe(true),
    );
    return polls;
  }
  const endOf = async (person: Person, act: () => Promise<{ readonly status: number }>) => {
    const [poll] = await waiting(person);
    expect((await act()).status).toBeLessThan(300);
    const { status, body } = (await poll) as Answer<At>;
    return [status, body?.code];
  };

  it('is answered once the configuration moves, with the ETag that the next write takes', async () => {
    const { revision } = await now(alice);
    const [poll] = await waiting(alice);
    await boss.ask('POST', at('/projects'), { name: 'web' });
    const answer = await poll;
    expect(answer).toMatchObject({ status: 200, body: { revision: revision + 1, secretRevision: null } });
    expect(answer?.headers.etag).toBe(`"${answer?.body.epoch}.${revision + 1}"`);
  });

  it('is answered at once where the vault stands elsewhere, and with 204 where nothing moved', async () => {
    const { revision } = await now();
    expect((await ask(alice, `since=${revision - 1}`)).status).toBe(200);
    expect(await ask(alice, `since=${revision}&wait=0`)).toMatchObject({ status: 204, body: null });
    const [poll] = await waiting(alice, 1);
    clock.advance(1000);
    expect((await poll)?.status).toBe(204);
  });

  it('tells of a new version of a secret to who sees secrets, and to nobody else', async () => {
    await boss.ask('POST', at('/projects'), { name: 'web' });
    await boss.ask('PUT', at(`/members/${ALICE}/grants/web`), { access: 'Read' });
    await boss.ask('PUT', at('/projects/web/secrets/key'), { value: 'one' });
    await member(vault, 'bob@acme.example');
    const bob = await signIn(vault, 'bob@acme.example');
    const { revision, secretRevision } = await now(alice);
    const [seen] = await waiting(alice);
    const [unseen] = await waiting(bob);
    await boss.ask('PUT', at('/projects/web/secrets/key'), { value: 'two' });
    expect((await seen)?.body).toMatchObject({ revision, secretRevision: (secretRevision ?? 0) + 1 });
    expect((await ask(alice, `since=${revision}&secretsSince=${secretRevision}&wait=30`)).status).toBe(200);
    expect((await ask(bob, `since=${revision}&secretsSince=0&wait=0`)).status).toBe(204);
    await boss.ask('POST', at('/projects'), { name: 'shop' });
    expect((await unseen)?.body).toMatchObject({ revision: revision + 1, secretRevision: null });
  });

  it('ends at once as the member is suspended, is removed, or leaves, with what any request then gets (M1 to M3)', async () => {
    const bob = await member(vault, 'bob@acme.example');
    const suspended = () => boss.ask('POST', at(`/members/${ALICE}/suspend`));
    expect(await endOf(alice, suspended)).toEqual([401, 'NotSignedIn']);
    await boss.ask('POST', at(`/members/${ALICE}/unsuspend`));
    alice = await signIn(vault, ALICE);
    expect(await endOf(alice, () => boss.ask('DELETE', at(`/members/${ALICE}`)))).toEqual([
      401,
      'NotSignedIn',
    ]);
    expect(await endOf(bob, () => bob.ask('POST', at('/leave')))).toEqual([401, 'NotSignedIn']);
  });

  it('ends at once as automation suspends the member (M1)', async () => {
    const [poll] = await waiting(alice);
    await vault.lease(MANAGER, 'installation-1');
    const states = { before: { state: 'Active' }, after: { state: 'Suspended' } } as const;
    expect(await vault.step({ kind: 'SuspendMember', key: ALICE, ...states })).toBe('Done');
    expect(await poll).toMatchObject({ status: 401, body: { code: 'NotSignedIn' } });
  });

  it('ends at once as its session is signed out, is revoked, or chooses another vault', async () => {
    const another = await signIn(vault, ALICE);
    expect(await endOf(another, () => another.ask('DELETE', '/sessions/current'))).toEqual([
      401,
      'NotSignedIn',
    ]);
    const third = await signIn(vault, ALICE);
    expect(await endOf(third, () => alice.ask('DELETE', '/sessions'))).toEqual([401, 'NotSignedIn']);
    const fourth = await signIn(vault, ALICE);
    const { sessions } = (
      await fourth.ask<{ sessions: { id: string; current: boolean }[] }>('GET', '/sessions')
    ).body;
    const id = sessions.find(({ current }) => current)?.id;
    expect(await endOf(fourth, () => alice.ask('DELETE', `/sessions/${id}`))).toEqual([401, 'NotSignedIn']);
    const made = await alice.ask<{ vaultId: string }>('POST', '/vaults', {});
    const { vaultId } = made.body;
    expect(await endOf(alice, () => alice.ask('PUT', '/sessions/current/vault', { vaultId }))).toEqual([
      403,
      'NotAMember',
    ]);
  });

  it('ends at once in the other sessions of who changes the password', async () => {
    const another = await signIn(vault, ALICE);
    const change = () => alice.ask('PUT', '/me/password', { newPassword: ANOTHER });
    const [poll] = await waiting(another);
    await alice.ask('POST', '/sessions/current/proof', { password: PASSWORD });
    expect((await change()).status).toBe(204);
    expect(await poll).toMatchObject({ status: 401, body: { code: 'NotSignedIn' } });
  });

  it('ends with its session, however long it was to wait', async () => {
    const { revision } = await now();
    clock.advance(12 * 3600_000 - 1000);
    // The session of the owner too; automation moves nothing meanwhile.
    const poll = ask(alice, `since=${revision}&wait=30`);
    await vi.waitFor(async () => {
      const { last_seen_at } = await vault.context.reader
        .selectFrom('sessions')
        .select('last_seen_at')
        .orderBy('last_seen_at', 'desc')
        .executeTakeFirstOrThrow();
      expect(last_seen_at).toBe(clock.now());
    });
    clock.advance(1000);
    expect(await poll).toMatchObject({ status: 401, body: { code: 'NotSignedIn' } });
  });

  it('ends at once as the vault is deleted', async () => {
    await boss.ask('POST', '/sessions/current/proof', { password: PASSWORD });
    const [poll] = await waiting(alice);
    await boss.ask('POST', '/sessions/current/proof', { password: PASSWORD });
    expect((await boss.ask('DELETE', at(''), { confirm: 'DELETE' })).status).toBe(200);
    expect(await poll).toMatchObject({ status: 403, body: { code: 'NotAMember' } });
  });

  it('is open so many times at once for an account, and no more; one that ends makes room', async () => {
    const polls: Promise<Answer<At>>[] = [];
    // One after the other: what asks meanwhile would take a place of theirs.
    while (polls.length < POLLS_AT_ONCE) polls.push(...(await waiting(alice)));
    const { revision } = await now();
    expect(await ask(alice, `since=${revision}&wait=0`)).toMatchObject({
      status: 429,
      body: { code: 'TooManyPolls' },
    });
    expect((await ask(boss, `since=${revision}&wait=0`)).status).toBe(204);
    await boss.ask('POST', at('/projects'), { name: 'web' });
    expect((await Promise.all(polls)).map(({ status }) => status)).toEqual(polls.map(() => 200));
    await vi.waitFor(async () => expect((await ask(alice, `since=${revision + 1}&wait=0`)).status).toBe(204));
  });

  it('ends with an answer as the server stops', async () => {
    const [poll] = await waiting(alice);
    await vault.restart();
    expect((await poll)?.status).toBe(204);
  });

  it('is refused to who is no member, and to a query that is wrong', async () => {
    await newAccount(vault, 'eve@acme.example');
    const eve = await signIn(vault, 'eve@acme.example', 'none');
    expect(await ask(eve, 'since=0')).toMatchObject({ status: 403, body: { code: 'NotAMember' } });
    for (const query of ['', 'since=-1', 'since=x', 'since=1&wait=31', 'since=1.5']) {
      expect(await ask(alice, query)).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    }
  });
});
