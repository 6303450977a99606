import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { ADDITIVE, type Authority } from '#model/authority.ts';
import type { StepAction } from '#model/step.ts';
import { RAILS } from '#test/builders/desired.ts';
import { access, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { member, owner, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';

describe('what no manager has a record of (rail 11)', () => {
  let vault: TestVault;
  let boss: Person;
  beforeEach(async () => {
    vault = await startTestVault();
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const applying = (authority: Partial<Authority>): StepAction => ({
    kind: 'ApplySettings',
    key: vault.vaultId,
    before: null,
    after: { ...RAILS, authority: { ...ADDITIVE, ...authority } },
  });
  const inForce = async (authority: Partial<Authority>): Promise<void> => {
    const action = applying(authority);
    expect(await vault.step(action, { approval: await vault.approved([action]) })).toBe('Done');
  };
  const reserve = (lossClass: string, action: StepAction) =>
    vault.fence().then((fence) =>
      vault.request('POST', '/reservations', {
        ...{ fence, class: lossClass, actions: [action], approval: null },
      }),
    );
  /** Somebody who came by people. */
  const unmanaged = async (): Promise<void> => {
    await member(vault, ALICE);
    await vault.database.edit(`delete from records where kind = 'Member'`);
  };
  const removal = (): StepAction => ({
    kind: 'RemoveMember',
    key: ALICE,
    before: { ...access({}), state: 'Active' },
    after: null,
  });

  it('comes to an exclusive authority by an approval alone, and back without one', async () => {
    const action = applying({ members: 'Exclusive' });
    expect(await vault.stepUnapproved(action)).toBe('NeedsApproval');
    await inForce({ members: 'Exclusive' });
    const back = { ...applying({}), before: action.after } as StepAction;
    expect(await vault.stepUnapproved(back)).toBe('Done');
  });

  it('is taken by no step under an additive authority, nor by one over another kind', async () => {
    await unmanaged();
    expect(await vault.step(removal())).toBe('Foreign');
    await inForce({
      groups: 'Exclusive',
      templates: 'Exclusive',
      projects: 'Exclusive',
      machines: 'Exclusive',
    });
    expect(await vault.step(removal())).toBe('Foreign');
  });

  it('is taken under an exclusive one as a loss of its class', async () => {
    await unmanaged();
    await inForce({ members: 'Exclusive' });
    expect(await vault.step(removal())).toBe('NotReserved');
    expect((await reserve('people', removal())).status).toBe(200);
    expect(await vault.step(removal())).toBe('Done');
    const { members, ledger } = await vault.snapshot();
    expect(members.map(({ email }) => email)).not.toContain(ALICE);
    expect(ledger).toMatchObject([{ class: 'people', units: 1 }]);
  });

  it('is never the owner, though the loss is reserved (rail 3)', async () => {
    await inForce({ members: 'Exclusive' });
    const [{ email = '' } = {}] = (await vault.snapshot()).members;
    const before = { ...access({ role: 'Owner' }), state: 'Active' };
    const ownRemoval = { ...removal(), key: email, before } as StepAction;
    expect((await reserve('people', ownRemoval)).status).toBe(200);
    expect(await vault.step(ownRemoval)).toBe('Floor');
  });

  it('is not taken where another manager has the record', async () => {
    await unmanaged();
    await inForce({ members: 'Exclusive' });
    await vault.database.edit(
      `insert into records (vault_id, kind, key, manager, origin, applied, deletion_policy, provenance, seen_under)
       values ('${vault.vaultId}', 'Member', '${ALICE}', 'other', 'acme', '{}', null, '{}', null)`,
    );
    expect(await vault.step(removal())).toBe('Foreign');
  });

  it('is a machine that is disabled without a raise, and never revoked', async () => {
    const { publicKey } = newKeyPair();
    const register: StepAction = { kind: 'RegisterMachine', key: 'ci', before: null, after: {} };
    expect(await vault.step(register, { publicKey: publicKey.text })).toBe('Done');
    const disable: StepAction = {
      ...{ kind: 'DisableMachine', key: 'ci' },
      ...{ before: { enabled: true }, after: { enabled: false } },
    };
    const revoke: StepAction = { kind: 'RevokeMachine', key: 'ci', before: { access: [] }, after: null };
    expect(await vault.stepUnapproved(disable)).toBe('Foreign');
    await inForce({ machines: 'Exclusive' });
    expect(await vault.stepUnapproved(revoke)).toBe('Foreign');
    await reserve('machines', disable);
    expect(await vault.stepUnapproved(disable)).toBe('Done');
    expect(await vault.stepUnapproved(revoke)).toBe('Foreign');
  });

  it('is no project that has secrets', async () => {
    await inForce({ projects: 'Exclusive' });
    await boss.ask('PUT', `/vaults/${vault.vaultId}/projects/Main/secrets/s`, { value: 'v' });
    const deletion = (secrets: readonly string[]): StepAction => ({
      ...{ kind: 'DeleteProject', key: 'Main', after: null },
      before: { description: '', secrets },
    });
    expect(await vault.step(deletion(['s']))).toBe('Foreign');
    expect(await vault.step(deletion([]))).toBe('StaleBefore');
  });
});
