import { expect, it } from 'vitest';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { HOUR, MANAGER, NOW, organization, VAULT_ID } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const FORMER = 'fleet/acme';

/** As the former manager left it, under rails of its own. */
function left() {
  const state = organization().member(ANN).ours();
  state.with(settled(state.build(), { ...RAILS, requiredAdmins: [] }));
  const records = state.build().records.map((record) => ({ ...record, manager: FORMER, seenUnder: 'uids' }));
  return state.with({ records });
}
const managedBy = { manager: FORMER, fencing: 12 };

it('without the annotation, the plan says by which way a renamed Organization goes on (rail 10)', () => {
  const plan = planned(desired().member(ANN), left(), { managedBy });
  expect(plan.runnable).toEqual([]);
  expect(plan.findings[0]?.next).toContain(`seneschal.dev/take-over: ${FORMER}`);
});

it('with it, one take-over waits for an approval in the vault, by the number of the last lease, and all else for it', () => {
  const declared = desired().member(ANN).member('new@acme.example').with({ takeOver: FORMER });
  const plan = planned(declared, left(), { managedBy });
  expect(plan.runnable).toEqual([]);
  expect(held(plan)).toEqual([
    ['ObserveOnly', ['InviteMember new@acme.example']],
    ['NeedsApproval', [`TakeOver ${VAULT_ID}`]],
  ]);
  expect(plan.held[1]).toMatchObject({ byPlanApproval: false, digest: plan.digest });
  expect(stepOf(plan.steps, 'TakeOver').action).toMatchObject({
    before: managedBy,
    after: { manager: MANAGER, namespace: declared.build().organization.source.namespace },
  });
  expect(plan.sightings).toEqual([]);
  expect(reasons(plan)).toEqual([]);

  const later = planned(declared, left(), { managedBy: { ...managedBy, fencing: 13 } });
  expect(later.digest).not.toBe(plan.digest);

  const approval = {
    digest: plan.digest ?? '',
    approver: 'o',
    via: 'Vault',
    reference: 'a',
    reason: '',
  } as const;
  const approvals = [{ ...approval, expiresAt: NOW + HOUR }];
  const approved = planned(declared, left(), { managedBy, approvals });
  expect(told(approved.runnable)).toEqual([`TakeOver ${VAULT_ID}`]);
  const claimed = [{ ...approval, via: 'PlanApproval' as const, expiresAt: NOW + HOUR }];
  expect(planned(declared, left(), { managedBy, approvals: claimed }).runnable).toEqual([]);
});

it('names nobody else: an annotation for another manager than the records have does nothing', () => {
  const plan = planned(desired().member(ANN).with({ takeOver: 'else/where' }), left(), { managedBy });
  expect(told(plan.steps)).not.toContain(`TakeOver ${VAULT_ID}`);
});
