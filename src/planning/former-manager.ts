/** Decides rail 10: whose records a plan takes over, and how they stand once that is done. */
import type { OrganizationState } from '#model/organization.ts';
import type { Desired } from './plan-types.ts';

/** The manager that is taken over from; null: none. Who may change some projects alone takes over nothing (V4). */
export function formerManager(
  { manager, takeOver }: Pick<Desired, 'manager' | 'takeOver'>,
  { records, vaultId, bounded }: Pick<OrganizationState, 'records' | 'vaultId' | 'bounded'>,
): string | null {
  if (takeOver === null || takeOver === manager || bounded) return null;
  const own = records.find(({ kind, key }) => kind === 'Organization' && key === vaultId);
  return own?.manager === takeOver ? takeOver : null;
}

/** As it is once the records are this manager's: none of them was seen declared under the new Organization yet. */
export function onceTakenOver(observed: OrganizationState, from: string, to: string): OrganizationState {
  const records = observed.records.map((record) =>
    record.manager === from ? { ...record, manager: to, seenUnder: null } : record,
  );
  return { ...observed, records };
}
