/**
 * A manager takes over from a former one, in the transaction of the step (rail 10): whoever holds the lease holds it because
 * the former one gave it back, or a person took it away.
 *
 * Decides rail 10: what a take-over needs, and whose everything is after it.
 */
import { stepHash } from '#model/digest.ts';
import type { ActionOf } from '#model/step.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { Act } from '../act/context.ts';
import { checkManager } from '../automation/automation-bounds.ts';
import { refuse } from '../common/domain-error.ts';
import { managerOf } from '../managed/records.ts';
import { checkBefore } from '../managed/step.ts';
import { useApproval } from './approvals.ts';
import { lastFencing } from './lease.ts';

/**
 * Makes all records of the former manager the new one's, those of its Organization's namespace of the new one's too; none of
 * them was seen declared yet, so that nothing is lost by absence before each was. Answers how many. Throws `StaleBefore` where the organization is another's by now or the former
 * manager held the lease since, `Forbidden` where the identity does not act for both, `NeedsApproval` without an approval
 * that was given in the vault.
 */
export async function takeOver(
  act: Act,
  action: ActionOf<'TakeOver'>,
  { approval, approvalProof, record }: StepRequest,
): Promise<number> {
  const { db, vault, actor } = act;
  const { before, after } = action;
  if (actor.type === 'automation') checkManager(actor, before.manager);
  const manager = await managerOf(act, { kind: 'Organization', key: vault.id });
  const fencing = manager === null ? 0 : await lastFencing(db, vault.id, manager);
  checkBefore(action, { manager, fencing });
  if (
    record?.kind !== 'Organization' ||
    record.manager !== after.manager ||
    record.origin !== after.namespace ||
    after.manager === before.manager
  ) {
    throw refuse(
      'Invalid',
      'A take-over carries the record of the organization, by the name of another manager and of the namespace of the step.',
    );
  }
  if (approval?.via !== 'Vault') {
    throw refuse(
      'NeedsApproval',
      `${after.manager} takes over from ${before.manager} by an approval that is given in the vault.`,
      'The owner or an approver approves the plan in the vault: `seneschal approve DIGEST`.',
    );
  }
  await useApproval(act, {
    claim: approval,
    steps: { action, approvalProof },
    purpose: stepHash(vault.id, action),
    counts: null,
  });
  const machines = db.selectFrom('machines').select('id').where('vault_id', '=', vault.id);
  await db
    .updateTable('automation_registrations')
    .set({ manager: after.manager })
    .where('manager', '=', before.manager)
    .where('machine_id', 'in', machines)
    .execute();
  await db
    .updateTable('machines')
    .set({ keyed_by: after.manager })
    .where('keyed_by', '=', before.manager)
    .where('vault_id', '=', vault.id)
    .execute();
  await moveHome(act, before.manager, after.namespace);
  await db
    .updateTable('former_names')
    .set({ manager: after.manager })
    .where('vault_id', '=', vault.id)
    .where('manager', '=', before.manager)
    .execute();
  const { numUpdatedRows } = await db
    .updateTable('records')
    .set({ manager: after.manager, seen_under: null })
    .where('vault_id', '=', vault.id)
    .where('manager', '=', before.manager)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/**
 * Objects beside the former Organization come along to the namespace of the new one, which the step names, so that it is part
 * of what was approved: else each of their records would move by itself, and wait for another approval (0054).
 */
async function moveHome({ db, vault }: Act, manager: string, namespace: string): Promise<void> {
  const home = db
    .selectFrom('records')
    .select('origin')
    .where('vault_id', '=', vault.id)
    .where('kind', '=', 'Organization')
    .where('key', '=', vault.id);
  await db
    .updateTable('former_names')
    .set({ origin: namespace })
    .where('vault_id', '=', vault.id)
    .where('manager', '=', manager)
    .where('origin', '=', home)
    .execute();
  await db
    .updateTable('records')
    .set({ origin: namespace })
    .where('vault_id', '=', vault.id)
    .where('manager', '=', manager)
    .where('kind', '!=', 'Organization')
    .where('origin', '=', home)
    .execute();
}
