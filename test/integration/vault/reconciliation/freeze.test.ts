import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { ActionOf, StepAction, StepKind } from '#model/step.ts';
import type { ApprovalClaim, Problem, StepRequest } from '#protocol/management.ts';
import { RAILS } from '#test/builders/desired.ts';
import { acceptInvite, access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';
import { owner, type Person } from '../world/people.ts';

const BOB = 'bob@acme.example';
const CARL = 'carl@acme.example';
const template = { description: '', capabilities: {}, projectScope: 'All' } as const;
const group = { description: '', members: [], grants: [] } as const;
const suspension = (key: string) =>
  ({ kind: 'SuspendMember', key, before: { state: 'Active' }, after: { state: 'Suspended' } }) as const;

/** A step of each kind; all but the suspension are on what is not there. */
const STEPS: { readonly [Kind in StepKind]: ActionOf<Kind> } = {
  RenameOrganization: {
    ...{ kind: 'RenameOrganization', key: 'o' },
    ...{ before: { displayName: 'Another' }, after: { displayName: 'Other' } },
  },
  TakeOver: {
    ...{ kind: 'TakeOver', key: 'o' },
    ...{ before: { manager: 'none/none', fencing: 1 }, after: { manager: 'acme/acme', namespace: 'acme' } },
  },
  ApplySettings: { kind: 'ApplySettings', key: 'o', before: null, after: RAILS },
  CreateTemplate: { kind: 'CreateTemplate', key: 't', before: null, after: template },
  UpdateTemplate: { kind: 'UpdateTemplate', key: 'none', before: template, after: template },
  DeleteTemplate: { kind: 'DeleteTemplate', key: 'none', before: template, after: null },
  CreateGroup: { kind: 'CreateGroup', key: 'g', before: null, after: group },
  UpdateGroup: { kind: 'UpdateGroup', key: 'none', before: group, after: group },
  DeleteGroup: {
    ...{ kind: 'DeleteGroup', key: 'none', after: null },
    before: { description: '', grants: [] },
  },
  CreateProject: { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } },
  RestoreProject: {
    ...{ kind: 'RestoreProject', key: 'none', before: null },
    after: { id: 'proj_0000000000', description: '', secrets: [] },
  },
  RestoreSecret: {
    ...{ kind: 'RestoreSecret', key: 'none/s', before: null },
    after: { id: 'sk_0000000000', newValue: null },
  },
  UpdateProject: {
    ...{ kind: 'UpdateProject', key: 'none' },
    ...{ before: { description: '' }, after: { description: '' } },
  },
  RenameProject: { kind: 'RenameProject', key: 'q', before: { name: 'none' }, after: { name: 'q' } },
  RenameTemplate: { kind: 'RenameTemplate', key: 'q', before: { name: 'none' }, after: { name: 'q' } },
  DeleteProject: {
    ...{ kind: 'DeleteProject', key: 'none', after: null },
    before: { description: '', secrets: [] },
  },
  CreateSecret: {
    ...{ kind: 'CreateSecret', key: 'none/s', before: null },
    after: { generator: { length: 32, charset: 'Hex' } },
  },
  InviteMember: { kind: 'InviteMember', key: 'x@acme.example', before: null, after: access() },
  ResendInvite: {
    ...{ kind: 'ResendInvite', key: 'none@acme.example' },
    ...{ before: { attempts: 1 }, after: { attempts: 2 } },
  },
  CancelInvite: { kind: 'CancelInvite', key: 'none@acme.example', before: access(), after: null },
  SetMemberAccess: { kind: 'SetMemberAccess', key: 'none@acme.example', before: access(), after: access() },
  SuspendMember: suspension(BOB),
  UnsuspendMember: {
    ...{ kind: 'UnsuspendMember', key: 'none@acme.example' },
    ...{ before: { state: 'Suspended' }, after: { state: 'Active' } },
  },
  RemoveMember: {
    ...{ kind: 'RemoveMember', key: 'none@acme.example', after: null },
    before: { ...access(), state: 'Active' },
  },
  RegisterMachine: { kind: 'RegisterMachine', key: 'm', before: null, after: {} },
  AddMachineKey: {
    ...{ kind: 'AddMachineKey', key: 'none' },
    ...{ before: { fingerprints: [] }, after: { fingerprint: 'f'.repeat(64) } },
  },
  RevokeKeyIfIdle: {
    ...{ kind: 'RevokeKeyIfIdle', key: 'none', before: { fingerprints: [] } },
    after: { fingerprint: 'f'.repeat(64), idleFor: 600, because: 'Lost' },
  },
  SetMachineAccess: {
    ...{ kind: 'SetMachineAccess', key: 'none' },
    ...{ before: { access: [] }, after: { access: [] } },
  },
  EnableMachine: {
    ...{ kind: 'EnableMachine', key: 'none' },
    ...{ before: { enabled: false }, after: { enabled: true } },
  },
  DisableMachine: {
    ...{ kind: 'DisableMachine', key: 'none' },
    ...{ before: { enabled: true }, after: { enabled: false } },
  },
  RevokeMachine: { kind: 'RevokeMachine', key: 'none', before: { access: [] }, after: null },
  Claim: { kind: 'Claim', key: 'Member/none', before: null, after: { kind: 'Member', applied: {} } },
  Release: { kind: 'Release', key: 'Member/none', before: { kind: 'Member' }, after: null },
};
const ALL: readonly StepAction[] = Object.values(STEPS);
const { publicKey } = newKeyPair();

