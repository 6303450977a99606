import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { acceptInvite, access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault();
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});

const invited = (email: string) =>
  ({ kind: 'InviteMember', key: email, before: null, after: access() }) as const;

describe('the steps of an organization', () => {
  it('bring templates, projects, secrets, people and machines into the snapshot, sorted, each step once', async () => {
    const keys = newKeyPair();
    const capabilities = { Secrets: ['View'] };
    const template = { description: 'reads', capabilities, projectScope: ['payments'] };
    const results = await vault.steps([
      { action: { kind: 'CreateProject', key: 'payments', before: null, after: { description: 'money' } } },
      { action: { kind: 'CreateTemplate', key: 'readers', before: null, after: template } },
      {
        action: {
          kind: 'CreateSecret',
          key: 'payments/db-password',
          before: null,
          after: { generator: { length: 24, charset: 'Hex' } },
        },
      },
      {
        action: {
          kind: 'InviteMember',
          key: 'alice@acme.example',
          before: null,
          after: access({ template: 'readers', grants: [{ project: 'payments', access: 'Write' }] }),
        },
        record: record('Member', 'alice@acme.example', { grants: [] }),
      },
      {
        action: { kind: 'RegisterMachine', key: 'api', before: null, after: {} },
        publicKey: keys.publicKey.text,
      },
      {
        action: {
          kind: 'SetMachineAccess',
          key: 'api',
          before: { access: [] },
          after: { access: [{ project: 'payments', secrets: ['db-password'] }] },
        },
      },
    ]);
    expect(results.map(({ status }) => status)).toEqual(['Done', 'Done', 'Done', 'Done', 'Done', 'Done']);
    const state = await vault.snapshot();
    expect(state.projects.map(({ name }) => name)).toEqual(['Main', 'payments']);
    expect(state.templates.map(({ id, ...rest }) => rest)).toEqual([
      { name: 'readers', archived: false, ...template },
    ]);
    expect(state.secrets.map(({ id, ...rest }) => rest)).toEqual([
      { project: 'payments', name: 'db-password', version: 1, fieldNames: null },
    ]);
    expect(state.members.map(({ email, state, template }) => [email, state, template])).toEqual([
      ['alice@acme.example', 'Invited', 'readers'],
      ['owner@acme.example', 'Active', null],
    ]);
    const [machine] = state.machines;
    expect(machine).toMatchObject({
      name: 'api',
      approved: true,
      enabled: true,
      keys: [{ fingerprint: keys.publicKey.fingerprint }],
      access: [{ project: 'payments', secrets: ['db-password'] }],
    });
    expect(results[4]).toMatchObject({ machineId: machine?.id });
    expect(state.records).toEqual([record('Member', 'alice@acme.example', { grants: [] })]);
  });

  it('are isolated: one that is refused stops no other', async () => {
    const results = await vault.steps([
      { action: invited('alice@acme.example') },
      { action: invited('bob@acme.example') },
      { action: { ...invited('nobody@acme.example'), after: access({ template: 'missing' }) } },
      { action: invited('carol@acme.example') },
    ]);
    expect(results.map((answer) => (answer.status === 'Refused' ? answer.code : answer.status))).toEqual([
      'AlreadyInvited',
      'Done',
      'NotFound',
      'Done',
    ]);
  });

  it('answer a repeated idempotency key with the same answer and change nothing', async () => {
    const request = { idempotencyKey: 'once', action: invited('dave@acme.example') };
    const [first] = await vault.steps([request]);
    const { revision } = await vault.snapshot();
    const [second] = await vault.steps([request]);
    expect(first?.status).toBe('Done');
    expect(second).toEqual(first);
    expect((await vault.snapshot()).revision).toBe(revision);
  });

  it('do not keep a refusal: the same key may succeed later', async () => {
    const request = {
      idempotencyKey: 'later',
      action: { ...invited('erin@acme.example'), after: access({ template: 'later' }) },
    };
    const [refused] = await vault.steps([request]);
    const template = { description: '', capabilities: {}, projectScope: 'All' } as const;
    await vault.step({ kind: 'CreateTemplate', key: 'later', before: null, after: template });
    const [done] = await vault.steps([request]);
    expect([refused?.status, done?.status]).toEqual(['Refused', 'Done']);
  });

  it('are refused where what they were decided on is over (StaleBefore)', async () => {
    await acceptInvite(vault, 'bob@acme.example');
    const stale = access({ role: 'Admin' });
    const step = {
      kind: 'SetMemberAccess',
      key: 'bob@acme.example',
      before: stale,
      after: access(),
    } as const;
    expect(await vault.step(step)).toBe('StaleBefore');
  });

  it('O3, rail 3: never touch the owner', async () => {
    const owner = access({ role: 'Owner' });
    const key = 'owner@acme.example';
    const own = { record: record('Member', key) };
    expect(await vault.step({ kind: 'SetMemberAccess', key, before: owner, after: access() }, own)).toBe(
      'Floor',
    );
    expect(
      await vault.step(
        { kind: 'RemoveMember', key, before: { ...owner, state: 'Active' }, after: null },
        own,
      ),
    ).toBe('Floor');
    expect(
      await vault.step(
        { kind: 'SuspendMember', key, before: { state: 'Active' }, after: { state: 'Suspended' } },
        own,
      ),
    ).toBe('Floor');
  });

  it('rail 11: withdraw nothing that this manager has no record of', async () => {
    const step = { kind: 'CancelInvite', key: 'carol@acme.example', before: access(), after: null } as const;
    expect(await vault.step(step)).toBe('Foreign');
  });

  it('leave no fault behind', () => {
    expect(vault.faults).toEqual([]);
  });
});
