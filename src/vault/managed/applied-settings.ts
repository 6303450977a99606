/** The rails last applied (design §4, PlanApproval): what the vault enforces and judges loosening by. */
import type { RailSettings } from '#model/fields.ts';
import { type Budget, DEFAULT_BUDGETS, LOSS_CLASSES, type LossClass } from '#model/loss.ts';
import type { VaultTable } from '../store/schema.ts';

export function appliedSettings(vault: Pick<VaultTable, 'settings'>): RailSettings | null {
  return vault.settings === null ? null : (JSON.parse(vault.settings) as RailSettings);
}

/** Rail 3: whether the rails last applied name the member (address in lower case) as one who stays an admin. */
export function isRequiredAdmin(vault: Pick<VaultTable, 'settings'>, email: string): boolean {
  return appliedSettings(vault)?.requiredAdmins.includes(email) === true;
}

export function budgetFor(settings: RailSettings | null, lossClass: LossClass): Budget {
  return settings?.lossBudget[lossClass] ?? DEFAULT_BUDGETS[lossClass];
}

/** What of the settings guards less than before; empty where nothing does. */
export function loosened(before: RailSettings, after: RailSettings): string[] {
  const fields: string[] = [];
  if (after.settleSeconds < before.settleSeconds) fields.push('settle');
  for (const lossClass of LOSS_CLASSES) {
    const had = budgetFor(before, lossClass);
    const has = budgetFor(after, lossClass);
    const unbounded = (max: number | null): number => max ?? Number.POSITIVE_INFINITY;
    if (has.min > had.min || has.percent > had.percent || unbounded(has.max) > unbounded(had.max)) {
      fields.push(`lossBudget.${lossClass}`);
    }
  }
  if (before.requiredAdmins.some((email) => !after.requiredAdmins.includes(email))) {
    fields.push('requiredAdmins');
  }
  for (const list of ['users', 'groups'] as const) {
    if (after.approvers[list].some((name) => !before.approvers[list].includes(name))) {
      fields.push(`approvers.${list}`);
    }
  }
  return fields;
}
