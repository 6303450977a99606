/** Answers kept under their idempotency keys (V1), so that a repeated request changes nothing. */
import type { StepAnswer } from '../../protocol/management.ts';
import type { Act } from './context.ts';

/** How long an answer is kept: 24 h, in milliseconds. */
const ANSWER_LIFE = 24 * 60 * 60 * 1000;

/** The answer that was given under the key, or null. Only steps that were done are kept. */
export async function keptAnswer(act: Act, key: string): Promise<StepAnswer | null> {
  const row = await act.db
    .selectFrom('kept_answers')
    .select('answer')
    .where('vault_id', '=', act.vault.id)
    .where('key', '=', key)
    .where('expires_at', '>', act.now)
    .executeTakeFirst();
  return row === undefined ? null : (JSON.parse(row.answer) as StepAnswer);
}

export async function keepAnswer(act: Act, key: string, answer: StepAnswer): Promise<void> {
  const kept = { answer: JSON.stringify(answer), expires_at: act.now + ANSWER_LIFE };
  await act.db
    .insertInto('kept_answers')
    .values({ vault_id: act.vault.id, key, ...kept })
    .onConflict((conflict) => conflict.columns(['vault_id', 'key']).doUpdateSet(kept))
    .execute();
}
