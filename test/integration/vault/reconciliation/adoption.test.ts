import { expect, test } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { access, record, type TestVault } from '#test/builders/vault.ts';
import type { Act } from '#vault/act/context.ts';
import { createProjectByPerson, editProjectByPerson } from '#vault/projects/project-acts.ts';
import { trashProject } from '#vault/projects/project-deletion.ts';
import { createTemplate } from '#vault/templates/templates.ts';
import { ownedVault } from '../world/owned-vault.ts';

const ACCESS = [{ project: 'payments', secrets: ['db', 'token'] }];
const applied = { access: ACCESS.map(({ project, secrets }) => ({ project, secrets: [...secrets] })) };
const ours = (key: string) => record('MachineBinding', key, applied);
const claim = (key: string): StepAction => ({
  ...{
    kind: 'Claim',
    key: `MachineBinding/${key}`,
    before: null,
    after: { kind: 'MachineBinding', applied },
  },
});

/** A vault with two secrets in a project that people made, and an empty one. */
async function world(): Promise<TestVault> {
  const { vault } = await ownedVault();
  await setValues(vault, { 'payments/db': 'one', 'payments/token': 'two', 'web/gone': 'three' });
  return vault;
}

/** `Done`, or the code and the message that it was refused with. */
async function run(
  vault: TestVault,
  request: Partial<StepRequest> & { action: StepAction },
): Promise<string> {
  const [answer] = await vault.stepsUnapproved([request]);
  return answer?.status === 'Refused' ? `${answer.code}: ${answer.message}` : (answer?.status ?? 'none');
}

async function addedKey(
  vault: TestVault,
  name: string,
): Promise<Partial<StepRequest> & { action: StepAction }> {
  const { publicKey } = newKeyPair();
  const { machines } = await vault.snapshot();
  const fingerprints = machines.find((it) => it.name === name)?.keys.map((it) => it.fingerprint) ?? [];
  const after = { fingerprint: publicKey.fingerprint };
  return {
    action: { kind: 'AddMachineKey', key: name, before: { fingerprints }, after },
    publicKey: publicKey.text,
  };
}

/** Each step by which a machine could come under a manager, on a machine of its own. */
const WAYS: Readonly<
  Record<string, (vault: TestVault) => Promise<Partial<StepRequest> & { action: StepAction }>>
> = {
  'a claim': async () => ({ action: claim('ci'), record: ours('ci') }),
  'a claim that says that nothing was applied': async () => ({
    action: {
      ...{ kind: 'Claim', key: 'MachineBinding/ci', before: null },
      after: { kind: 'MachineBinding', applied: { access: [] } },
    },
    record: record('MachineBinding', 'ci', { access: [] }),
  }),
  'a key, without a record': (vault) => addedKey(vault, 'ci'),
  'a key, with a record': async (vault) => ({ ...(await addedKey(vault, 'ci')), record: ours('ci') }),
  'its access': async () => ({
    action: {
      ...{ kind: 'SetMachineAccess', key: 'ci' },
      ...{ before: { access: ACCESS }, after: { access: [...ACCESS, { project: 'web', secrets: [] }] } },
    },
    record: ours('ci'),
  }),
};

test.each(Object.entries(WAYS))(
  'a machine that people made comes under no manager by %s without an approval (rail 2)',
  async (_way, request) => {
    const vault = await world();
    await newMachine(vault, 'ci', ACCESS);
    const asked = await request(vault);
    expect(await run(vault, asked)).toBe(
      `NeedsApproval: ${asked.action.kind} ${asked.action.key} raises ci (adopted with all that it reads).`,
    );
    expect((await vault.snapshot()).records).toEqual([]);
    const approval = await vault.approved([asked.action]);
    expect(await run(vault, { ...asked, approval })).toBe('Done');
  },
);

test('a machine that was disabled is adopted by no step that brings its record, to be enabled and read by later', async () => {
  const vault = await world();
  await newMachine(vault, 'ci', ACCESS);
  const disable: StepAction = {
    ...{ kind: 'DisableMachine', key: 'ci', before: { enabled: true }, after: { enabled: false } },
  };
  expect(await run(vault, { action: disable, record: ours('ci') })).toMatch(/^NeedsApproval/);
  expect((await vault.snapshot()).machines[0]?.enabled).toBe(true);
});

test('a key on a machine of this manager is no adoption, nor is anything on one that it registers itself', async () => {
  const vault = await world();
  const { publicKey } = newKeyPair();
  const register: StepAction = { kind: 'RegisterMachine', key: 'ci', before: null, after: {} };
  const registered = { action: register, publicKey: publicKey.text };
  expect(await run(vault, { ...registered, record: record('MachineBinding', 'ci', { access: [] }) })).toBe(
    'Done',
  );
  const action: StepAction = {
    ...{ kind: 'SetMachineAccess', key: 'ci', before: { access: [] }, after: { access: ACCESS } },
  };
  expect(await run(vault, { action, record: ours('ci') })).toBe('Done');
  expect(await run(vault, await addedKey(vault, 'ci'))).toBe('Done');
});

