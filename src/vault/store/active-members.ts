/**
 * Who is active at a time. Whoever asks the table of members for it asks here, so that nobody looks at the state alone
 * and lets in whose membership has ended.
 *
 * Decides M5: that who has ended is as if suspended.
 */
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { hasEnded } from '#model/ends.ts';
import type { MemberTable } from './schema.ts';

type Membership = Pick<MemberTable, 'state' | 'ends_at'>;

/** Of a query in which the table is called `members`. */
export function isActiveAt(now: number): RawBuilder<SqlBool> {
  return sql<SqlBool>`(members.state = 'Active' and (members.ends_at is null or members.ends_at > ${now}))`;
}

/** The same of a row that was read. */
export function isActive({ state, ends_at }: Membership, now: number): boolean {
  return state === 'Active' && !hasEnded(ends_at ?? undefined, now);
}

/** What people are shown of a membership. */
export const SHOWN_STATES = ['Invited', 'Active', 'Suspended', 'Ended'] as const;
export type ShownState = (typeof SHOWN_STATES)[number];

/** `Ended` from the end on, whatever it was before. */
export function shownState({ state, ends_at }: Membership, now: number): ShownState {
  return hasEnded(ends_at ?? undefined, now) ? 'Ended' : state;
}
