import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newMachine, setValues } from '#test/builders/machine.ts';
import {
  type Answer,
  MovedClock,
  OWNER,
  PASSWORD,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { invitee, member, owner, type Person, signIn } from '../world/people.ts';
import { inVault, prove } from './in-vault.ts';

let clock: MovedClock;
let vault: TestVault;
let boss: Person;
beforeEach(async () => {
  clock = new MovedClock();
  vault = await startTestVault({ clock });
  boss = await owner(vault);
});
afterEach(() => vault[Symbol.asyncDispose]());

const at = (path = '') => `/vaults/${vault.vaultId}${path}`;
const code = ({ status, body }: Answer<unknown>) => [status, (body as { code?: string } | null)?.code];
const remove = (confirm = 'DELETE') => boss.ask('DELETE', at(), { confirm });

describe('the deletion of an organization (O2)', () => {
  it('takes the typed word DELETE, a recent proof, and the owner', async () => {
    const alice = await member(vault, 'alice@acme.example', { role: 'Admin' });
    expect(code(await alice.ask('DELETE', at(), { confirm: 'DELETE' }))).toEqual([403, 'Forbidden']);
    expect(code(await remove('delete'))).toEqual([422, 'Invalid']);
    clock.advance(6 * 60_000);
    expect(code(await remove())).toEqual([403, 'ProofNeeded']);
    expect((await boss.ask('GET', at())).status).toBe(200);
    await prove(boss, PASSWORD);
    expect(await remove()).toMatchObject({
      status: 200,
      body: { displayName: 'Acme', members: 1, machines: 0 },
    });
    expect(code(await boss.ask('GET', at()))).toEqual([403, 'NotAMember']);
  });

  it('leaves accounts, sessions and private vaults of members as they were', async () => {
    const alice = await member(vault, 'alice@acme.example', {
      grants: [{ project: 'Main', access: 'Write' }],
    });
    await invitee(vault, 'bob@acme.example');
    await vault.step({
      kind: 'CreateTemplate',
      key: 'developers',
      before: null,
      after: { description: '', capabilities: {}, projectScope: 'All' },
    });
    const own = await alice.ask<{ vaultId: string }>('POST', '/vaults', {});
    const hers = inVault(vault, own.body.vaultId);
    const path = `/vaults/${hers.vaultId}/projects/Main/secrets/key`;
    expect((await (await signIn(hers, alice.email)).ask('PUT', path, { value: 'v' })).status).toBe(200);
    expect((await remove()).status).toBe(200);
    expect((await alice.ask('PUT', '/sessions/current/vault', { vaultId: hers.vaultId })).status).toBe(204);
    expect((await alice.ask('PUT', path, { value: 'w' })).body).toMatchObject({ version: 2 });
    const accounts = await vault.context.reader.selectFrom('accounts').select('email').execute();
    expect(accounts.map(({ email }) => email).sort()).toEqual([
      'alice@acme.example',
      'bob@acme.example',
      OWNER,
    ]);
    const mails = await vault.context.reader
      .selectFrom('mails')
      .select('recipient')
      .where('kind', '=', 'organization-deleted')
      .orderBy('recipient')
      .execute();
    expect(mails.map(({ recipient }) => recipient)).toEqual(['alice@acme.example', OWNER]);
  });

  it('leaves no row of the vault but the one that says who did it, with the last audit head', async () => {
    await setValues(vault, { 'Main/key': 'v' });
    await newMachine(vault, 'web', [{ project: 'Main', secrets: ['key'] }]);
    const { body } = await boss.ask('GET', at('/audit?limit=500'));
    const { entries } = body as { entries: { sequence: number }[] };
    expect((await remove()).status).toBe(200);
    for (const table of [
      'members',
      'projects',
      'secrets',
      'machines',
      'machine_keys',
      'automations',
      'audit_entries',
      'leases',
      'mails',
    ] as const) {
      const rows = await vault.context.reader
        .selectFrom(table)
        .selectAll()
        .where('vault_id', '=', vault.vaultId)
        .execute();
      expect([table, rows.length]).toEqual([table, 0]);
    }
    const left = await vault.context.reader.selectFrom('deleted_vaults').selectAll().execute();
    expect(left).toEqual([
      {
        vault_id: vault.vaultId,
        display_name: 'Acme',
        deleted_by: 'owner',
        deleted_at: clock.now(),
        audit_epoch: expect.any(String),
        audit_sequence: (entries.at(-1)?.sequence ?? 0) + 1,
        audit_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('is a warning in the log of the server, which outlives the audit log of the vault', async () => {
    await remove();
    expect(vault.warnings).toEqual([
      expect.objectContaining({ vaultId: vault.vaultId, displayName: 'Acme', members: 0 }),
    ]);
  });

  it('stops machines and automation at once, an open long poll among them', async () => {
    const ids = await setValues(vault, { 'Main/key': 'v' });
    const { client } = await newMachine(vault, 'web', [{ project: 'Main', secrets: ['key'] }]);
    const read = () => client.send('GET', `/v1/secret/${ids['Main/key']}`, undefined, { now: clock.now() });
    expect((await read()).status).toBe(200);
    const { revision } = await vault.snapshot();
    const waiting = vault.request('GET', `/changes?since=${revision}&wait=30`);
    expect((await remove()).status).toBe(200);
    expect((await waiting).status).toBe(404);
    expect((await read()).status).toBe(401);
    expect((await vault.request('GET', '/snapshot')).status).toBe(401);
    expect(vault.faults).toEqual([]);
  });
});
