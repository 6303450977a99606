/** What an automation identity is held to, as its row has it (V4). */
import {
  type Ceilings,
  DEFAULT_CEILINGS,
  DEFAULT_GAIN_BUDGETS,
  GAIN_BUDGET_NAMES,
  type GainBudgetName,
  type GainBudgets,
} from '#model/gains.ts';
import type { AutomationTable } from '../store/schema.ts';

export interface StoredBounds {
  readonly ceilings: Ceilings;
  readonly gains: GainBudgets;
  readonly managers: readonly string[] | null;
  /** Ids; null: every project. */
  readonly projects: readonly string[] | null;
  readonly addresses: readonly string[] | null;
  readonly machineAddresses: readonly string[] | null;
}

/** Budgets as an owner names them; what is left out stays. */
export type SetGains = { readonly [Name in GainBudgetName]?: GainBudgets[Name] | undefined };

/** The budgets with those that are named. */
export function gainsSet(before: GainBudgets, named: SetGains): GainBudgets {
  const set = GAIN_BUDGET_NAMES.filter((name) => named[name] !== undefined);
  return { ...before, ...Object.fromEntries(set.map((name) => [name, named[name]])) };
}

/** What a row does not say has its default. */
export function boundsOf(row: AutomationTable): StoredBounds {
  return {
    ceilings: { ...DEFAULT_CEILINGS, ...(JSON.parse(row.ceilings) as Partial<Ceilings>) },
    gains: { ...DEFAULT_GAIN_BUDGETS, ...(JSON.parse(row.gain_budgets) as Partial<GainBudgets>) },
    managers: texts(row.managers),
    projects: texts(row.bound_projects),
    addresses: texts(row.bound_addresses),
    machineAddresses: texts(row.bound_machine_addresses),
  };
}

/** The columns that hold them. */
export function columnsOf(bounds: StoredBounds) {
  const list = (named: readonly string[] | null): string | null =>
    named === null ? null : JSON.stringify(named);
  return {
    ceilings: JSON.stringify(bounds.ceilings),
    gain_budgets: JSON.stringify(bounds.gains),
    managers: list(bounds.managers),
    bound_projects: list(bounds.projects),
    bound_addresses: list(bounds.addresses),
    bound_machine_addresses: list(bounds.machineAddresses),
  };
}

function texts(json: string | null): readonly string[] | null {
  return json === null ? null : (JSON.parse(json) as string[]);
}