describe('a frozen vault (rail 12)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeAll(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
    for (const email of [BOB, CARL]) {
      await vault.step(
        { kind: 'InviteMember', key: email, before: null, after: access() },
        { record: record('Member', email) },
      );
      await acceptInvite(vault, email);
    }
  });
  afterAll(() => vault[Symbol.asyncDispose]());
  beforeEach(async () => {
    await freeze(null);
    await vault.context.bookkeep(async (db) => {
      await db.updateTable('members').set({ state: 'Active' }).execute();
      await db.deleteFrom('ledger').execute();
    });
  });

  const freeze = (all: boolean | null) =>
    vault.context.act(vault.vaultId, vault.owner, (act) =>
      setFreeze(act, all === null ? null : { by: 'owner', reason: 'incident', all }),
    );
  const flag = async () => (await vault.changes('since=0&wait=0')).volatile.freeze;
  const said = (action: StepAction, more: Partial<StepRequest> = {}) =>
    vault.stepUnapproved(
      action,
      action.kind === 'RegisterMachine' ? { publicKey: publicKey.text, ...more } : more,
    );
  const at = () => `/vaults/${vault.vaultId}/freeze`;
  const reserve = async (actions: readonly StepAction[], approval: ApprovalClaim | null = null) => {
    const fence = await vault.fence();
    const body = { fence, class: 'suspensions', actions, approval };
    const answer = await vault.request<Problem>('POST', '/reservations', body);
    return answer.status === 200 ? 'Reserved' : answer.body.code;
  };

  it.each(ALL)('takes a suspension and no $kind else', async (action) => {
    await freeze(false);
    expect(await said(action)).toBe(action.kind === 'SuspendMember' ? 'Done' : 'Frozen');
  });

  it.each(ALL)(
    'takes no $kind where everything is frozen, and judges it again once it is thawed',
    async (action) => {
      await freeze(true);
      expect(await said(action)).toBe('Frozen');
      await freeze(null);
      expect(await said(action)).not.toBe('Frozen');
    },
  );

  it('takes the suspensions of a batch beside what it refuses', async () => {
    await freeze(false);
    const answers = await vault.stepsUnapproved(
      [suspension(BOB), STEPS.InviteMember, suspension(CARL)].map((action) => ({ action })),
    );
    expect(answers).toMatchObject([{ status: 'Done' }, { code: 'Frozen' }, { status: 'Done' }]);
  });

  it('counts them as ever: beyond the budget it takes what was approved, by a reservation of suspensions alone (rail 1)', async () => {
    const spent = {
      class: 'suspensions',
      units: 1,
      at: vault.clock.now(),
      approved: 0,
      ceiling_of: null,
    } as const;
    const rows = Array.from({ length: 5 }, (_, index) => ({
      ...{ ...spent, vault_id: vault.vaultId, entry: `aud_spent${index}`, step_hash: `${index}` },
    }));
    await vault.context.bookkeep((db) => db.insertInto('ledger').values(rows).execute());
    await freeze(false);
    expect(await said(suspension(BOB))).toBe('OverBudget');
    const approval = await vault.approved([suspension(BOB)]);
    expect(await reserve([suspension(BOB), STEPS.RemoveMember], approval)).toBe('Frozen');
    expect(await reserve([suspension(BOB)], approval)).toBe('Reserved');
    expect(await said(suspension(BOB))).toBe('Done');
  });

  it('reserves nothing where everything is frozen', async () => {
    await freeze(true);
    expect(await reserve([suspension(BOB)])).toBe('Frozen');
  });

  it('is frozen with all over a freeze without, and not loosened by one without; the first who froze it stays', async () => {
    expect((await boss.ask('PUT', at(), { reason: 'first' })).status).toBe(204);
    expect(await flag()).toMatchObject({ by: 'owner', reason: 'first', all: false });
    const { at: since } = (await flag()) ?? {};
    expect((await boss.ask('PUT', at(), { reason: 'second', all: true })).status).toBe(204);
    expect(await flag()).toEqual({ by: 'owner', reason: 'first', all: true, at: since });
    expect(await said(suspension(BOB))).toBe('Frozen');
    expect((await boss.ask('PUT', at(), { reason: 'third', all: false })).status).toBe(204);
    expect((await vault.request('POST', '/freeze', { reason: 'fourth' })).status).toBe(200);
    expect(await flag()).toMatchObject({ reason: 'first', all: true });
    expect((await boss.ask('DELETE', at())).status).toBe(204);
    expect((await boss.ask('PUT', at(), { reason: 'fifth' })).status).toBe(204);
    expect(await flag()).toMatchObject({ reason: 'fifth', all: false });
  });

  it('is frozen by automation but for suspensions: its route takes no `all`', async () => {
    expect((await vault.request('POST', '/freeze', { reason: 'r', all: true })).status).toBe(400);
    expect((await vault.request('POST', '/freeze', { reason: 'r' })).body).toMatchObject({
      freeze: { all: false },
    });
    expect(await said(suspension(BOB))).toBe('Done');
  });

  it('tells who polls that it was tightened', async () => {
    await freeze(false);
    const { revision } = await vault.snapshot();
    const polled = vault.changes(`since=${revision}&wait=30`);
    expect((await boss.ask('PUT', at(), { reason: 'again', all: true })).status).toBe(204);
    expect((await polled).volatile.freeze).toMatchObject({ reason: 'incident', all: true });
  });

  it('says in the audit log whether everything was frozen', async () => {
    await boss.ask('PUT', at(), { reason: 'a' });
    await boss.ask('PUT', at(), { reason: 'b', all: true });
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', '=', 'vault.frozen')
      .orderBy('sequence', 'desc')
      .limit(2)
      .execute();
    expect(rows.map(({ entry }) => JSON.parse(entry).details)).toEqual([
      { reason: 'b', all: true },
      { reason: 'a', all: false },
    ]);
  });
});
