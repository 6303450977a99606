/** Webhooks on their way: written with the act that they tell of, sent after it, claimed as mails are. */
import { type Kysely, sql, type Transaction } from 'kysely';
import type { VaultContext } from '../act/context.ts';
import { newToken } from '../common/token.ts';
import { SealedError } from '../crypto/secret-cipher.ts';
import { CLAIM, nextAttempt } from '../mail/attempts.ts';
import type { OutgoingObserver } from '../mail/observer.ts';
import { BATCH, isClaimed, tryEach } from '../mail/queue.ts';
import type { Stopping } from '../mail/stopping.ts';
import type { Database, DeliveryTable, IntegrationTable } from '../store/schema.ts';
import { disableFailing } from './integrations.ts';
import { signatureOf } from './signature.ts';
import { post, TIMEOUT, WebhookError } from './webhook-request.ts';
import { openWebhookSecret } from './webhook-secret.ts';

/** What a webhook is told: who did what to what and when; never a value, nor the details of the entry. */
export interface WebhookEvent {
  readonly vaultId: string;
  /** The audit action. */
  readonly type: string;
  /** Id of the audit entry; null: a test. */
  readonly entry: string | null;
  readonly at: number;
  readonly actor: { readonly type: string; readonly name: string };
  readonly subject: { readonly kind: string; readonly key: string };
}

export async function enqueueDelivery(
  db: Transaction<Database>,
  integrationId: string,
  event: WebhookEvent,
): Promise<void> {
  const id = newToken('whd');
  const body = JSON.stringify({ id, ...event });
  const { type, at } = event;
  await db
    .insertInto('deliveries')
    .columns([
      'id',
      'vault_id',
      'integration_id',
      'event',
      'body',
      'created_at',
      'attempts',
      'next_attempt_at',
    ])
    .expression(
      // An integration that the same act deleted is told nothing.
      db
        .selectFrom('integrations')
        .select([
          sql<string>`${id}`.as('id'),
          'integrations.vault_id',
          'integrations.id as integration_id',
          sql<string>`${type}`.as('event'),
          sql<string>`${body}`.as('body'),
          sql<number>`cast(${at} as bigint)`.as('created_at'),
          sql<number>`0`.as('attempts'),
          sql<number>`cast(${at} as bigint)`.as('next_attempt_at'),
        ])
        .where('integrations.id', '=', integrationId),
    )
    .execute();
}

type Delivering = Pick<VaultContext, 'reader' | 'bookkeep' | 'act' | 'clock' | 'cipher' | 'outgoing'>;

/** Attempts that have to fail in a row, and milliseconds that they last at least, until an integration is off. */
const FAILURES = 20;
const FAILING = 24 * 60 * 60 * 1000;

/** Tries every delivery that is due once; none while the server is sealed, since nothing can be signed. */
export async function deliverDue(
  context: Delivering,
  observer: OutgoingObserver,
  stopping: Stopping,
): Promise<void> {
  if (context.cipher.isSealed) return;
  const due = await context.reader
    .selectFrom('deliveries')
    .selectAll()
    .where('next_attempt_at', '<=', context.clock.now())
    .orderBy('next_attempt_at')
    .limit(BATCH)
    .execute();
  await tryEach(context, 'deliveries', due, observer, stopping, (delivery) =>
    attempt(context, observer, delivery, stopping.hurry),
  );
}

async function attempt(
  context: Delivering,
  observer: OutgoingObserver,
  delivery: DeliveryTable,
  hurry: AbortSignal,
): Promise<void> {
  const attempts = delivery.attempts + 1;
  if (!(await isClaimed(context, 'deliveries', delivery))) return;
  const integration = await integrationOf(context.reader, delivery.integration_id);
  if (integration === undefined || integration.disabled_at !== null) return;
  const error = await sendTo(context, integration, delivery, hurry);
  const now = context.clock.now();
  if (error === 'Sealed') {
    await note(context, delivery, attempts, { next_attempt_at: now + CLAIM, last_error: error });
    return;
  }
  await noteHealth(context, integration, error);
  if (error === null) {
    observer.attempt('webhook', 'delivered');
    const done = { next_attempt_at: null, delivered_at: now, last_error: null };
    return note(context, delivery, attempts, done);
  }
  const next_attempt_at = nextAttempt({ createdAt: delivery.created_at, expiresAt: null, attempts }, now);
  observer.attempt('webhook', next_attempt_at === null ? 'given-up' : 'failed');
  await note(context, delivery, attempts, { next_attempt_at, last_error: error });
}

/** Null: delivered; otherwise why not. */
export async function sendTo(
  { clock, cipher, outgoing }: Pick<Delivering, 'clock' | 'cipher' | 'outgoing'>,
  integration: IntegrationTable,
  { id, body }: Pick<DeliveryTable, 'id' | 'body'>,
  hurry?: AbortSignal,
): Promise<string | null> {
  let secret: string;
  try {
    secret = openWebhookSecret(cipher, integration);
  } catch (error) {
    if (error instanceof SealedError) return 'Sealed';
    return 'SecretBroken';
  }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'seneschal-vault',
    'seneschal-delivery': id,
    'seneschal-signature': signatureOf(secret, Math.floor(clock.now() / 1000), body),
  };
  const timeout = AbortSignal.timeout(TIMEOUT);
  const signal = hurry === undefined ? timeout : AbortSignal.any([hurry, timeout]);
  try {
    await post({ url: integration.url, headers, body }, outgoing.webhooks, signal);
    return null;
  } catch (error) {
    if (error instanceof WebhookError) return error.message;
    throw error;
  }
}

/** How it went last; who failed twenty times in a row and for a day is switched off. */
export async function noteHealth(
  context: Delivering,
  { id, vault_id }: Pick<IntegrationTable, 'id' | 'vault_id'>,
  error: string | null,
): Promise<void> {
  const now = context.clock.now();
  const after = await context.bookkeep((db) =>
    db
      .updateTable('integrations')
      .set((column) =>
        error === null
          ? { last_success_at: now, failures: 0, failing_since: null }
          : {
              last_failure_at: now,
              last_error: error,
              failures: column('failures', '+', 1),
              failing_since: column.fn.coalesce('failing_since', column.val(now)),
            },
      )
      .where('id', '=', id)
      .returning(['failures', 'failing_since'])
      .executeTakeFirst(),
  );
  if (after === undefined || after.failures < FAILURES || now - (after.failing_since ?? now) < FAILING)
    return;
  await context.act(vault_id, { type: 'system' }, (act) => disableFailing(act, id));
}

async function note(
  context: Delivering,
  { id }: DeliveryTable,
  attempts: number,
  fields: Partial<Pick<DeliveryTable, 'next_attempt_at' | 'delivered_at' | 'last_error'>>,
): Promise<void> {
  await context.bookkeep((db) =>
    db
      .updateTable('deliveries')
      .set(fields)
      .where('id', '=', id)
      .where('attempts', '=', attempts)
      // Switched off meanwhile, it is given up already.
      .where('next_attempt_at', 'is not', null)
      .execute(),
  );
}

function integrationOf(db: Kysely<Database>, id: string): Promise<IntegrationTable | undefined> {
  return db.selectFrom('integrations').selectAll().where('id', '=', id).executeTakeFirst();
}

/** How long deliveries are kept, in milliseconds: a week. */
const KEPT = 7 * 24 * 60 * 60 * 1000;

export async function forgetDeliveries(db: Kysely<Database>, now: number): Promise<void> {
  await db
    .deleteFrom('deliveries')
    .where('created_at', '<', now - KEPT)
    .execute();
}
