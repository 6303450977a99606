/** P4: a plan that is over freezes its organization: people read, access can only be taken away, machines read on. */
import type { Consequence } from '#model/consequence.ts';
import type { StepKind } from '#model/step.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { mailAddressOf } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { ownerOf } from '../organizations/owner.ts';
import type { VaultTable } from '../store/schema.ts';

type PlanTerm = Pick<VaultTable, 'plan' | 'plan_until'>;

/** By the clock: whether somebody has noticed it makes no difference. */
export function isLapsed({ plan_until }: PlanTerm, now: number): boolean {
  return plan_until !== null && plan_until <= now;
}

/** Throws `PlanLapsed`. */
export function requirePlan({ vault, now, plan }: Pick<Act, 'vault' | 'now' | 'plan'>): void {
  if (!isLapsed(vault, now)) return;
  throw refuse(
    'PlanLapsed',
    `The plan ${vault.plan} lapsed at ${new Date(vault.plan_until ?? now).toISOString()}: the vault is read only, and access can only be taken away.`,
    plan.billingUrl === ''
      ? 'Whoever runs the server sets a plan: seneschal vault plan set.'
      : `Renew it: ${plan.billingUrl}`,
  );
}

/** Steps that take access away and nothing else, or touch records alone. */
const LOSSES: ReadonlySet<StepKind> = new Set<StepKind>([
  'SuspendMember',
  'RemoveMember',
  'CancelInvite',
  'DisableMachine',
  'RevokeMachine',
  'Claim',
  'Release',
]);
/** Steps that may take or give: by what they do. */
const EITHER: ReadonlySet<StepKind> = new Set<StepKind>([
  'SetMemberAccess',
  'SetMachineAccess',
  'UpdateTemplate',
]);

/** Of automation only losses run in a lapsed organization. Throws `PlanLapsed`. */
export function checkStepOfLapsed(
  act: Act,
  kind: StepKind,
  { loss, gain }: Pick<Consequence, 'loss' | 'gain'>,
): void {
  if (LOSSES.has(kind) || (EITHER.has(kind) && loss !== null && !gain)) return;
  requirePlan(act);
}

/** Writes down which plans are over by now (a revision, V1), and tells the owners. */
export async function lapsePlans(context: VaultContext): Promise<void> {
  const now = context.clock.now();
  const over = await context.reader
    .selectFrom('vaults')
    .select('id')
    .where('plan_until', '<=', now)
    .where('lapsed_at', 'is', null)
    .execute();
  for (const { id } of over) {
    await context.act(id, { type: 'system' }, async (act) => {
      // Looked at again under the lock: another replica sweeps as well, and a plan may have been set.
      if (act.vault.lapsed_at !== null || !isLapsed(act.vault, act.now)) return;
      await act.db.updateTable('vaults').set({ lapsed_at: act.now }).where('id', '=', id).execute();
      const { plan, display_name: name, plan_until: until } = act.vault;
      const subject = { kind: 'Organization', key: id };
      await act.audit({ action: 'organization.plan-lapsed', subject, details: { plan, until } });
      await enqueueMail(act.db, {
        at: act.now,
        to: await mailAddressOf(act.db, await ownerOf(act)),
        subject: `The plan of ${name} lapsed`,
        text:
          `The plan ${plan} of ${name} (${id}) is over. Nothing was deleted and machines read on; people only read, ` +
          `and access can only be taken away, until whoever runs the server sets a plan.\n` +
          (act.plan.billingUrl === '' ? '' : `${act.plan.billingUrl}\n`),
        kind: 'plan-lapsed',
        vaultId: id,
      });
    });
  }
}
