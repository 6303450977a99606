import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { ADDITIVE } from '#model/authority.ts';
import { planDigest } from '#model/digest.ts';
import type { RailSettings } from '#model/fields.ts';
import { DEFAULT_CEILINGS } from '#model/gains.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import type { StepAction } from '#model/step.ts';
import {
  acceptInvite,
  access,
  MANAGER,
  MovedClock,
  newIdentity,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';

const clock = new MovedClock();
let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault({ clock, plan: 'Free' });
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});

const invite = (key: string, after = access()): StepAction => ({
  kind: 'InviteMember',
  key,
  before: null,
  after,
});
const register = (key: string): StepAction => ({ kind: 'RegisterMachine', key, before: null, after: {} });
const template = (capabilities: Record<string, string[]>) =>
  ({ description: '', capabilities, projectScope: 'All' }) as const;

describe('people', () => {
  it('I5: a plan has its seats, pending ones count, and the refusal names plan, cap and used', async () => {
    for (const name of ['a', 'b', 'c', 'd'])
      expect(await vault.step(invite(`${name}@acme.example`))).toBe('Done');
    const [answer] = await vault.steps([{ action: invite('e@acme.example') }]);
    expect(answer).toMatchObject({
      code: 'SeatsExhausted',
      message: 'The plan Free has 5 seats and 5 are taken.',
    });
  });

  it('I2: an invite is sent again once it is over, three times at most', async () => {
    const key = 'a@acme.example';
    const resend = (attempts: number): StepAction => ({
      kind: 'ResendInvite',
      key,
      before: { attempts },
      after: { attempts: attempts + 1 },
    });
    expect(await vault.step(resend(1))).toBe('AlreadyInvited');
    const codes = [];
    for (const attempts of [1, 2, 3]) {
      clock.advance(7 * 24 * 60 * 60 * 1000);
      await vault.lease(MANAGER, 'installation-1');
      codes.push(await vault.step(resend(attempts)));
    }
    expect(codes).toEqual(['Done', 'Done', 'AttemptsExhausted']);
    expect(await vault.step(resend(1))).toBe('StaleBefore');
  });

  it('who has not joined is neither suspended nor removed, and an address is compared without case', async () => {
    const suspend = { before: { state: 'Invited' }, after: { state: 'Suspended' } } as const;
    expect(await vault.step({ kind: 'SuspendMember', key: 'a@acme.example', ...suspend })).toBe('Invalid');
    expect(await vault.step(invite('A@Acme.example'))).toBe('AlreadyInvited');
  });

  it('O3: nobody becomes the owner by a step', async () => {
    const owner: StepAction = {
      kind: 'SetMemberAccess',
      key: 'a@acme.example',
      before: access(),
      after: access({ role: 'Owner' }),
    };
    expect(await vault.step(owner)).toBe('Invalid');
  });
});

describe('templates and projects', () => {
  it('T1: a template that is held is not deleted, one of an unknown cell is not made', async () => {
    const create = (key: string, after: ReturnType<typeof template>): StepAction => ({
      kind: 'CreateTemplate',
      key,
      before: null,
      after,
    });
    expect(await vault.step(create('x', template({ Machines: ['Fly'] })))).toBe('Invalid');
    const held = template({ Machines: ['View'] });
    expect(await vault.step(create('held', held), { record: record('PermissionTemplate', 'held') })).toBe(
      'Done',
    );
    expect(await vault.step(create('held', held))).toBe('NameTaken');
    await vault.step({
      kind: 'SetMemberAccess',
      key: 'a@acme.example',
      before: access(),
      after: access({ template: 'held' }),
    });
    expect(await vault.step({ kind: 'DeleteTemplate', key: 'held', before: held, after: null })).toBe(
      'TemplateInUse',
    );
  });

  it('P2, rail 1: a project is destroyed under an approval alone, and is gone from scopes, grants and machines', async () => {
    const make: StepAction = { kind: 'CreateProject', key: 'old', before: null, after: { description: '' } };
    await vault.step(make, { record: record('Project', 'old') });
    await vault.step({
      kind: 'SetMemberAccess',
      key: 'b@acme.example',
      before: access(),
      after: access({ projectScope: ['old'], grants: [{ project: 'old', access: 'Write' }] }),
    });
    const remove: StepAction = {
      kind: 'DeleteProject',
      key: 'old',
      before: { description: '', secrets: [] },
      after: null,
    };
    expect(await vault.step(remove)).toBe('NotReserved');
    const fence = await vault.fence();
    const request = { fence, class: 'projects', actions: [remove], approval: null };
    expect(await vault.request('POST', '/reservations', request)).toMatchObject({
      body: { code: 'OverBudget' },
    });
    await vault.request('POST', '/reservations', { ...request, approval: await vault.approved([remove]) });
    expect(await vault.step(remove, { record: null })).toBe('Done');
    expect(await vault.step(make)).toBe('Done');
    const member = (await vault.snapshot()).members.find(({ email }) => email === 'b@acme.example');
    expect(member, 'a new project of that name is in nobody’s scope').toMatchObject({
      projectScope: [],
      grants: [],
    });
  });
});

