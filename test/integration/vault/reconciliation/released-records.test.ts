import { afterEach, beforeEach, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import type { StepAction } from '#model/step.ts';
import {
  access,
  MANAGER,
  newIdentity,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { member } from '../world/people.ts';

const MACHINES = Array.from({ length: DEFAULT_BUDGETS.machines.min + 1 }, (_, index) => `machine-${index}`);
const release = (name: string): StepAction => ({
  ...{ kind: 'Release', key: `MachineBinding/${name}`, before: { kind: 'MachineBinding' }, after: null },
});

const ALICE = 'alice@acme.example';

let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault();
  for (const key of MACHINES) {
    const { publicKey } = newKeyPair();
    const register: StepAction = { kind: 'RegisterMachine', key, before: null, after: {} };
    const sent = { publicKey: publicKey.text, record: record('MachineBinding', key, { access: [] }) };
    expect(await vault.step(register, sent)).toBe('Done');
  }
});
afterEach(() => vault[Symbol.asyncDispose]());

const reserved = async (actions: readonly StepAction[], lossClass = 'machines') =>
  (
    await vault.request<{ readonly code?: string }>(
      'POST',
      '/reservations',
      { fence: await vault.fence(), class: lossClass, actions, approval: null },
      { as: vault.identity },
    )
  ).body.code ?? 'reserved';

it('letting go of machines that are there is a loss of machines: reserved, within the budget, and told to the owner (rail 1)', async () => {
  const all = MACHINES.map(release);
  expect(await vault.stepUnapproved(release('machine-0'))).toBe('NotReserved');
  expect(await reserved(all)).toBe('OverBudget');
  expect(await reserved(all.slice(1))).toBe('reserved');
  expect(await vault.stepUnapproved(release('machine-1'))).toBe('Done');
  const notices = await vault.context.reader.selectFrom('alert_notices').select(['action', 'rule']).execute();
  expect(notices).toContainEqual({ action: 'record.released', rule: 'Automation raises people' });
});

it('letting go of what is gone loses nothing', async () => {
  await vault.context.bookkeep((db) => db.deleteFrom('machines').where('name', '=', 'machine-0').execute());
  const as = await newIdentity(vault.context, vault.vaultId, vault.owner, {
    name: 'other',
    managers: [MANAGER],
  });
  expect(await vault.stepsUnapproved([{ action: release('machine-0') }], { as })).toMatchObject([
    { status: 'Done' },
  ]);
});

it('no other step drops the record of a machine beside what it does', async () => {
  const nothing = { before: { access: [] }, after: { access: [] } };
  const step: StepAction = { kind: 'SetMachineAccess', key: 'machine-0', ...nothing };
  expect(await vault.stepUnapproved(step, { record: null })).toBe('Invalid');
});

it('nor does one on a person or a group that takes nothing: what takes something counts, and lets go of the record', async () => {
  await member(vault, ALICE, { grants: [{ project: 'Main', access: 'Read' }] });
  const claim: StepAction = {
    ...{ kind: 'Claim', key: `Member/${ALICE}`, before: null, after: { kind: 'Member', applied: {} } },
  };
  expect(await vault.step(claim, { record: record('Member', ALICE, {}) })).toBe('Done');
  const group = { description: '', members: [ALICE], grants: [] };
  const create: StepAction = { kind: 'CreateGroup', key: 'ops', before: null, after: group };
  expect(await vault.step(create, { record: record('Group', 'ops') })).toBe('Done');
  const has = access({ grants: [{ project: 'Main', access: 'Read' }] });
  const nobody = { description: '', members: [], grants: [] };

  const ofPerson: StepAction = { kind: 'SetMemberAccess', key: ALICE, before: has, after: has };
  expect(await vault.step(ofPerson, { record: null })).toBe('StaleBefore');
  const ofGroup: StepAction = { kind: 'UpdateGroup', key: 'ops', before: nobody, after: nobody };
  expect(await vault.step(ofGroup, { record: null })).toBe('StaleBefore');
  expect(await kept()).toEqual(['Group', 'Member']);

  const withdraw: StepAction = { kind: 'SetMemberAccess', key: ALICE, before: has, after: access() };
  expect(await reserved([withdraw], 'access')).toBe('reserved');
  expect(await vault.step(withdraw, { record: null })).toBe('Done');
  expect(await kept()).toEqual(['Group']);
  expect((await vault.snapshot()).ledger).toMatchObject([{ class: 'access', units: 1 }]);
});

it('nor does one that takes a raise back, which counts toward nothing', async () => {
  const admin = access({ role: 'Admin' });
  await member(vault, ALICE);
  const claim: StepAction = {
    ...{ kind: 'Claim', key: `Member/${ALICE}`, before: null, after: { kind: 'Member', applied: {} } },
  };
  expect(await vault.step(claim, { record: record('Member', ALICE, {}) })).toBe('Done');
  expect(await vault.step({ kind: 'SetMemberAccess', key: ALICE, before: access(), after: admin })).toBe(
    'Done',
  );
  const back: StepAction = { kind: 'SetMemberAccess', key: ALICE, before: admin, after: access() };
  expect(await vault.step(back, { record: null })).toBe('StaleBefore');
  expect(await kept()).toEqual(['Member']);
  expect(await vault.step(back)).toBe('Done');
});

const kept = async () =>
  (await vault.snapshot()).records
    .map(({ kind }) => kind)
    .filter((kind) => kind === 'Member' || kind === 'Group')
    .toSorted();
