/** Notes what alert rules are about, in the transaction of the act, so that none is without the other. */
import type { Transaction } from 'kysely';
import { type Actor, actorName } from '../act/actor.ts';
import type { AuditRecord } from '../act/context.ts';
import { newToken } from '../common/token.ts';
import { enqueueDelivery } from '../integrations/deliveries.ts';
import type { Database, VaultTable } from '../store/schema.ts';
import { rulesOf } from './alert-rules.ts';
import { type AlertRule, isAbout, urgencyOf } from './matching.ts';

/** An audit entry as it was written. */
export interface Noticed {
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  readonly record: AuditRecord;
}

/** The rules of a vault as an act found them. */
export interface KnownRules {
  /** Rules and integrations are configuration: as long as the revision stands, so do they. */
  readonly revision: string;
  readonly rules: readonly AlertRule[];
  /** Ids of the integrations that are on, by name. */
  readonly webhooks: ReadonlyMap<string, string>;
}

/** How many vaults' rules are remembered. */
const REMEMBERED = 1000;

export class AlertWatch {
  readonly #known = new Map<string, KnownRules>();

  /** For each rule about the entry: a notice where people are mailed, and a delivery for each webhook. */
  async note(
    db: Transaction<Database>,
    vault: Pick<VaultTable, 'id'>,
    { rules, webhooks }: KnownRules,
    { id, at, actor, record }: Noticed,
  ): Promise<void> {
    const { action, subject } = record;
    const met = rules.filter((rule) => isAbout(rule, action, actor.type));
    if (met.length === 0) return;
    const name = actorName(actor);
    for (const rule of met) {
      if (rule.roles.length + rule.emails.length === 0) continue;
      await db
        .insertInto('alert_notices')
        .values({
          ...{ id: newToken('ntc'), vault_id: vault.id, rule: rule.name, entry: id },
          ...{ action, actor: name, subject: `${subject.kind} ${subject.key}`, at },
          urgency: urgencyOf(record),
        })
        .execute();
    }
    const named = new Set(met.flatMap((rule) => rule.webhooks));
    for (const integration of named) {
      const integrationId = webhooks.get(integration);
      if (integrationId === undefined) continue;
      await enqueueDelivery(db, integrationId, {
        ...{ vaultId: vault.id, type: action, entry: id, at },
        ...{ actor: { type: actor.type, name }, subject },
      });
    }
  }

  /** Asked at the beginning of an act, which holds the lock of the vault: before the act changes any of them. */
  async rulesAt(
    db: Transaction<Database>,
    { id, epoch, revision }: Pick<VaultTable, 'id' | 'epoch' | 'revision'>,
  ): Promise<KnownRules> {
    const now = `${epoch}.${revision}`;
    const before = this.#known.get(id);
    if (before?.revision === now) return before;
    const rows = await db
      .selectFrom('integrations')
      .select(['id', 'name'])
      .where('vault_id', '=', id)
      .where('disabled_at', 'is', null)
      .execute();
    const known: KnownRules = {
      revision: now,
      rules: await rulesOf(db, id),
      webhooks: new Map(rows.map((row) => [row.name, row.id])),
    };
    this.#known.delete(id);
    this.#known.set(id, known);
    if (this.#known.size > REMEMBERED) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    return known;
  }
}
