import { beforeEach, describe, expect, it } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { Json, ManagedRecord } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim } from '#protocol/management.ts';
import { RAILS } from '#test/builders/desired.ts';
import {
  access,
  MANAGER,
  newIdentity,
  OTHER_MANAGER,
  record,
  type SignedBy,
  type TestVault,
} from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';

const ALICE = 'alice@acme.example';

describe('taking over from a former manager (rail 10)', () => {
  let vault: TestVault;
  beforeEach(async () => {
    ({ vault } = await ownedVault());
    const settings = { kind: 'ApplySettings', key: vault.vaultId, before: null, after: RAILS } as const;
    const invite = { kind: 'InviteMember', key: ALICE, before: null, after: access() } as const;
    const seen = { seenUnder: 'one cluster' };
    expect(await vault.step(settings, { record: organization(MANAGER, 'acme') })).toBe('Done');
    expect(await vault.step(invite, { record: { ...record('Member', ALICE), ...seen } })).toBe('Done');
    await vault.request('DELETE', '/lease', await vault.fence());
  });

  const organization = (manager: string, origin: string): ManagedRecord => ({
    ...record('Organization', vault.vaultId, { displayName: null, rails: RAILS } as unknown as Json),
    manager,
    origin,
  });
  const takeOver = (fencing: number): StepAction => ({
    kind: 'TakeOver',
    key: vault.vaultId,
    before: { manager: MANAGER, fencing },
    after: { manager: OTHER_MANAGER, namespace: 'moved' },
  });
  const run = async (action: StepAction, approval?: ApprovalClaim, as: SignedBy = vault.identity) => {
    const fence = await vault.lease(OTHER_MANAGER, 'moved', as);
    const given = { action, record: organization(OTHER_MANAGER, 'moved'), ...(approval ? { approval } : {}) };
    const [answer] = await vault.stepsUnapproved([given], { fence, as });
    return answer?.status === 'Refused' ? answer.code : answer?.status;
  };
  const lastNumber = async () => (await vault.changes('since=0&wait=0')).volatile.managedBy?.fencing ?? 0;

  it('makes all records the new manager’s at once, with the rails last applied; none of them was seen declared yet', async () => {
    const action = takeOver(await lastNumber());
    expect(await run(action, await vault.approved([action]))).toBe('Done');
    const { records } = await vault.snapshot();
    expect(records).toMatchObject([
      { kind: 'Member', key: ALICE, manager: OTHER_MANAGER, seenUnder: null },
      { kind: 'Organization', manager: OTHER_MANAGER, origin: 'moved', applied: { rails: RAILS } },
    ]);
    expect((await vault.changes('since=0&wait=0')).volatile.managedBy).toMatchObject({
      manager: OTHER_MANAGER,
    });
  });

  it('needs an approval that is given in the vault: a PlanApproval lets nobody take over', async () => {
    const action = takeOver(await lastNumber());
    const claim: ApprovalClaim = {
      ...{ digest: planDigest(vault.vaultId, [action]), approver: 'ann', via: 'PlanApproval' as const },
      ...{ reference: 'moved', reason: 'moved' },
    };
    expect([await run(action), await run(action, claim)]).toEqual(['NeedsApproval', 'NeedsApproval']);
  });

  it('is good once: a former manager that held the lease since makes another decision of it', async () => {
    const action = takeOver(await lastNumber());
    const approval = await vault.approved([action]);
    await vault.lease(MANAGER, 'back again').then((fence) => vault.request('DELETE', '/lease', fence));
    expect(await run(action, approval)).toBe('StaleBefore');
  });

  it('is of credentials whose delegation names both managers', async () => {
    const action = takeOver(await lastNumber());
    const approval = await vault.approved([action]);
    const alone = await newIdentity(vault.context, vault.vaultId, vault.owner, { managers: [OTHER_MANAGER] });
    expect(await run(action, approval, alone)).toBe('Forbidden');
    const both = { managers: [MANAGER, OTHER_MANAGER] };
    await vault.request('DELETE', '/lease', await vault.lease(OTHER_MANAGER, 'moved', alone), { as: alone });
    const named = await newIdentity(vault.context, vault.vaultId, vault.owner, both);
    expect(await run(action, approval, named)).toBe('Done');
  });
});
