import { afterEach, beforeEach, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { DEFAULT_BUDGETS } from '#model/loss.ts';
import type { StepAction } from '#model/step.ts';
import { MANAGER, newIdentity, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

const MACHINES = Array.from({ length: DEFAULT_BUDGETS.machines.min + 1 }, (_, index) => `machine-${index}`);
const release = (name: string): StepAction => ({
  ...{ kind: 'Release', key: `MachineBinding/${name}`, before: { kind: 'MachineBinding' }, after: null },
});

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

const reserved = async (actions: readonly StepAction[], as = vault.identity) =>
  (
    await vault.request<{ readonly code?: string }>(
      'POST',
      '/reservations',
      { fence: await vault.fence(), class: 'machines', actions, approval: null },
      { as },
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
