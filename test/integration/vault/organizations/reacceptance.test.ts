import { beforeEach, describe, expect, it } from 'vitest';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import {
  type Answer,
  access,
  type MovedClock,
  OWNER,
  PASSWORD,
  ROOT_KEY,
  record,
  type TestVault,
} from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { invitee, member, newAccount, type Person, signIn } from '../world/people.ts';
import { auditedActions, prove } from './in-vault.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';

let clock: MovedClock;
let vault: TestVault;
let boss: Person;
let alice: Person;
beforeEach(async () => {
  ({ clock, vault, boss } = await ownedVault());
  alice = await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Write' }] });
});

const at = (path = '') => `/vaults/${vault.vaultId}${path}`;
const code = ({ status, body }: Answer<unknown>) => [status, (body as { code?: string } | null)?.code];
const rotate = () => boss.ask<{ members: number; projects: number }>('POST', at('/key-rotation'));
const states = async () => {
  const { body } = await boss.ask<{ members: { email: string; state: string; awaits: string | null }[] }>(
    'GET',
    at('/members'),
  );
  return Object.fromEntries(body.members.map(({ email, state, awaits }) => [email, [state, awaits]]));
};
const nowhere = (email: string) => signIn(vault, email, 'none');
const acceptAgain = async (email: string) =>
  (await nowhere(email)).ask('POST', `/me/reacceptances/${vault.vaultId}/accept`);

