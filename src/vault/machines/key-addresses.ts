/**
 * V4: a key that automation brings is answered only from where its delegation says that its machines are. The ranges
 * lie with the key, so that a request of a machine costs nothing more; whatever changes them writes them anew.
 *
 * Decides V4: from where the keys of a delegation are answered.
 */
import type { Actor, AutomationBounds } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { AddressList } from '../common/addresses.ts';
import type { MachineKeyTable } from '../store/schema.ts';

/** What a key that this actor brings is held to. */
export function boundOfKey(actor: Actor): Pick<MachineKeyTable, 'automation_id' | 'addresses'> {
  if (actor.type !== 'automation') return { automation_id: null, addresses: null };
  return { automation_id: actor.id, addresses: rangesOf(actor.bounds) };
}

/** The ranges of a key; null: it is answered from anywhere that the vault lets through. */
export function addressesOf({ addresses }: Pick<MachineKeyTable, 'addresses'>): AddressList | null {
  return addresses === null ? null : new AddressList(JSON.parse(addresses) as string[]);
}

/** A delegation as its owner has it now. */
export interface KeyHolder extends Pick<AutomationBounds, 'addresses' | 'machineAddresses'> {
  readonly id: string;
  /** Names that it takes the lease by; null: none so far. */
  readonly managers: readonly string[] | null;
}

/**
 * What the owner says of a delegation holds for its keys with the next request of each. Keys of identities that are over
 * follow their manager: they are the delegation's that acts for it now, and stay held to what they were until there is
 * one.
 */
export async function bindKeys({ db, vault, now }: Act, holder: KeyHolder): Promise<void> {
  if (holder.managers !== null && holder.managers.length > 0) {
    await db
      .updateTable('machine_keys')
      .set({ automation_id: holder.id })
      .where('vault_id', '=', vault.id)
      .where('automation_id', 'in', (ended) =>
        ended
          .selectFrom('automations')
          .select('id')
          .where('vault_id', '=', vault.id)
          .where((row) => row.or([row('revoked_at', 'is not', null), row('expires_at', '<=', now)])),
      )
      .where('machine_id', 'in', (own) =>
        own
          .selectFrom('machines')
          .select('id')
          .where('vault_id', '=', vault.id)
          .where('keyed_by', 'in', holder.managers ?? []),
      )
      .execute();
  }
  await db
    .updateTable('machine_keys')
    .set({ addresses: rangesOf(holder) })
    .where('automation_id', '=', holder.id)
    .execute();
}

/** Where nothing is said of machines, they are where the automation itself is. */
function rangesOf({ addresses, machineAddresses }: Omit<KeyHolder, 'id' | 'managers'>): string | null {
  const ranges = machineAddresses ?? addresses;
  return ranges === null ? null : JSON.stringify(ranges);
}
