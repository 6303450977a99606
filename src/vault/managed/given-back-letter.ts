/**
 * Who cut something had a reason: they hear at once that Git gave it back, whoever wrote or approved that.
 *
 * Decides rail 7: whom an answer to a cut is told to.
 */
import type { Tombstone } from '#model/record.ts';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { mailAddressOf } from '../mail/member-address.ts';
import { enqueueMail } from '../mail/outbox.ts';
import { isActiveAt } from '../store/active-members.ts';

/** A mail to each who cut, while they are active; nobody where the name is that of several members, or of none. */
export async function tellWhoCut(act: Act, answered: Iterable<Tombstone>): Promise<void> {
  const { db, vault, now } = act;
  for (const [actor, cuts] of Map.groupBy(answered, (one) => one.actor)) {
    const named = await db
      .selectFrom('members')
      .select(['email', 'account_id'])
      .where('vault_id', '=', vault.id)
      .where('user_name', '=', actor)
      .where(isActiveAt(now))
      .execute();
    const [member, ...others] = named;
    if (member === undefined || others.length > 0) continue;
    const lines = cuts.map(({ kind, key, act: what, item, at, entry }) => {
      const about = item === null ? key : `${key}, ${item}`;
      return `${kind} ${about}: ${what} on ${new Date(at).toISOString()} (${entry})`;
    });
    await enqueueMail(db, {
      at: now,
      to: await mailAddressOf(db, member),
      subject: `${vault.display_name}: what you took away is given back`,
      text:
        `${actorName(act.actor)} gives back in ${vault.display_name} (${vault.id}) what you took away, as Git names the entry:\n\n` +
        `${lines.join('\n')}\n\nIf that should not be, take it away again; the audit log says which commit it was.\n`,
      kind: 'given-back',
      vaultId: vault.id,
    });
  }
}
