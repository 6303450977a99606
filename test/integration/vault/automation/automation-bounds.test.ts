import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import type { ABILITIES, Fence, Problem, StepAnswer, StepRequest, SyncAnswer } from '#protocol/management.ts';
import { signPayload, syncPayload } from '#protocol/signing.ts';
import {
  access,
  MANAGER,
  MovedClock,
  newIdentity,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';

const clock = new MovedClock();
let vault: TestVault;
let bounded: SignedBy;
let fence: Fence;

const project = (key: string): StepAction => ({
  kind: 'CreateProject',
  key,
  before: null,
  after: { description: '' },
});
const secret = (key: string): StepAction => ({
  kind: 'CreateSecret',
  key,
  before: null,
  after: { generator: { length: 8, charset: 'Hex' } },
});
const register = (key: string): StepAction => ({ kind: 'RegisterMachine', key, before: null, after: {} });
const attach = (key: string, before: string[], after: string[]): StepAction => {
  const named = (projects: string[]) => projects.map((name) => ({ project: name, secrets: ['key'] }));
  return {
    kind: 'SetMachineAccess',
    key,
    before: { access: named(before) },
    after: { access: named(after) },
  };
};
const endingIn = (project: string, expiresAt?: number) => [
  { project, access: 'Write' as const, ...(expiresAt === undefined ? {} : { expiresAt }) },
];
const listedUntil = (expiresAt: number) => ({
  ...{ description: '', members: ['bob@acme.example'] },
  ends: [{ member: 'bob@acme.example', expiresAt }],
});
const grants = (...projects: string[]) =>
  access({ grants: projects.map((name) => ({ project: name, access: 'Read' as const })) });

beforeEach(async () => {
  vault = await startTestVault({ clock });
  fence = await vault.fence();
  for (const step of [project('web'), secret('Main/key'), secret('web/key')]) {
    expect(await vault.step(step)).toBe('Done');
  }
  bounded = await newIdentity(vault.context, vault.vaultId, vault.owner, {
    name: 'ci',
    projects: ['web'],
    machinesPerHour: 2,
  });
});
afterEach(() => vault[Symbol.asyncDispose]());

async function step(action: StepAction, more: Partial<StepRequest> = {}): Promise<StepAnswer> {
  const [answer] = await vault.steps([{ action, ...more }], { as: bounded, fence });
  if (answer === undefined) throw new Error('no answer');
  return answer;
}
const registered = (key: string, as?: SignedBy) => {
  const keys = newKeyPair();
  const by = as === undefined ? {} : { as };
  return vault
    .steps([{ action: register(key), publicKey: keys.publicKey.text }], { fence, ...by })
    .then(([answer]) => ({ answer, keys }));
};

describe('an identity that is bounded to projects (V4)', () => {
  it('does in them what it was delegated', async () => {
    expect((await step(secret('web/other'))).status).toBe('Done');
    expect((await registered('builder', bounded)).answer?.status).toBe('Done');
    expect((await step(attach('builder', [], ['web']))).status).toBe('Done');
    const invite = { kind: 'InviteMember', key: 'bob@acme.example', before: null } as const;
    expect((await step({ ...invite, after: grants('web') })).status).toBe('Done');
  });

  it.each<[string, StepAction]>([
    ['a new project', project('other')],
    [
      'the description of another',
      { kind: 'UpdateProject', key: 'Main', before: { description: '' }, after: { description: 'x' } },
    ],
    ['a secret in another', secret('Main/other')],
    [
      'its loss',
      { kind: 'DeleteProject', key: 'Main', before: { description: '', secrets: ['key'] }, after: null },
    ],
    [
      'a grant there',
      { kind: 'InviteMember', key: 'bob@acme.example', before: null, after: grants('Main', 'web') },
    ],
    [
      'an admin, who manages every project',
      { kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access({ role: 'Admin' }) },
    ],
    [
      'the end alone of what a group gives there (M5)',
      {
        kind: 'UpdateGroup',
        key: 'ops',
        before: { description: '', members: [], grants: endingIn('Main', 4_102_444_800_000) },
        after: { description: '', members: [], grants: endingIn('Main') },
      },
    ],
    [
      'the end alone of a membership of a group that gives there (M5)',
      {
        kind: 'UpdateGroup',
        key: 'ops',
        before: { ...listedUntil(1), grants: endingIn('Main') },
        after: { ...listedUntil(2), grants: endingIn('Main') },
      },
    ],
    [
      'a template of every project',
      {
        kind: 'CreateTemplate',
        key: 't',
        before: null,
        after: { description: '', capabilities: { Secrets: ['View'] }, projectScope: 'All' },
      },
    ],
    [
      'a template of another',
      {
        kind: 'CreateTemplate',
        key: 't',
        before: null,
        after: { description: '', capabilities: { Secrets: ['View'] }, projectScope: ['Main'] },
      },
    ],
    [
      'a template with cells of the whole vault, though its scope is within',
      {
        kind: 'CreateTemplate',
        key: 't',
        before: null,
        after: { description: '', capabilities: { Machines: ['Manage'] }, projectScope: ['web'] },
      },
    ],
  ])('is refused %s, and the bound is named', async (_, action) => {
    const before = await vault.snapshot();
    const answer = await step(action);
    expect(answer).toMatchObject({ status: 'Refused', code: 'Forbidden' });
    expect(answer).toHaveProperty('message', expect.stringContaining('bounded to the projects web'));
    expect((await vault.snapshot()).revision).toBe(before.revision);
  });

  it('is refused a machine that is in another project: its key would read there', async () => {
    await registered('reader');
    expect(await vault.step(attach('reader', [], ['Main']))).toBe('Done');
    const { keys } = (await vault.snapshot()).machines[0] ?? { keys: [] };
    const extra = newKeyPair().publicKey;
    const fingerprints = keys.map(({ fingerprint }) => fingerprint);
    const answers = [
      await step(
        {
          kind: 'AddMachineKey',
          key: 'reader',
          before: { fingerprints },
          after: { fingerprint: extra.fingerprint },
        },
        { publicKey: extra.text },
      ),
      await step({
        kind: 'DisableMachine',
        key: 'reader',
        before: { enabled: true },
        after: { enabled: false },
      }),
      await step(attach('reader', ['Main'], [])),
    ];
    expect(answers.map((answer) => (answer.status === 'Refused' ? answer.code : answer.status))).toEqual([
      'Forbidden',
      'Forbidden',
      'Forbidden',
    ]);
    expect((await step(attach('reader', ['Main'], ['Main', 'web']))).status, 'the part within').toBe('Done');
  });

  it('is refused a key for a machine of another manager that is in no project yet, and not for its own', async () => {
    const { keys } = await registered('theirs');
    await vault.request('DELETE', '/lease', fence);
    const of = { name: 'shop', projects: ['web'], managers: ['acme/shop'] };
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, of);
    const own = await vault.lease('acme/shop', 'installation-2', as);
    const addKey = async (key: string, { publicKey }: KeyPair) => {
      const extra = newKeyPair().publicKey;
      const before = { fingerprints: [publicKey.fingerprint] };
      const after = { fingerprint: extra.fingerprint };
      const action = { kind: 'AddMachineKey', key, before, after } as const;
      return (await vault.steps([{ action, publicKey: extra.text }], { as, fence: own }))[0];
    };
    expect(await addKey('theirs', keys)).toMatchObject({ status: 'Refused', code: 'Forbidden' });
    const first = newKeyPair();
    const kept = { ...record('MachineBinding', 'own', { access: [] }), manager: 'acme/shop' };
    const made = [{ action: register('own'), publicKey: first.publicKey.text, record: kept }];
    expect(await vault.steps(made, { as, fence: own })).toMatchObject([{ status: 'Done' }]);
    expect(await addKey('own', first)).toMatchObject({ status: 'Done' });
  });

  it('is refused to give a person cells of the whole vault by a template of others, or to take them', async () => {
    const fields = {
      description: '',
      capabilities: { Machines: ['Manage'] },
      projectScope: ['web'],
    } as const;
    expect(await vault.step({ kind: 'CreateTemplate', key: 'makers', before: null, after: fields })).toBe(
      'Done',
    );
    const bob = { kind: 'InviteMember', key: 'bob@acme.example', before: null } as const;
    const maker = access({ template: 'makers' });
    expect(await step({ ...bob, after: maker })).toMatchObject({
      code: 'Forbidden',
      message: expect.stringContaining('this is about what holds in the whole vault'),
    });
    expect(await vault.step({ ...bob, after: access() }), 'another gives it').toBe('Done');
    const change = { kind: 'SetMemberAccess', key: bob.key, before: access() } as const;
    expect(await step({ ...change, after: maker })).toMatchObject({ code: 'Forbidden' });
    expect((await step({ ...change, after: grants('web') })).status, 'the control').toBe('Done');
    const both = { ...grants('web'), template: 'makers' };
    expect(await vault.step({ ...change, before: grants('web'), after: both })).toBe('Done');
    expect(await step({ ...change, before: both, after: grants('web') })).toMatchObject({
      code: 'Forbidden',
    });
    const narrowed = { ...fields, capabilities: {} };
    const update = { kind: 'UpdateTemplate', key: 'makers', before: fields, after: narrowed } as const;
    expect(await step(update)).toMatchObject({ code: 'Forbidden' });
  });

  it('is refused whatever is about a machine of a person that is in no project yet', async () => {
    await vault.context.bookkeep((db) => db.deleteFrom('automation_registrations').execute());
    await registered('persons');
    await vault.context.bookkeep((db) => db.deleteFrom('automation_registrations').execute());
    const claimed = record('MachineBinding', 'persons', { access: [] });
    const steps: StepAction[] = [
      { kind: 'DisableMachine', key: 'persons', before: { enabled: true }, after: { enabled: false } },
      attach('persons', [], ['web']),
      {
        kind: 'Claim',
        key: 'MachineBinding/persons',
        before: null,
        after: { kind: 'MachineBinding', applied: { access: [] } },
      },
    ];
    for (const action of steps) {
      const record = action.kind === 'Claim' ? { record: claimed } : {};
      expect(await step(action, record), action.kind).toMatchObject({ code: 'Forbidden' });
    }
    expect(await vault.step(attach('persons', [], ['web'])), 'the control: without the bound').toBe('Done');
  });

  it('is refused to take away from a person what they have elsewhere', async () => {
    const person = { kind: 'InviteMember', key: 'bob@acme.example', before: null } as const;
    expect(await vault.step({ ...person, after: grants('Main', 'web') })).toBe('Done');
    const change = { kind: 'SetMemberAccess', key: person.key, before: grants('Main', 'web') } as const;
    expect(await step({ ...change, after: grants('web') })).toMatchObject({ code: 'Forbidden' });
    expect(
      await step({ kind: 'CancelInvite', key: person.key, before: change.before, after: null }),
    ).toMatchObject({ code: 'Forbidden' });
  });

  it('syncs no value out of another project (V9)', async () => {
    const { answer, keys } = await registered('reader');
    expect(await vault.step(attach('reader', [], ['Main', 'web']))).toBe('Done');
    const machineId = answer?.status === 'Done' ? (answer.machineId ?? '') : '';
    const { secrets } = await vault.snapshot();
    const idOf = (name: string) => secrets.find((one) => one.project === name)?.id ?? '';
    const timestamp = String(Math.floor(clock.now() / 1000));
    const { audience, vaultId } = vault;
    const proof = signPayload(
      keys.privateKey,
      syncPayload({ audience, vaultId, machineId, timestamp, nonce: 'n' }),
    );
    const wanted = { machineId, timestamp, nonce: 'n', proof, secrets: [idOf('Main'), idOf('web')] };
    const { body } = await vault.request<SyncAnswer>(
      'POST',
      '/sync',
      { machines: [wanted] },
      { as: bounded },
    );
    expect(body.machines[0]).toMatchObject({
      error: null,
      secrets: [{ id: idOf('web') }],
      refused: [{ id: idOf('Main'), reason: 'OutOfBounds' }],
    });
  });
});

