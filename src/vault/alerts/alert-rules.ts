/** Alert rules of a vault in the tables. */
import type { Kysely } from 'kysely';
import { actorName } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { enqueueMail, VAULT_ADDRESS } from '../mail/outbox.ts';
import type { Database } from '../store/schema.ts';
import { type AlertRule, BUILT_IN_RULES, isBuiltIn, toldNoMore } from './matching.ts';
import { unknownAction } from './unknown-action.ts';

/** How many a vault may have. */
const MOST = 100;

/** Sorted by name; the built-in rules are among them, as they are or as the owner has them. */
export async function rulesOf(db: Kysely<Database>, vaultId: string): Promise<AlertRule[]> {
  const rows = await db.selectFrom('alert_rules').selectAll().where('vault_id', '=', vaultId).execute();
  const rules: AlertRule[] = rows.map((row) => ({
    name: row.name,
    enabled: row.enabled === 1,
    actions: JSON.parse(row.actions),
    actors: row.actors === null ? null : JSON.parse(row.actors),
    roles: JSON.parse(row.roles),
    emails: JSON.parse(row.emails),
    webhooks: JSON.parse(row.webhooks),
  }));
  const stored = new Set(rules.map(({ name }) => name));
  rules.push(...BUILT_IN_RULES.filter(({ name }) => !stored.has(name)));
  return rules.sort((a, b) => byText(a.name, b.name));
}

/**
 * Makes or replaces a rule; a built-in one that tells the owner less is told to them by mail, whoever they are now.
 * Throws DomainError `Invalid`, also for an action that no entry has, `NotFound` for a webhook, `QuotaReached`.
 */
export async function setRule(act: Act, rule: AlertRule): Promise<void> {
  const { name, actions, actors, roles, emails, webhooks } = rule;
  if (roles.length + emails.length + webhooks.length === 0) {
    throw refuse('Invalid', 'A rule names somebody to tell: roles, emails or webhooks.');
  }
  for (const pattern of actions) checkAction(pattern);
  await checkWebhooks(act, webhooks);
  const rules = await rulesOf(act.db, act.vault.id);
  if (rules.length >= MOST && !rules.some((one) => one.name === name)) {
    throw refuse('QuotaReached', `A vault has at most ${MOST} alert rules.`);
  }
  const fields = {
    enabled: rule.enabled ? (1 as const) : (0 as const),
    actions: JSON.stringify(actions),
    actors: actors === null ? null : JSON.stringify(actors),
    roles: JSON.stringify(roles),
    emails: JSON.stringify(emails),
    webhooks: JSON.stringify(webhooks),
  };
  await act.db
    .insertInto('alert_rules')
    .values({ vault_id: act.vault.id, name, ...fields })
    .onConflict((conflict) => conflict.columns(['vault_id', 'name']).doUpdateSet(fields))
    .execute();
  await act.audit({
    action: 'alert-rule.set',
    subject: { kind: 'AlertRule', key: name },
    details: {
      enabled: rule.enabled,
      actions: [...actions],
      actors: actors === null ? null : [...actors],
      roles: [...roles],
      emails: [...emails],
      webhooks: [...webhooks],
    },
  });
  const before = rules.find((one) => one.name === name);
  if (isBuiltIn(name) && before !== undefined) await tellOfSilence(act, name, toldNoMore(before, rule));
}

/** At once and whatever rules there are: who took over a session must not be able to work unseen from here on. */
async function tellOfSilence(act: Act, rule: string, silent: readonly string[]): Promise<void> {
  if (silent.length === 0) return;
  const { id: vaultId, display_name } = act.vault;
  const { email } = await act.db
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .select('accounts.email')
    .where('vault_id', '=', vaultId)
    .where('role', '=', 'Owner')
    .executeTakeFirstOrThrow();
  await enqueueMail(act.db, {
    ...{ at: act.now, to: email, vaultId, kind: 'alerts-silenced' },
    subject: `${display_name}: "${rule}" tells you less`,
    text: [
      `${actorName(act.actor)} changed the alert rule "${rule}" of "${display_name}".`,
      'Of what it told you of, you are told no more:',
      '',
      ...silent,
      '',
      'If that was not you, delete the rule, which brings it back as it was, and change your password.',
      '',
      VAULT_ADDRESS,
    ].join('\n'),
  });
}

/** A built-in rule is as it was at the beginning then. Throws DomainError `NotFound`. */
export async function deleteRule(act: Act, name: string): Promise<void> {
  const { numDeletedRows } = await act.db
    .deleteFrom('alert_rules')
    .where('vault_id', '=', act.vault.id)
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw refuse('NotFound', `There is no alert rule ${name}.`);
  await act.audit({ action: 'alert-rule.deleted', subject: { kind: 'AlertRule', key: name } });
}

/** A rule that waits for what never comes looks as one that watches. */
function checkAction(pattern: string): void {
  const unknown = unknownAction(pattern);
  if (unknown === null) return;
  throw refuse('Invalid', unknown, 'Correct the action; docs/audit-actions.md lists all of them.');
}

async function checkWebhooks(act: Act, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const rows = await act.db
    .selectFrom('integrations')
    .select('name')
    .where('vault_id', '=', act.vault.id)
    .where('name', 'in', names)
    .execute();
  const missing = names.find((name) => !rows.some((row) => row.name === name));
  if (missing !== undefined) throw refuse('NotFound', `There is no integration ${missing}.`);
}
