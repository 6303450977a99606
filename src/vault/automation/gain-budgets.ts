/**
 * V4: what a delegation gives is counted in the transaction of the step that gives it, against the budgets that
 * the owner set.
 *
 * Decides V4: that a delegation gives no more than its budgets hold.
 */
import type { Kysely } from 'kysely';
import {
  type Counted,
  type DelegatedGains,
  GAIN_BUDGETS,
  GAIN_CLASSES,
  type GainClass,
  limitOf,
  raiseBudgetCommand,
  roomFor,
  withInviteBound,
} from '#model/gains.ts';
import { BUDGET_WINDOW } from '#model/loss.ts';
import { spanText } from '#model/span-text.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { appliedInvites } from '../managed/applied-settings.ts';
import type { Database } from '../store/schema.ts';

/**
 * Counts what a step gives that waits for its time where the budget is used up: an invite, a project, a machine.
 * Throws `GainBudgetReached`, with the time when it goes on.
 */
export async function coverGain(
  act: Act,
  actor: AutomationActor,
  gainClass: 'invites' | 'projects' | 'machines',
): Promise<void> {
  const full = await fullBudget(act, actor, gainClass, 1);
  if (full !== null) throw refuse('GainBudgetReached', full.detail, full.next);
  await count(act, actor, { class: gainClass, units: 1 });
}

/**
 * Counts raises that no approval covers (rail 2). Throws `NeedsApproval` where the budget does not hold them, and
 * that is any raise unless the owner set another budget.
 */
export async function coverRaises(act: Act, actor: AutomationActor, units: number): Promise<void> {
  await coverOrApproval(act, actor, 'raises', units);
}

/**
 * Counts a key that comes to a machine of the delegation's managers without a proof by a key that it has. Who has an
 * approval for it does not ask: one that was given in the vault covers any number. Throws `NeedsApproval`, with the
 * time when it goes on without one.
 */
export async function coverUnprovenKey(act: Act, actor: AutomationActor): Promise<void> {
  await coverOrApproval(act, actor, 'unprovenKeys', 1);
}

/** What the delegation gave in the windows of its budgets. `given` has what is counted toward a bound. */
export async function delegatedGains(
  db: Kysely<Database>,
  { id, gains }: Pick<AutomationActor, 'id' | 'gains'>,
  now: number,
): Promise<DelegatedGains> {
  const bounded = GAIN_CLASSES.filter((one) => one !== 'machines' || gains.machinesPerHour !== null);
  return { budgets: gains, given: await given(db, id, bounded, now) };
}

/** Everything that is counted of it, whether a bound looks at it or not. */
export function gainsIn(
  db: Kysely<Database>,
  automationId: string,
  now: number,
): Promise<Counted<GainClass>[]> {
  return given(db, automationId, GAIN_CLASSES, now);
}

/** Forgets what no window holds any more. */
export async function forgetGains(db: Kysely<Database>, now: number): Promise<void> {
  await db
    .deleteFrom('delegated_gains')
    .where('at', '<=', now - BUDGET_WINDOW)
    .execute();
}

const WORDS: Readonly<Record<GainClass, string>> = {
  invites: 'invites',
  projects: 'new projects',
  machines: 'new machines',
  raises: 'raises',
  unprovenKeys: 'keys without a proof by the key before',
};

async function coverOrApproval(
  act: Act,
  actor: AutomationActor,
  gainClass: 'raises' | 'unprovenKeys',
  units: number,
): Promise<void> {
  const full = await fullBudget(act, actor, gainClass, units);
  if (full !== null)
    throw refuse('NeedsApproval', full.detail, `Approve the plan in the vault. ${full.next}`);
  await count(act, actor, { class: gainClass, units });
}

/** Why so many more do not fit; null: they do. */
async function fullBudget(
  { db, vault, now }: Act,
  { id, gains, managers }: AutomationActor,
  gainClass: GainClass,
  units: number,
): Promise<{ readonly detail: string; readonly next: string } | null> {
  const machines = gainClass === 'unprovenKeys' ? await machinesOf(db, vault.id, managers) : 0;
  const counted = await given(db, id, [gainClass], now);
  const budgets = withInviteBound(gains, appliedInvites(vault).perHour);
  const { left, freeAt, name } = roomFor({ budgets, given: counted, machines }, gainClass, now);
  if (name === null || left === null || left >= units) return null;
  const limit = limitOf(budgets, name, machines);
  const change = `the owner changes the bound: ${raiseBudgetCommand(id, name)}`;
  return {
    detail: `The delegation is bounded to ${limit} ${WORDS[gainClass]} in ${spanText(GAIN_BUDGETS[name].window)}; ${left} are left.`,
    next: freeAt === null ? `Or ${change}` : `It goes on at ${new Date(freeAt).toISOString()}, or ${change}`,
  };
}

/** How many machines the managers have records of. */
export async function machinesOf(
  db: Kysely<Database>,
  vaultId: string,
  managers: readonly string[] | null,
): Promise<number> {
  if (managers === null) return 0;
  const { count } = await db
    .selectFrom('records')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('vault_id', '=', vaultId)
    .where('kind', '=', 'MachineBinding')
    .where('manager', 'in', managers)
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function given(
  db: Kysely<Database>,
  automationId: string,
  classes: readonly GainClass[],
  now: number,
): Promise<Counted<GainClass>[]> {
  const rows = await db
    .selectFrom('delegated_gains')
    .select(['class', 'units', 'at'])
    .where('automation_id', '=', automationId)
    .where('claimed', '=', 0)
    .where('class', 'in', classes)
    .where('at', '>', now - Math.max(...classes.map(windowOf)))
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows
    .map((row) => ({ ...row, class: row.class as GainClass }))
    .filter((row) => row.at > now - windowOf(row.class));
}

/** The longest window that a class is counted in, in milliseconds. */
function windowOf(gainClass: GainClass): number {
  return Math.max(
    ...Object.values(GAIN_BUDGETS)
      .filter((budget) => budget.class === gainClass)
      .map(({ window }) => window),
  );
}

async function count(
  act: Act,
  { id }: AutomationActor,
  gain: { readonly class: GainClass; readonly units: number },
): Promise<void> {
  await act.db
    .insertInto('delegated_gains')
    .values({ id: act.ids.make('gain'), automation_id: id, at: act.now, claimed: 0, ...gain })
    .execute();
}