describe('an identity that is bounded to machines an hour (V4)', () => {
  it('is refused the next one until the hour is over, even where a machine is gone again', async () => {
    for (const name of ['a', 'b']) expect((await registered(name, bounded)).answer?.status).toBe('Done');
    await vault.context.bookkeep((db) => db.deleteFrom('machines').where('name', '=', 'a').execute());
    const { answer } = await registered('c', bounded);
    expect(answer).toMatchObject({
      code: 'GainBudgetReached',
      message: 'The delegation is bounded to 2 new machines in an hour; 0 are left.',
      next: expect.stringContaining(new Date(clock.now() + 3_600_000).toISOString()),
    });
    expect((await registered('d')).answer?.status, 'another identity').toBe('Done');
    clock.advance(30_000);
    fence = await vault.lease(MANAGER, 'installation-1');
    await sweep(vault.context);
    expect((await registered('e', bounded)).answer).toMatchObject({ code: 'GainBudgetReached' });
    clock.advance(3_600_000);
    fence = await vault.lease(MANAGER, 'installation-1');
    expect((await registered('e', bounded)).answer?.status).toBe('Done');
  });
});

describe('what automation brings and grants by itself (V4)', () => {
  const actions = async () =>
    (await vault.context.reader.selectFrom('audit_entries').select('action').orderBy('sequence').execute())
      .map(({ action }) => action)
      .filter((action) => action.includes('machine.') || action.includes('machine-'));

  it('has an action of its own, for alerts to hang on: a machine that it registered and grants something', async () => {
    await registered('builder');
    const move = (before: object[], after: object[]) =>
      ({
        kind: 'SetMachineAccess',
        key: 'builder',
        before: { access: before },
        after: { access: after },
      }) as StepAction;
    const empty = [{ project: 'web', secrets: [] }];
    const full = [{ project: 'web', secrets: ['key'] }];
    for (const [before, after] of [
      [[], empty],
      [empty, full],
    ] as const) {
      expect(await vault.step(move([...before], [...after]))).toBe('Done');
    }
    expect(await actions()).toEqual([
      'machine.registered',
      // In a project a machine reads nothing (H2).
      'machine.access-set',
      'automation.machine-granted',
    ]);
    // The owner is told without having asked for it.
    const notices = await vault.context.reader
      .selectFrom('alert_notices')
      .select(['action', 'rule'])
      .execute();
    expect(notices).toContainEqual({
      action: 'automation.machine-granted',
      rule: 'Automation makes machines',
    });
  });
});

