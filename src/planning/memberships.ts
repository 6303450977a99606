/**
 * Whom a group lists once the plan has run. A membership is an item: one that we applied and that is declared no longer
 * is withdrawn, one that somebody else gave stays, one that a person took away stays away. Who is not in the
 * organization cannot be listed (decision 0015), so each invitee is listed by a step of their own, which follows the invite
 * of the same plan: before it and after it, it is the same step. What has ended and is not listed is not listed anew (M5).
 *
 * Decides G2: whom a group lists, of those that Git declares.
 */
import { type Ending, endsLater, hasEnded } from '#model/ends.ts';
import type { Memberships } from '#model/listing.ts';
import type { Draft } from './contribution.ts';

interface MembershipsInput {
  /** By e-mail, lower case; null: nothing is said of members, and they stay as they are. */
  readonly declared: Memberships | null;
  readonly observed: Memberships;
  /** E-mails that our record says we listed. */
  readonly applied: readonly string[];
  /** Consent to take over: those whom others listed get the end that is declared. */
  readonly adopted: boolean;
  /** Whom others listed beside them is taken off (rail 11). */
  readonly exclusive: boolean;
  readonly people: PeopleOutlook;
  /** Whether a cut stands over the membership. */
  readonly keepBack: (email: string) => boolean;
  /** Whether the tier lets anything be given by groups. */
  readonly mayGive: boolean;
  readonly now: number;
}

/** Who is in the organization, comes to it by the plan, and goes. */
export interface PeopleOutlook {
  isThere(email: string): boolean;
  /** There by an open invite, or by one of the same plan. */
  isInvited(email: string): boolean;
  /** The invite of the same plan. */
  invite(email: string): Draft | undefined;
  /** The plan ends the membership of the organization, and with it that of every group. */
  isLeaving(email: string): boolean;
}

interface MembershipsOutlook {
  /** All whom the group lists then, those of others included. */
  readonly members: Memberships;
  /** Those that are ours then: what the record says. */
  readonly applied: Memberships;
  /** Invitees who are not listed yet. */
  readonly joining: Memberships;
  /** Listed in the vault by others, or for longer, and kept. */
  readonly foreign: readonly string[];
  /** Declared, and neither in the organization nor invited by the plan. */
  readonly missing: readonly string[];
  /** Whether somebody whom others listed goes, or earlier than they said. */
  readonly takesForeign: boolean;
  /** Whether something that is declared was left out, because the tier has no groups. */
  readonly isRefused: boolean;
}

export function membershipsAfter(input: MembershipsInput): MembershipsOutlook {
  const { declared, observed, people, now } = input;
  if (declared === null) {
    const nobody: Memberships = new Map();
    return {
      members: observed,
      applied: nobody,
      joining: nobody,
      foreign: [],
      missing: [],
      isRefused: false,
      takesForeign: false,
    };
  }
  const ours = new Set(input.applied);
  const members = new Map<string, Ending>();
  const applied = new Map<string, Ending>();
  const joining = new Map<string, Ending>();
  const foreign: string[] = [];
  const missing: string[] = [];
  let isRefused = false;
  let takesForeign = false;
  const keep = (email: string, end: Ending, isOurs: boolean): void => {
    members.set(email, end);
    if (isOurs) applied.set(email, end);
  };
  for (const [email, has] of observed) {
    const wanted = declared.get(email);
    // Goes with the person, is counted with the person, and is held with the person (rail 1).
    if (people.isLeaving(email)) keep(email, has, wanted !== undefined || ours.has(email));
    else if (wanted === undefined) {
      if (ours.has(email)) continue;
      if (input.exclusive) takesForeign = true;
      else {
        keep(email, has, false);
        foreign.push(email);
      }
    } else if (wanted.expiresAt === has.expiresAt) keep(email, has, true);
    // Neither gives anything: another end of it would be another thing given (rail 7), and nothing gained.
    else if (hasEnded(wanted.expiresAt, now) && hasEnded(has.expiresAt, now))
      keep(email, has, ours.has(email));
    else if (!endsLater(wanted.expiresAt, has.expiresAt)) {
      if (ours.has(email) || input.adopted) keep(email, wanted, true);
      else if (input.exclusive) {
        takesForeign = true;
        keep(email, wanted, true);
      } else {
        keep(email, has, false);
        foreign.push(email);
      }
    } else if (!input.mayGive) {
      isRefused = true;
      keep(email, has, ours.has(email));
    } else if (input.keepBack(email)) keep(email, has, ours.has(email));
    else keep(email, wanted, true);
  }
  for (const [email, wanted] of declared) {
    if (observed.has(email) || people.isLeaving(email) || hasEnded(wanted.expiresAt, now)) continue;
    const isInvited = people.isInvited(email);
    if (!isInvited && !people.isThere(email)) missing.push(email);
    else if (!input.mayGive) isRefused = true;
    else if (input.keepBack(email)) continue;
    else if (isInvited) joining.set(email, wanted);
    else keep(email, wanted, true);
  }
  return { members, applied, joining, foreign, missing, isRefused, takesForeign };
}
