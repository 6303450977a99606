/** Integrations of a vault: webhooks that are told of acts. */

import type { Kysely } from 'kysely';
import { sha256 } from '#model/digest.ts';
import type { AuditAction } from '../act/audit-actions.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import type { Database, IntegrationTable } from '../store/schema.ts';
import { newWebhookSecret } from './webhook-secret.ts';

/** How many a vault may have. */
const MOST = 50;

export interface ListedIntegration {
  readonly name: string;
  readonly url: string;
  readonly createdAt: number;
  readonly lastSuccessAt: number | null;
  readonly lastFailureAt: number | null;
  /** A constant. */
  readonly lastError: string | null;
  /** Attempts that failed since the last success. */
  readonly failures: number;
  /** When it was switched off, by a person or because it failed too long; null: it is told. */
  readonly disabledAt: number | null;
}

/** Sorted by name. */
export async function integrationsOf(db: Kysely<Database>, vaultId: string): Promise<ListedIntegration[]> {
  const rows = await db
    .selectFrom('integrations')
    .selectAll()
    .where('vault_id', '=', vaultId)
    .orderBy('name')
    .execute();
  return rows.map(({ name, url, failures, ...row }) => ({
    ...{ name, url, failures },
    createdAt: row.created_at,
    lastSuccessAt: row.last_success_at,
    lastFailureAt: row.last_failure_at,
    lastError: row.last_error,
    disabledAt: row.disabled_at,
  }));
}

/** The secret is answered once. Throws DomainError `NameTaken`, `QuotaReached`; SealedError. */
export async function createIntegration(
  act: Act,
  { name, url }: { readonly name: string; readonly url: string },
): Promise<{ readonly secret: string }> {
  const known = await integrationsOf(act.db, act.vault.id);
  if (known.some((one) => one.name === name)) {
    throw refuse('NameTaken', `There is an integration ${name} already.`);
  }
  if (known.length >= MOST) throw refuse('QuotaReached', `A vault has at most ${MOST} integrations.`);
  const id = act.ids.make('int');
  const { secret, wrapped } = newWebhookSecret(act.cipher, id);
  await act.db
    .insertInto('integrations')
    .values({
      ...{ id, vault_id: act.vault.id, name, url, created_at: act.now, failures: 0, ...wrapped },
      ...{ last_success_at: null, last_failure_at: null, last_error: null },
      ...{ failing_since: null, disabled_at: null },
    })
    .execute();
  await audit(act, 'integration.created', name, addressed(url));
  return { secret };
}

/** Another address, on or off; on, its failures are forgotten. Throws DomainError `NotFound`. */
export async function setIntegration(
  act: Act,
  name: string,
  { url, enabled }: { readonly url: string; readonly enabled: boolean },
): Promise<void> {
  const row = await integrationNamed(act, name);
  await act.db
    .updateTable('integrations')
    .set({
      url,
      disabled_at: enabled ? null : (row.disabled_at ?? act.now),
      ...(enabled && row.disabled_at !== null ? { failures: 0, failing_since: null } : {}),
    })
    .where('id', '=', row.id)
    .execute();
  if (!enabled) await giveUpDeliveries(act, row.id);
  await audit(act, 'integration.set', name, { ...addressed(url), enabled });
}

/** The former secret signs nothing from now on. Throws DomainError `NotFound`; SealedError. */
export async function renewSecret(act: Act, name: string): Promise<{ readonly secret: string }> {
  const { id } = await integrationNamed(act, name);
  const { secret, wrapped } = newWebhookSecret(act.cipher, id);
  await act.db.updateTable('integrations').set(wrapped).where('id', '=', id).execute();
  await audit(act, 'integration.secret-renewed', name);
  return { secret };
}

/** With what waits for it. Throws DomainError `NotFound`. */
export async function deleteIntegration(act: Act, name: string): Promise<void> {
  const { id } = await integrationNamed(act, name);
  await act.db.deleteFrom('integrations').where('id', '=', id).execute();
  await audit(act, 'integration.deleted', name);
}

/** Throws DomainError `NotFound`. */
export async function integrationNamed(
  { db, vault }: { readonly db: Kysely<Database>; readonly vault: { readonly id: string } },
  name: string,
): Promise<IntegrationTable> {
  const row = await db
    .selectFrom('integrations')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('name', '=', name)
    .executeTakeFirst();
  if (row === undefined) throw refuse('NotFound', `There is no integration ${name}.`);
  return row;
}

/** It failed too long: nothing more is sent to it until a person switches it on. */
export async function disableFailing(act: Act, id: string): Promise<void> {
  const row = await act.db
    .updateTable('integrations')
    .set({ disabled_at: act.now })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .returning(['name', 'last_error', 'failures'])
    .executeTakeFirst();
  if (row === undefined) return;
  await giveUpDeliveries(act, id);
  await audit(act, 'integration.disabled', row.name, { lastError: row.last_error, failures: row.failures });
}

async function giveUpDeliveries(act: Act, integrationId: string): Promise<void> {
  await act.db
    .updateTable('deliveries')
    .set({ next_attempt_at: null, last_error: 'Disabled' })
    .where('integration_id', '=', integrationId)
    .where('next_attempt_at', 'is not', null)
    .execute();
}

/**
 * What the audit log tells of an address: where it leads, and whether it is the same as another. The rest of it is
 * often all that a receiver knows the sender by, and the log is exported and read by many.
 */
function addressed(url: string): { readonly origin: string; readonly urlDigest: string } {
  return { origin: new URL(url).origin, urlDigest: sha256(url) };
}

async function audit(
  act: Act,
  action: AuditAction,
  name: string,
  details: NonNullable<Parameters<Act['audit']>[0]['details']> = {},
): Promise<void> {
  await act.audit({ action, subject: { kind: 'Integration', key: name }, details });
}
