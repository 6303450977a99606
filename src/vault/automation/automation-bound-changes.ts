/** What an automation identity is held to, changed after it was made (V4). Its abilities and its name stay. */
import { LOSS_CLASSES, type LossClass } from '#model/loss.ts';
import type { Act } from '../act/context.ts';
import { projectIds, projectNames } from '../authorization/project-names.ts';
import { refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import type { AutomationTable } from '../store/schema.ts';
import { currentAutomation } from './automations.ts';

/** What is left out stays as it is; null: without a bound. */
export interface LimitChanges {
  /** Units in seven days. */
  readonly ceilings?: Partial<Record<LossClass, number>> | undefined;
  /** Names. */
  readonly projects?: readonly string[] | null | undefined;
  readonly machinesPerHour?: number | null | undefined;
  /** CIDR ranges (V9). */
  readonly addresses?: readonly string[] | null | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | null | undefined;
}

export interface Limits {
  readonly ceilings: Readonly<Record<LossClass, number>>;
  /** Ids; null: every project. */
  readonly projects: readonly string[] | null;
  readonly machinesPerHour: number | null;
  readonly addresses: readonly string[] | null;
  readonly expiresAt: number | null;
}

/** In what the second lets an identity do more than the first. Pure. */
export function widened(before: Limits, after: Limits): readonly (keyof Limits)[] {
  const isMore = (was: number | null, is: number | null): boolean =>
    was !== null && (is === null || is > was);
  const isBeyond = (had: readonly string[] | null, has: readonly string[] | null): boolean =>
    had !== null && (has === null || has.some((one) => !had.includes(one)));
  const more: Readonly<Record<keyof Limits, boolean>> = {
    ceilings: LOSS_CLASSES.some((one) => after.ceilings[one] > before.ceilings[one]),
    projects: isBeyond(before.projects, after.projects),
    machinesPerHour: isMore(before.machinesPerHour, after.machinesPerHour),
    // A range within another counts as more as well: the log says too much rather than too little.
    addresses: isBeyond(before.addresses, after.addresses),
    expiresAt: isMore(before.expiresAt, after.expiresAt),
  };
  return (Object.keys(more) as (keyof Limits)[]).filter((one) => more[one]);
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
  const after: Limits = {
    ceilings: { ...before.ceilings, ...changes.ceilings },
    projects:
      changes.projects == null
        ? changes.projects === null
          ? null
          : before.projects
        : await projectIds(act, changes.projects),
    machinesPerHour: changes.machinesPerHour === undefined ? before.machinesPerHour : changes.machinesPerHour,
    addresses: changes.addresses === undefined ? before.addresses : changes.addresses,
    expiresAt: expiresAt === undefined ? before.expiresAt : expiresAt,
  };
  if (JSON.stringify(sorted(after)) === JSON.stringify(sorted(before))) return;
  await act.db
    .updateTable('automations')
    .set({
      ceilings: JSON.stringify(after.ceilings),
      bound_projects: after.projects === null ? null : JSON.stringify(after.projects),
      machines_per_hour: after.machinesPerHour,
      bound_addresses: after.addresses === null ? null : JSON.stringify(after.addresses),
      expires_at: after.expiresAt,
    })
    .where('id', '=', id)
    .execute();
  const names = await projectNames(act.db, act.vault.id);
  const shown = (limits: Limits) => ({
    ...limits,
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
  return {
    ceilings: JSON.parse(row.ceilings) as Record<LossClass, number>,
    projects: row.bound_projects === null ? null : (JSON.parse(row.bound_projects) as string[]),
    machinesPerHour: row.machines_per_hour,
    addresses: row.bound_addresses === null ? null : (JSON.parse(row.bound_addresses) as string[]),
    expiresAt: row.expires_at,
  };
}

function sorted({ ceilings, projects, ...rest }: Limits): unknown {
  return [LOSS_CLASSES.map((one) => ceilings[one]), projects?.toSorted(byText) ?? null, rest];
}
