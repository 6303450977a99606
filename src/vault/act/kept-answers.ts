/**
 * Answers kept under their idempotency keys (V1), so that a repeated step changes nothing.
 *
 * Decides V1: that a step happens once under its key.
 */
import { canonicalJson, sha256 } from '#model/digest.ts';
import type { StepAnswer, StepRequest } from '#protocol/management.ts';
import { refuse } from '../common/domain-error.ts';
import type { AutomationActor } from './actor.ts';
import type { Act } from './context.ts';

/** How long an answer is kept: 24 h, in milliseconds. */
export const ANSWER_LIFE = 24 * 60 * 60 * 1000;

/** Of an answer that was kept before its identity and its request were. */
const UNKNOWN = '';

/**
 * The answer that the identity was given under the key, or null. Only steps that were done are kept. Throws
 * `IdempotencyKeyReused` where the key was that of another step, or of one of which nothing is known.
 */
export async function keptAnswer(
  act: Act,
  { id }: AutomationActor,
  request: StepRequest,
): Promise<StepAnswer | null> {
  const rows = await act.db
    .selectFrom('kept_answers')
    .select(['request_hash', 'answer'])
    .where('vault_id', '=', act.vault.id)
    .where('automation_id', 'in', [id, UNKNOWN])
    .where('key', '=', request.idempotencyKey)
    .where('expires_at', '>', act.now)
    .execute();
  const [row] = rows;
  if (row === undefined) return null;
  if (rows.some(({ request_hash }) => request_hash !== hashOf(request))) {
    throw refuse(
      'IdempotencyKeyReused',
      'Another step was sent under this idempotency key within 24 hours.',
      'Send each step under a key of its own, and only its repeat under the same.',
    );
  }
  return JSON.parse(row.answer) as StepAnswer;
}

export async function keepAnswer(
  act: Act,
  { id }: AutomationActor,
  request: StepRequest,
  answer: StepAnswer,
): Promise<void> {
  const kept = {
    request_hash: hashOf(request),
    answer: JSON.stringify(answer),
    expires_at: act.now + ANSWER_LIFE,
  };
  await act.db
    .insertInto('kept_answers')
    .values({ vault_id: act.vault.id, automation_id: id, key: request.idempotencyKey, ...kept })
    .onConflict((conflict) => conflict.columns(['vault_id', 'automation_id', 'key']).doUpdateSet(kept))
    .execute();
}

function hashOf(request: StepRequest): string {
  return sha256(canonicalJson(request));
}