describe('machines', () => {
  it('have at most two keys, and a key is registered once in a vault', async () => {
    const [one, two, three] = [newKeyPair(), newKeyPair(), newKeyPair()].map(({ publicKey }) => publicKey);
    const add = (fingerprints: string[], key: typeof one): StepAction => ({
      kind: 'AddMachineKey',
      key: 'api',
      before: { fingerprints },
      after: { fingerprint: key?.fingerprint ?? '' },
    });
    const sent = (key: typeof one) => ({ publicKey: key?.text ?? '' });
    const prints = [one?.fingerprint ?? '', two?.fingerprint ?? ''];
    const kept = { record: record('MachineBinding', 'api', { access: [] }) };
    expect(await vault.step(register('api'), { ...sent(one), ...kept })).toBe('Done');
    expect(await vault.step(register('api'), sent(two))).toBe('NameTaken');
    expect(await vault.step(register('web'), sent(one))).toBe('FingerprintTaken');
    expect(await vault.step(add(prints.slice(0, 1), two), sent(three))).toBe('Invalid');
    expect(await vault.step(add([], two), sent(two))).toBe('StaleBefore');
    expect(await vault.step(add(prints.slice(0, 1), two), sent(two))).toBe('Done');
    expect(await vault.step(add(prints, three), sent(three))).toBe('KeySlotsBusy');
    expect(await vault.step(register('bad'), { publicKey: 'x'.repeat(44) })).toBe('Invalid');
  });

  it('H2: are granted only secrets that are there', async () => {
    const set = (secrets: string[]): StepAction => ({
      kind: 'SetMachineAccess',
      key: 'api',
      before: { access: [] },
      after: { access: [{ project: 'Main', secrets }] },
    });
    expect(await vault.step(set(['missing']))).toBe('NotFound');
    expect(await vault.step(set([]))).toBe('Done');
  });
});