describe('an identity without an ability that changes anything (V4, rail 10)', () => {
  it.each<[string, ReadonlyArray<(typeof ABILITIES)[number]>]>([
    ['no ability', []],
    ['values:sync alone', ['values:sync']],
  ])('with %s observes, and neither takes nor keeps the lease', async (_, abilities) => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, { abilities });
    expect((await vault.snapshot(as)).vaultId).toBe(vault.vaultId);
    const { revision } = await vault.snapshot();
    expect((await vault.request('GET', `/changes?since=${revision}&wait=0`, undefined, { as })).status).toBe(
      200,
    );
    const { manager, installation, fencing } = fence;
    const query = new URLSearchParams({ manager, installation, fencing: String(fencing) });
    const denied: [string, string, unknown?][] = [
      ['POST', '/lease', { manager: 'x', installation: 'y' }],
      ['DELETE', '/lease', fence],
      ['GET', `/changes?since=${revision}&wait=0&${query}`],
      ['POST', '/steps', { fence, steps: [] }],
      ['POST', '/holds', { fence, holds: [] }],
      ['POST', '/sightings', { fence, sightings: [] }],
      ['POST', '/freeze', { reason: 'r' }],
    ];
    for (const [method, path, body] of denied) {
      const answer = await vault.request<Problem>(method, path, body, { as });
      expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([403, 'Forbidden']);
    }
  });

  it('reserves losses of its own abilities only, so that it uses up no other’s budget (rail 1)', async () => {
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      abilities: ['machines:manage'],
    });
    await vault.step({ kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access() });
    const actions = [
      {
        kind: 'RemoveMember',
        key: 'bob@acme.example',
        before: { ...access(), state: 'Invited' },
        after: null,
      },
    ];
    const body = { fence, class: 'people', actions, approval: null };
    const answer = await vault.request<Problem>('POST', '/reservations', body, { as });
    expect([answer.status, answer.body.code]).toEqual([403, 'Forbidden']);
    expect((await vault.snapshot()).reservations).toEqual([]);
  });
});
