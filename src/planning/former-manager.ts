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

/**
 * As it is once the records are this manager's: none of them was seen declared under the new Organization yet, and what came
 * from beside the former one comes from beside the new one.
 */
export function onceTakenOver(
  observed: OrganizationState,
  from: string,
  { manager, organization }: Pick<Desired, 'manager' | 'organization'>,
): OrganizationState {
  const own = observed.records.find(({ kind, key }) => kind === 'Organization' && key === observed.vaultId);
  const originOf = (origin: string): string =>
    origin === own?.origin ? organization.source.namespace : origin;
  const records = observed.records.map((record) =>
    record.manager === from
      ? { ...record, manager, origin: originOf(record.origin), seenUnder: null }
      : record,
  );
  const formerNames = observed.formerNames.map((former) =>
    former.manager === from ? { ...former, manager, origin: originOf(former.origin) } : former,
  );
  return { ...observed, records, formerNames };
}