describe('settings, records and delegations', () => {
  const settings: RailSettings = {
    settleSeconds: 30,
    losses: 'Budget',
    lossBudget: DEFAULT_BUDGETS,
    privilegeApproval: 'Always',
    requiredAdmins: ['c@acme.example'],
    approvers: { users: ['alice'], groups: [], members: [] },
    access: [],
    invites: DEFAULT_INVITES,
    confirmation: false,
    authority: ADDITIVE,
  };
  const apply = (before: RailSettings | null, after: RailSettings): StepAction => ({
    kind: 'ApplySettings',
    key: vault.vaultId,
    before,
    after,
  });

  it('design §4: loosening the rails takes an approval, tightening them does not', async () => {
    const first = apply(null, settings);
    expect(await vault.step(first), 'it names approvers, and the defaults none').toBe('NeedsApproval');
    const digest = planDigest(vault.vaultId, [first]);
    const claimed = { digest, approver: 'alice', via: 'PlanApproval', reference: 'ok', reason: 'r' } as const;
    expect(await vault.step(first, { approval: claimed })).toBe('CeilingReached');
    expect(await vault.step(first, { approval: await vault.approved([first]) })).toBe('Done');
    const looser: RailSettings[] = [
      { ...settings, settleSeconds: 5 },
      { ...settings, requiredAdmins: [] },
      { ...settings, approvers: { users: ['alice', 'mallory'], groups: [], members: [] } },
      { ...settings, lossBudget: { ...DEFAULT_BUDGETS, people: { min: 3, max: 10, percent: 5 } } },
      { ...settings, lossBudget: { ...DEFAULT_BUDGETS, people: { min: 2, max: null, percent: 5 } } },
    ];
    for (const after of looser) expect(await vault.step(apply(settings, after))).toBe('NeedsApproval');
    const tighter = { ...settings, settleSeconds: 60 };
    expect(await vault.step(apply(settings, tighter))).toBe('Done');
    expect(await vault.step(apply(settings, tighter))).toBe('StaleBefore');
  });

  it('rail 3: a required admin is neither suspended nor demoted', async () => {
    const key = 'c@acme.example';
    await vault.step({
      kind: 'SetMemberAccess',
      key,
      before: access(),
      after: access({ role: 'Admin' }),
    });
    await acceptInvite(vault, key);
    const demote: StepAction = {
      kind: 'SetMemberAccess',
      key,
      before: access({ role: 'Admin' }),
      after: access(),
    };
    const suspend = { before: { state: 'Active' }, after: { state: 'Suspended' } } as const;
    expect(await vault.step(demote)).toBe('Floor');
    expect(await vault.step({ kind: 'SuspendMember', key, ...suspend })).toBe('Floor');
  });

  it('a claim takes what is there into management, a release lets go of it, and neither touches it', async () => {
    const applied = { member: null, grants: [] };
    const claim = (key: string): StepAction => ({
      kind: 'Claim',
      key: `Member/${key}`,
      before: null,
      after: { kind: 'Member', applied },
    });
    const key = 'd@acme.example';
    const { members } = await vault.snapshot();
    expect(
      await vault.step(claim('nobody@acme.example'), {
        record: record('Member', 'nobody@acme.example', applied),
      }),
    ).toBe('NotFound');
    expect(await vault.step(claim(key))).toBe('Invalid');
    expect(await vault.step(claim(key), { record: record('Member', key, applied) })).toBe('Done');
    const other = { ...record('Member', key, applied), manager: 'acme/other' };
    expect(await vault.step(claim(key), { record: other })).toBe('Invalid');
    const release: StepAction = {
      kind: 'Release',
      key: `Member/${key}`,
      before: { kind: 'Member' },
      after: null,
    };
    expect(await vault.step(release, { record: null }), 'a loss of management').toBe('NotReserved');
    const asked = { fence: await vault.fence(), class: 'access', actions: [release], approval: null };
    expect((await vault.request('POST', '/reservations', asked)).status).toBe(200);
    expect(await vault.step(release, { record: null })).toBe('Done');
    expect(await vault.step(release, { record: null })).toBe('StaleBefore');
    expect((await vault.snapshot()).members).toEqual(members);
  });

  it('rail 11: what another manager has a record of is Foreign', async () => {
    const key = 'd@acme.example';
    await vault.context.bookkeep((db) =>
      db
        .insertInto('records')
        .values({
          vault_id: vault.vaultId,
          kind: 'Member',
          key,
          manager: 'acme/other',
          origin: 'o',
          applied: '{}',
          provenance: '{}',
        })
        .execute(),
    );
    const change: StepAction = {
      kind: 'SetMemberAccess',
      key,
      before: access(),
      after: access({ role: 'Admin' }),
    };
    expect(await vault.step(change)).toBe('Foreign');
    expect(await vault.step({ kind: 'CancelInvite', key, before: access(), after: null })).toBe('Foreign');
  });

  it('sightings mark this manager’s records and move no revision', async () => {
    const own = 'sighted';
    await vault.step(
      { kind: 'CreateTemplate', key: own, before: null, after: template({}) },
      { record: record('PermissionTemplate', own) },
    );
    const { revision } = await vault.snapshot();
    const sightings = [
      { kind: 'PermissionTemplate', key: own, seenUnder: 'uids' },
      { kind: 'Member', key: 'd@acme.example', seenUnder: 'uids' },
    ];
    await vault.request('POST', '/sightings', { fence: await vault.fence(), sightings });
    const rows = await vault.context.reader
      .selectFrom('records')
      .select(['key', 'seen_under'])
      .where('seen_under', 'is not', null)
      .execute();
    expect(rows).toEqual([{ key: own, seen_under: 'uids' }]);
    expect((await vault.snapshot()).revision).toBe(revision);
  });

  it('V4: a delegation does what it names and nothing else', async () => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      abilities: ['machines:manage'],
      ceilings: DEFAULT_CEILINGS,
    });
    const results = await vault.steps(
      [
        { action: { kind: 'CreateProject', key: 'mine', before: null, after: { description: '' } } },
        { action: register('allowed'), publicKey: newKeyPair().publicKey.text },
      ],
      { as },
    );
    expect(results).toMatchObject([{ code: 'Forbidden' }, { status: 'Done' }]);
  });

  it('V3: a step moves the record of its own subject and of nothing else', async () => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      abilities: ['machines:manage'],
    });
    const before = (await vault.snapshot()).records;
    const action = register('recorded');
    const publicKey = newKeyPair().publicKey.text;
    const steps = [
      { action, publicKey, record: record('Organization', vault.vaultId, { rails: null }) },
      { action, publicKey, record: record('MachineBinding', 'another') },
      { action, publicKey, record: null, dropRecord: { kind: 'PermissionTemplate', key: 'sighted' } },
    ] as const;
    const refused = { status: 'Refused', code: 'Invalid' };
    expect(await vault.steps(steps, { as })).toMatchObject([refused, refused, refused]);
    const { records, machines } = await vault.snapshot();
    expect(records).toEqual(before);
    expect(machines.map(({ name }) => name)).not.toContain('recorded');
  });

  it('design §4: no record says other rails than those in force, by which approvers are judged', async () => {
    const inForce = { ...settings, settleSeconds: 60 };
    const claimed = (rails: RailSettings | null) => {
      const applied = JSON.parse(JSON.stringify({ displayName: null, rails }));
      return {
        action: {
          kind: 'Claim',
          key: `Organization/${vault.vaultId}`,
          before: null,
          after: { kind: 'Organization', applied },
        },
        record: record('Organization', vault.vaultId, applied),
      } as const;
    };
    const looser = { ...inForce, approvers: { users: ['alice', 'mallory'], groups: [], members: [] } };
    const results = await vault.steps([claimed(looser), claimed(null), claimed(inForce)]);
    expect(results).toMatchObject([{ code: 'Invalid' }, { code: 'Invalid' }, { status: 'Done' }]);
  });

  it('leaves no fault behind', () => {
    expect(vault.faults).toEqual([]);
  });
});