test('a project that people made is claimed under approval where it has secrets, by whatever step brings its record', async () => {
  const vault = await world();
  const description = { description: '' };
  const made = { ...description, secrets: ['db', 'token'] };
  const project = record('Project', 'payments', made);
  const claimed: StepAction = {
    ...{ kind: 'Claim', key: 'Project/payments', before: null, after: { kind: 'Project', applied: made } },
  };
  const updated: StepAction = {
    ...{ kind: 'UpdateProject', key: 'payments', before: description, after: { description: 'ours' } },
  };
  const secret: StepAction = {
    ...{ kind: 'CreateSecret', key: 'payments/new', before: null },
    after: { generator: { length: 8, charset: 'Hex' } },
  };
  for (const action of [claimed, updated, secret]) {
    expect(await run(vault, { action, record: project })).toBe(
      `NeedsApproval: ${action.kind} ${action.key} raises payments (its 2 secrets can be bound from here on).`,
    );
  }
  expect((await vault.snapshot()).records).toEqual([]);
  const approval = await vault.approved([claimed]);
  expect(await run(vault, { action: claimed, record: project, approval })).toBe('Done');
  expect(await run(vault, { action: secret })).toBe('Done');
});

test('a project without secrets, a person and a template are claimed as they are', async () => {
  const vault = await world();
  const empty: StepAction = { kind: 'CreateProject', key: 'empty', before: null, after: { description: '' } };
  expect(await run(vault, { action: empty })).toBe('Done');
  const invite: StepAction = {
    ...{ kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access() },
  };
  expect(await run(vault, { action: invite })).toBe('Done');
  await vault.context.act(vault.vaultId, vault.owner, async (act) => {
    const fields = { description: '', capabilities: { Secrets: ['View'] }, projectScope: 'All' } as const;
    await createTemplate(act, 'developers', fields);
    await act.audit({
      action: 'template.created',
      subject: { kind: 'PermissionTemplate', key: 'developers' },
    });
  });
  for (const [kind, key] of [
    ['Project', 'empty'],
    ['Member', 'bob@acme.example'],
    ['PermissionTemplate', 'developers'],
  ] as const) {
    const action: StepAction = {
      ...{ kind: 'Claim', key: `${kind}/${key}`, before: null, after: { kind, applied: {} } },
    };
    expect(await run(vault, { action, record: record(kind, key) })).toBe('Done');
  }
});

test('a machine that takes the name of one that is gone is not the manager’s that had a record of it', async () => {
  const vault = await world();
  const { publicKey } = newKeyPair();
  const register: StepAction = { kind: 'RegisterMachine', key: 'ci', before: null, after: {} };
  const own = { record: record('MachineBinding', 'ci', { access: [] }) };
  expect(await run(vault, { action: register, publicKey: publicKey.text, ...own })).toBe('Done');
  const revoke: StepAction = { kind: 'RevokeMachine', key: 'ci', before: { access: [] }, after: null };
  const reserving = { fence: await vault.fence(), class: 'machines', actions: [revoke], approval: null };
  expect((await vault.request('POST', '/reservations', reserving)).status).toBe(200);
  expect(await run(vault, { action: revoke, ...own })).toBe('Done');
  expect((await vault.snapshot()).records).toHaveLength(1);

  await newMachine(vault, 'ci', ACCESS);
  expect(await run(vault, await addedKey(vault, 'ci'))).toMatch(/^NeedsApproval/);
});

test('a project that is made under, or renamed to, the name of one that is gone is not the manager’s either', async () => {
  const vault = await world();
  const boss = vault.owner;
  const by = (work: (act: Act) => Promise<void>) => vault.context.act(vault.vaultId, boss, work);
  for (const key of ['a', 'b']) {
    const create: StepAction = { kind: 'CreateProject', key, before: null, after: { description: '' } };
    expect(await run(vault, { action: create, record: record('Project', key) })).toBe('Done');
    await by((act) => trashProject(act, key));
  }
  await by((act) => createProjectByPerson(act, 'a', ''));
  await by((act) => editProjectByPerson(act, 'payments', { name: 'b' }));
  expect((await vault.snapshot()).records).toEqual([]);
  const action: StepAction = {
    ...{ kind: 'Claim', key: 'Project/b', before: null, after: { kind: 'Project', applied: {} } },
  };
  expect(await run(vault, { action, record: record('Project', 'b') })).toMatch(/^NeedsApproval/);
});
