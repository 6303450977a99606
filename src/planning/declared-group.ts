/** One group: what is declared about it, and what a record says of it. */
import type { GroupFields } from '#model/fields.ts';
import { listingOf, type Memberships } from '#model/listing.ts';
import type { Grant, GrantTerms } from '#model/organization.ts';
import type { DesiredGroup, Source } from './plan-types.ts';

/** What is declared about one name. */
export interface DeclaredGroup {
  readonly name: string;
  readonly group: DesiredGroup | null;
  /** Grants by Project objects alone. */
  readonly projectGrants: ReadonlyMap<string, GrantTerms>;
  /** The object that speaks for the group: the Group, else the first Project that grants something. */
  readonly source: Source | null;
}

/** What the record says. */
export function groupApplied(
  group: DesiredGroup | null,
  members: Memberships,
  grants: readonly Grant[],
): GroupFields {
  return { group: group?.fields.group ?? null, ...listingOf(group === null ? [] : members), grants };
}
