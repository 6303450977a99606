/** What an automation identity used of what it may give and lose, and what is left (V4). */
import type { Kysely } from 'kysely';
import {
  CEILING_CLASSES,
  type CeilingClass,
  GAIN_BUDGET_NAMES,
  GAIN_BUDGETS,
  type GainBudgetName,
  limitOf,
  roomIn,
} from '#model/gains.ts';
import { refuse } from '../common/domain-error.ts';
import type { Database } from '../store/schema.ts';
import { type ListedAutomation, listAutomations } from './automation-list.ts';
import { usedUnderCeilings } from './ceilings.ts';
import { gainsIn, machinesOf } from './gain-budgets.ts';

export interface ShownAutomation extends ListedAutomation {
  readonly budgets: readonly {
    readonly name: GainBudgetName;
    /** null: not bounded, and nothing is counted that is left. */
    readonly limit: number | null;
    readonly used: number;
    readonly left: number | null;
    /** When more is left, in milliseconds since the epoch; null: nothing is used. */
    readonly freeAt: number | null;
  }[];
  /** Of seven days. */
  readonly underCeilings: readonly {
    readonly class: CeilingClass;
    readonly limit: number;
    readonly used: number;
    readonly left: number;
  }[];
}

/** Throws DomainError `NotFound`. */
export async function showAutomation(
  db: Kysely<Database>,
  vaultId: string,
  id: string,
  now: number,
): Promise<ShownAutomation> {
  const listed = (await listAutomations(db, vaultId, now)).find((one) => one.id === id);
  if (listed === undefined) {
    throw refuse('NotFound', 'There is no such automation identity.', 'List them with `automation list`.');
  }
  const given = await gainsIn(db, id, now);
  const machines = await machinesOf(db, vaultId, listed.managers);
  const used = await usedUnderCeilings(db, { id, vaultId }, now);
  return {
    ...listed,
    budgets: GAIN_BUDGET_NAMES.map((name) => {
      const limit = limitOf(listed, name, machines);
      const budget = { ...GAIN_BUDGETS[name], limit: limit ?? 0 };
      const room = roomIn(budget, given, now);
      return { name, limit, used: room.used, left: limit === null ? null : room.left, freeAt: room.freeAt };
    }),
    underCeilings: CEILING_CLASSES.map((one) => ({
      class: one,
      limit: listed.ceilings[one],
      used: used[one],
      left: Math.max(0, listed.ceilings[one] - used[one]),
    })),
  };
}
