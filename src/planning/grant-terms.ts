/**
 * Two grants of one project, compared: by what they give and by how long (G1, M5).
 *
 * Decides G1: which of two grants of a project holds.
 */
import { earlierEnd, ending, endsLater, endText, hasEnded, heldUntil } from '#model/ends.ts';
import type { GrantAccess, GrantTerms } from '#model/organization.ts';

const LEVEL: Readonly<Record<GrantAccess, number>> = { Read: 1, Write: 2 };

/**
 * G1: the greater of two; Write includes Read. Of two that give the same the one that lasts longer; what has ended gives
 * nothing, so that after the end of a Write the Read that is declared beside it holds.
 */
export function greater(a: GrantTerms, b: GrantTerms, now: number): GrantTerms {
  const level = levelAt(a, now) - levelAt(b, now) || LEVEL[a.access] - LEVEL[b.access];
  if (level !== 0) return level > 0 ? a : b;
  return endsLater(b.expiresAt, a.expiresAt) ? b : a;
}

/** What two give both: the smaller of the two, until the earlier end. */
export function lesser(a: GrantTerms, b: GrantTerms): GrantTerms {
  const { access } = LEVEL[a.access] <= LEVEL[b.access] ? a : b;
  return { access, ...ending(earlierEnd(a.expiresAt, b.expiresAt)) };
}

/** Whether `held` gives all that `declared` does, and as long. */
export function covers(held: GrantTerms, declared: GrantTerms, now: number): boolean {
  return (
    levelAt(held, now) >= levelAt(declared, now) &&
    heldUntil(held.expiresAt, now) >= heldUntil(declared.expiresAt, now)
  );
}

export function isSameGrant(a: GrantTerms, b: GrantTerms): boolean {
  return a.access === b.access && a.expiresAt === b.expiresAt;
}

/** `Write`, `Write until 2027-01-01T00:00:00Z`. */
export function grantText({ access, expiresAt }: GrantTerms): string {
  return expiresAt === undefined ? access : `${access} until ${endText(expiresAt)}`;
}

function levelAt({ access, expiresAt }: GrantTerms, now: number): number {
  return hasEnded(expiresAt, now) ? 0 : LEVEL[access];
}
