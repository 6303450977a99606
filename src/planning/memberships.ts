/**
 * Whom a group lists once the plan has run. A membership is an item: one that we applied and that is declared no longer
 * is withdrawn, one that somebody else gave stays, one that a person took away stays away. Who is not in the
 * organization cannot be listed (decision 0015), so each invitee is listed by a step of their own, which follows the invite
 * of the same plan: before it and after it, it is the same step.
 *
 * Decides G2: whom a group lists, of those that Git declares.
 */
import type { Draft } from './contribution.ts';
import { sortedTexts } from './sorted.ts';

interface MembershipsInput {
  /** E-mails, lower case; null: nothing is said of members, and they stay as they are. */
  readonly declared: readonly string[] | null;
  readonly observed: readonly string[];
  /** What our record says that we applied. */
  readonly applied: readonly string[];
  readonly people: PeopleOutlook;
  /** Whether a cut stands over the membership. */
  readonly keepBack: (email: string) => boolean;
  /** Whether the tier lets anything be given by groups. */
  readonly mayGive: boolean;
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
  /** All whom the group lists then, those of others included; sorted. */
  readonly members: readonly string[];
  /** Those that are ours then: what the record says. */
  readonly applied: readonly string[];
  /** Invitees who are not listed yet; sorted. */
  readonly joining: readonly string[];
  /** Listed in the vault by others, and kept. */
  readonly foreign: readonly string[];
  /** Declared, and neither in the organization nor invited by the plan. */
  readonly missing: readonly string[];
  /** Whether something that is declared was left out, because the tier has no groups. */
  readonly isRefused: boolean;
}

export function membershipsAfter(input: MembershipsInput): MembershipsOutlook {
  const { declared, observed, people } = input;
  if (declared === null) {
    return { members: observed, applied: [], joining: [], foreign: [], missing: [], isRefused: false };
  }
  const wanted = new Set(declared);
  const listed = new Set(observed);
  const ours = new Set(input.applied);
  const members: string[] = [];
  const applied: string[] = [];
  const foreign: string[] = [];
  for (const email of observed) {
    if (wanted.has(email)) {
      members.push(email);
      applied.push(email);
    } else if (!ours.has(email)) {
      members.push(email);
      foreign.push(email);
    } else if (people.isLeaving(email)) {
      // Goes with the person, is counted with the person, and is held with the person (rail 1).
      members.push(email);
      applied.push(email);
    }
  }
  const joining: string[] = [];
  const missing: string[] = [];
  let isRefused = false;
  for (const email of declared) {
    if (listed.has(email) || people.isLeaving(email)) continue;
    const isInvited = people.isInvited(email);
    if (!isInvited && !people.isThere(email)) missing.push(email);
    else if (!input.mayGive) isRefused = true;
    else if (input.keepBack(email)) continue;
    else if (isInvited) joining.push(email);
    else {
      members.push(email);
      applied.push(email);
    }
  }
  return {
    members: sortedTexts(members),
    applied: sortedTexts(applied),
    joining: sortedTexts(joining),
    foreign,
    missing,
    isRefused,
  };
}
