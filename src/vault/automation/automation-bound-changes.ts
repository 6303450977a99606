/** What an automation identity is held to, changed after it was made (V4). Its abilities and its name stay. */
import { CEILING_CLASSES, type Ceilings, GAIN_BUDGET_NAMES, type GainBudgetName } from '#model/gains.ts';
import type { Act } from '../act/context.ts';
import { projectIds, projectNames } from '../authorization/project-names.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { bindKeys } from '../machines/key-addresses.ts';
import type { AutomationTable } from '../store/schema.ts';
import { currentAutomation } from './automations.ts';
import { boundsOf, columnsOf, gainsSet, type SetGains, type StoredBounds } from './stored-bounds.ts';

/** What is left out stays as it is; null: without a bound. */
export interface LimitChanges extends SetGains {
  /** Units in seven days. */
  readonly ceilings?: Partial<Ceilings> | undefined;
  /** Names that it takes the lease by; another delegation may have one of them too. */
  readonly managers?: readonly string[] | undefined;
  /** Names. */
  readonly projects?: readonly string[] | null | undefined;
  /** CIDR ranges (V9). */
  readonly addresses?: readonly string[] | null | undefined;
  /** CIDR ranges; null: `addresses`. */
  readonly machineAddresses?: readonly string[] | null | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | null | undefined;
}

/** What is widened or not, one by one. */
export type Limit = Exclude<keyof Limits, 'gains'> | GainBudgetName;

export interface Limits extends StoredBounds {
  readonly expiresAt: number | null;
}

/** In what the second lets an identity do more than the first. Pure. */
export function widened(before: Limits, after: Limits): readonly Limit[] {
  const isMore = (was: number | null, is: number | null): boolean =>
    was !== null && (is === null || is > was);
  const isBeyond = (had: readonly string[] | null, has: readonly string[] | null): boolean =>
    had !== null && (has === null || has.some((one) => !had.includes(one)));
  const machinesFrom = ({ machineAddresses, addresses }: Limits) => machineAddresses ?? addresses;
  const budgets = GAIN_BUDGET_NAMES.map((one) => [one, isMore(before.gains[one], after.gains[one])]);
  const more: Readonly<Record<Limit, boolean>> = {
    ...(Object.fromEntries(budgets) as Record<GainBudgetName, boolean>),
    ceilings: CEILING_CLASSES.some((one) => after.ceilings[one] > before.ceilings[one]),
    managers: isBeyond(before.managers, after.managers),
    projects: isBeyond(before.projects, after.projects),
    // A range within another counts as more as well: the log says too much rather than too little.
    addresses: isBeyond(before.addresses, after.addresses),
    machineAddresses: isBeyond(machinesFrom(before), machinesFrom(after)),
    expiresAt: isMore(before.expiresAt, after.expiresAt),
  };
  return (Object.keys(more) as Limit[]).filter((one) => more[one]);
}

/**
 * Acts on the next request of the identity. One that has ended stays so: another is made. The caller has checked that
 * the actor is the owner and proved the person anew. Throws DomainError `NotFound`, `Invalid`.
 */
export async function changeLimits(act: Act, id: string, changes: LimitChanges): Promise<void> {
  const automation = await currentAutomation(act, id);
  if (automation.expires_at !== null && automation.expires_at <= act.now) {
    throw refuse('Invalid', `${automation.name} has ended.`, 'Make another identity.');
  }
  const { expiresAt } = changes;
  if (expiresAt != null && expiresAt <= act.now) {
    throw refuse('Invalid', 'The time of its end is over.', 'Name a later one, or revoke the identity.');
  }
  const before = limitsOf(automation);
  const kept = <Value>(named: Value | undefined, was: Value): Value => (named === undefined ? was : named);
  const { projects } = changes;
  const after: Limits = {
    ceilings: { ...before.ceilings, ...changes.ceilings },
    gains: gainsSet(before.gains, changes),
    managers: changes.managers ?? before.managers,
    projects: projects == null ? kept(projects, before.projects) : await projectIds(act, projects),
    addresses: kept(changes.addresses, before.addresses),
    machineAddresses: kept(changes.machineAddresses, before.machineAddresses),
    expiresAt: kept(expiresAt, before.expiresAt),
  };
  if (JSON.stringify(sorted(after)) === JSON.stringify(sorted(before))) return;
  await act.db
    .updateTable('automations')
    .set({ ...columnsOf(after), expires_at: after.expiresAt })
    .where('id', '=', id)
    .execute();
  await bindKeys(act, { id, ...after });
  const names = await projectNames(act.db, act.vault.id);
  const shown = ({ gains, ...limits }: Limits) => ({
    ...limits,
    ...gains,
    ceilings: { ...limits.ceilings },
    // Those that are gone have no name any more.
    projects: limits.projects?.flatMap((one) => names.get(one) ?? []).sort(byText) ?? null,
  });
  await act.audit({
    action: 'automation.limits-changed',
    subject: { kind: 'Automation', key: automation.name },
    details: { id, before: shown(before), after: shown(after), widened: [...widened(before, after)] },
  });
}

function limitsOf(row: AutomationTable): Limits {
  return { ...boundsOf(row), expiresAt: row.expires_at };
}

function sorted({ ceilings, gains, projects, managers, ...rest }: Limits): unknown {
  return [
    CEILING_CLASSES.map((one) => ceilings[one]),
    GAIN_BUDGET_NAMES.map((one) => gains[one]),
    projects?.toSorted(byText) ?? null,
    managers?.toSorted(byText) ?? null,
    rest,
  ];
}
