/** The rails last applied (design §4, PlanApproval): what the vault enforces and judges loosening by. */
import type { Authority } from '#model/authority.ts';
import type { RailSettings } from '#model/fields.ts';
import type { InviteSettings } from '#model/invites.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { type Budget, budgetInForce, DEFAULT_BUDGETS, type LossClass } from '#model/loss.ts';
import type { ManagedKind } from '#model/record.ts';
import { waitsForApproval } from '#model/step-raises.ts';
import type { VaultTable } from '../store/schema.ts';

export function appliedSettings(vault: Pick<VaultTable, 'settings'>): RailSettings | null {
  return vault.settings === null ? null : (JSON.parse(vault.settings) as RailSettings);
}

/** Rail 3: whether the rails last applied name the member (address in lower case) as one who stays an admin. */
export function isRequiredAdmin(vault: Pick<VaultTable, 'settings'>, email: string): boolean {
  return appliedSettings(vault)?.requiredAdmins.includes(email) === true;
}

/** Rail 2: whether the rails last applied name the member (address in lower case) as one who approves beside the owner. */
export function isNamedApprover(vault: Pick<VaultTable, 'settings'>, email: string): boolean {
  return appliedSettings(vault)?.approvers.members.includes(email) === true;
}

/** Rail 2: whether a raise by a step about a thing of the kind waits for an approval. */
export function raisesWait(vault: Pick<VaultTable, 'settings'>, kind: ManagedKind): boolean {
  return waitsForApproval(appliedSettings(vault) ?? DEFAULT_RAILS, kind);
}

/** I2: how long invites are open, how often they are sent, and how many leave in an hour. */
export function appliedInvites(vault: Pick<VaultTable, 'settings'>): InviteSettings {
  return (appliedSettings(vault) ?? DEFAULT_RAILS).invites;
}

/** I4: whether who joins or is un-suspended is confirmed first: the owner asked for it in the vault, or the rails do. */
export function asksConfirmation(vault: Pick<VaultTable, 'settings' | 'confirmation'>): boolean {
  return vault.confirmation === 1 || railsAskConfirmation(vault);
}

/** The same by the rails alone. */
export function railsAskConfirmation(vault: Pick<VaultTable, 'settings'>): boolean {
  return appliedSettings(vault)?.confirmation === true;
}

/** Rail 11: what becomes of what no manager has a record of. */
export function appliedAuthority(vault: Pick<VaultTable, 'settings'>): Authority {
  return (appliedSettings(vault) ?? DEFAULT_RAILS).authority;
}

export function budgetFor(settings: RailSettings | null, lossClass: LossClass): Budget {
  return settings === null ? DEFAULT_BUDGETS[lossClass] : budgetInForce(settings, lossClass);
}