describe('a key rotation (O5)', () => {
  it('keeps every member out but the owner, at once, until each has accepted again', async () => {
    const bob = await member(vault, BOB, { role: 'Admin' });
    expect((await rotate()).body).toEqual({ members: 2, projects: 0 });
    expect(await states()).toEqual({
      [OWNER]: ['Active', null],
      [ALICE]: ['Suspended', 'Reacceptance'],
      [BOB]: ['Suspended', 'Reacceptance'],
    });
    for (const person of [alice, bob]) {
      expect(code(await person.ask('GET', at('/secrets')))).toEqual([401, 'NotSignedIn']);
      await expect(signIn(vault, person.email)).rejects.toThrow('NotAMember');
    }
    const waiting = await nowhere(ALICE);
    expect((await waiting.ask('GET', '/me/reacceptances')).body).toEqual({
      reacceptances: [{ vaultId: vault.vaultId, organization: 'Acme' }],
    });
    expect((await acceptAgain(ALICE)).status).toBe(204);
    expect(await states()).toMatchObject({ [ALICE]: ['Active', null], [BOB]: ['Suspended', 'Reacceptance'] });
    const back = await signIn(vault, ALICE);
    expect((await back.ask('PUT', at('/projects/Main/secrets/key'), { value: 'v' })).status).toBe(200);
    expect(code(await acceptAgain(ALICE))).toEqual([404, 'NotFound']);
  });

  it('takes the owner and a recent proof', async () => {
    expect(code(await alice.ask('POST', at('/key-rotation')))).toEqual([403, 'Forbidden']);
    clock.advance(6 * 60_000);
    expect(code(await rotate())).toEqual([403, 'ProofNeeded']);
    await prove(boss, PASSWORD);
    expect((await rotate()).status).toBe(200);
  });

  it('gives nobody more: who was suspended stays so, and strangers accept nothing', async () => {
    await boss.ask('POST', at(`/members/${ALICE}/suspend`));
    await rotate();
    expect((await acceptAgain(ALICE)).status).toBe(204);
    expect(await states()).toMatchObject({ [ALICE]: ['Suspended', null] });
    await newAccount(vault, BOB);
    expect(code(await acceptAgain(BOB))).toEqual([404, 'NotFound']);
  });

  it('lets people suspend and un-suspend meanwhile, which holds once the member has accepted', async () => {
    await rotate();
    expect((await boss.ask('POST', at(`/members/${ALICE}/suspend`))).status).toBe(204);
    await acceptAgain(ALICE);
    expect(await states()).toMatchObject({ [ALICE]: ['Suspended', null] });
    await rotate();
    expect((await boss.ask('POST', at(`/members/${ALICE}/unsuspend`))).status).toBe(204);
    expect(await states()).toMatchObject({ [ALICE]: ['Suspended', 'Reacceptance'] });
    await expect(signIn(vault, ALICE)).rejects.toThrow('NotAMember');
    await acceptAgain(ALICE);
    expect(await states()).toMatchObject({ [ALICE]: ['Active', null] });
  });

  it('is nothing that automation undoes or wants to undo: no tombstone, no drift (rails 7 and 11)', async () => {
    const before = await vault.snapshot();
    await rotate();
    const after = await vault.snapshot();
    expect(after.tombstones).toEqual([]);
    const [was, is] = [before, after].map(({ members }) => members.find(({ email }) => email === ALICE));
    expect(is).toEqual({ ...was, awaits: 'Reacceptance' });
    const unsuspend = { before: { state: 'Suspended' }, after: { state: 'Active' } } as const;
    const kept = { record: record('Member', ALICE) };
    expect(await vault.step({ kind: 'UnsuspendMember', key: ALICE, ...unsuspend }, kept)).toBe('StaleBefore');
    expect(await states()).toMatchObject({ [ALICE]: ['Suspended', 'Reacceptance'] });
  });

  it('lets automation suspend and give access for afterwards, never for now', async () => {
    await rotate();
    const fence = await vault.fence();
    const suspend = {
      kind: 'SuspendMember',
      key: ALICE,
      before: { state: 'Active' },
      after: { state: 'Suspended' },
    } as const;
    const asked = { fence, class: 'suspensions', actions: [suspend], approval: null };
    expect((await vault.request('POST', '/reservations', asked)).status).toBe(200);
    const kept = { record: record('Member', ALICE) };
    expect(await vault.step(suspend, kept)).toBe('Done');
    const back = { before: { state: 'Suspended' }, after: { state: 'Active' } } as const;
    expect(await vault.step({ kind: 'UnsuspendMember', key: ALICE, ...back }, kept)).toBe('Done');
    expect(
      await vault.step(
        {
          kind: 'SetMemberAccess',
          key: ALICE,
          before: access({ grants: [{ project: 'Main', access: 'Write' }] }),
          after: access({ role: 'Admin', grants: [{ project: 'Main', access: 'Write' }] }),
        },
        kept,
      ),
    ).toBe('Done');
    expect(await states()).toMatchObject({ [ALICE]: ['Suspended', 'Reacceptance'] });
    await expect(signIn(vault, ALICE)).rejects.toThrow('NotAMember');
  });

  it('keeps invitees as they are, and lets a member leave instead of accepting (M3)', async () => {
    await invitee(vault, BOB);
    await rotate();
    expect(await states()).toMatchObject({ [BOB]: ['Invited', null] });
    const left = await (await nowhere(ALICE)).ask('POST', `/me/reacceptances/${vault.vaultId}/decline`);
    expect(left.status).toBe(204);
    expect(Object.keys(await states())).toEqual([BOB, OWNER]);
    expect((await vault.snapshot()).tombstones).toMatchObject([{ key: ALICE, act: 'Left' }]);
  });

  it('tells each member by mail', async () => {
    await rotate();
    const mails = await vault.context.reader
      .selectFrom('mails')
      .select('recipient')
      .where('kind', '=', 'reacceptance')
      .execute();
    expect(mails).toEqual([{ recipient: ALICE }]);
  });

  it('replaces the key of every project while machines read the same values on (V5)', async () => {
    const ids = await setValues(vault, { 'Main/key': 'k1', 'web/cookie': 'c1' });
    await setValues(vault, { 'Main/key': 'k2' });
    const { client } = await newMachine(vault, 'web', [
      { project: 'Main', secrets: ['key'] },
      { project: 'web', secrets: ['cookie'] },
    ]);
    const keys = async () => {
      const rows = await vault.context.reader
        .selectFrom('projects')
        .select(['wrapped_key', 'root_key_id', 'id'])
        .where('wrapped_key', 'is not', null)
        .orderBy('name')
        .execute();
      return rows.map(({ id, wrapped_key, root_key_id }) =>
        vault.context.cipher
          .unwrap({ wrapped_key: wrapped_key ?? '', root_key_id: root_key_id ?? '' }, id)
          .toString('hex'),
      );
    };
    const before = await keys();
    const values = async () => {
      const read = (id = '') => client.send('GET', `/v1/secret/${id}`, undefined, { now: clock.now() });
      const answers = [await read(ids['Main/key']), await read(ids['web/cookie'])];
      return answers.map(({ body }) => (body as { value: string }).value);
    };
    const [rotated] = await Promise.all([rotate(), values(), values()]);
    expect(rotated.body).toEqual({ members: 1, projects: 2 });
    const after = await keys();
    expect(new Set([...before, ...after]).size).toBe(4);
    expect(await values()).toEqual(['k2', 'c1']);
    expect((await auditedActions(vault)).filter((action) => action === 'project.key-rotated')).toHaveLength(
      2,
    );
    // The version of before opens too.
    const versions = await vault.context.reader
      .selectFrom('secret_versions')
      .innerJoin('secrets', 'secrets.id', 'secret_id')
      .innerJoin('projects', 'projects.id', 'secrets.project_id')
      .select([
        'secret_id',
        'version',
        'sealed',
        'secret_versions.wrapped_key',
        'project_id',
        'projects.wrapped_key as key',
        'root_key_id',
      ])
      .orderBy('version')
      .execute();
    const opened = versions.map((row) =>
      vault.context.cipher
        .decrypt(
          row.project_id,
          { wrapped_key: row.key ?? '', root_key_id: row.root_key_id ?? '' },
          row.secret_id,
          row,
        )
        .reveal(),
    );
    expect(opened.sort()).toEqual(['c1', 'k1', 'k2']);
  });

  it('leaves the keys of a sealed server for later, and goes on when it has its root key (V5)', async () => {
    const ids = await setValues(vault, { 'Main/key': 'k1' });
    const machine = await newMachine(vault, 'web', [{ project: 'Main', secrets: ['key'] }]);
    const row = () =>
      vault.context.reader
        .selectFrom('projects')
        .select(['wrapped_key', 'rekey_due'])
        .where('name', '=', 'Main')
        .executeTakeFirstOrThrow();
    const before = await row();
    await vault.restart(null);
    expect((await rotate()).status).toBe(200);
    await sweep(vault.context);
    expect(await row()).toEqual({ ...before, rekey_due: 1 });
    await vault.restart(ROOT_KEY);
    await sweep(vault.context);
    const after = await row();
    expect(after.rekey_due).toBe(0);
    expect(after.wrapped_key).not.toBe(before.wrapped_key);
    // The server came back at another port.
    const client = clientOf(vault, { id: machine.id, name: 'web' }, machine.keys);
    const read = await client.send('GET', `/v1/secret/${ids['Main/key']}`, undefined, { now: clock.now() });
    expect(read).toMatchObject({ status: 200, body: { value: 'k1' } });
  });
});
