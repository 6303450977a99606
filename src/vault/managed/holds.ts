/**
 * Rail 1: which losses are held, kept here so that neither a restart nor another process forgets them.
 *
 * Decides rail 1: which losses are kept as held.
 */
import type { Kysely } from 'kysely';
import type { HeldLosses, LossClass } from '#model/loss.ts';
import type { HoldsRequest } from '#protocol/management.ts';
import type { Act } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import type { Database } from '../store/schema.ts';

/** One a class, sorted by class; the hashes sorted. */
export async function heldLosses(db: Kysely<Database>, vaultId: string): Promise<HeldLosses[]> {
  const rows = await db
    .selectFrom('held_steps')
    .select(['class', 'step_hash'])
    .where('vault_id', '=', vaultId)
    .execute();
  const byClass = new Map<string, string[]>();
  for (const { class: lossClass, step_hash } of rows) {
    const hashes = byClass.get(lossClass);
    if (hashes === undefined) byClass.set(lossClass, [step_hash]);
    else hashes.push(step_hash);
  }
  return [...byClass]
    .map(([lossClass, hashes]) => ({ class: lossClass as LossClass, stepHashes: hashes.sort(byText) }))
    .sort((a, b) => byText(a.class, b.class));
}

/** Replaces what is held. A class whose losses are the same moves nothing, and tells the audit log nothing. */
export async function keepHolds(act: Act, { holds }: Pick<HoldsRequest, 'holds'>): Promise<void> {
  const { db, vault } = act;
  const before = new Map((await heldLosses(db, vault.id)).map((hold) => [hold.class, hold.stepHashes]));
  const after = new Map(holds.map((hold) => [hold.class, [...new Set(hold.stepHashes)].sort(byText)]));
  for (const lossClass of [...new Set([...before.keys(), ...after.keys()])].sort(byText)) {
    const was = before.get(lossClass) ?? [];
    const is = after.get(lossClass) ?? [];
    if (was.join() === is.join()) continue;
    await db
      .deleteFrom('held_steps')
      .where('vault_id', '=', vault.id)
      .where('class', '=', lossClass)
      .execute();
    for (const step_hash of is) {
      await db.insertInto('held_steps').values({ vault_id: vault.id, class: lossClass, step_hash }).execute();
    }
    await act.audit({
      action: is.length > 0 ? 'losses.held' : 'losses.released',
      subject: { kind: 'Vault', key: vault.id },
      details: { class: lossClass, steps: is.length > 0 ? is : was },
    });
  }
}
