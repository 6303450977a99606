import type { VaultContext } from '../act/context.ts';
import { mailAddressOf } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { isLapsed } from '../tiers/lapse.ts';
import { ownerOf } from './owner.ts';

/** Writes down which plans are over by now (a revision, V1), and tells the owners. */
export async function lapseTiers(context: VaultContext): Promise<void> {
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
          (act.tier.billingUrl === '' ? '' : `${act.tier.billingUrl}\n`),
        kind: 'plan-lapsed',
        vaultId: id,
      });
    });
  }
}
