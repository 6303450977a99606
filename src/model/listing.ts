/** Whom a group lists, and until when each of them (G2, M5): one by one, and as the two lists that a group has of it. */
import { type Ending, ending } from './ends.ts';
import type { GroupContent, MembershipEnd } from './organization.ts';
import { compareText } from './text-order.ts';

export type Listing = Pick<GroupContent, 'members' | 'ends'>;

/** By e-mail, when the membership of the group ends. */
export type Memberships = ReadonlyMap<string, Ending>;

const NO_END: Ending = {};

/** The end of somebody who is not listed counts for nothing. */
export function membershipsOf({ members, ends }: Listing): Memberships {
  const endOf = new Map(ends?.map(({ member, expiresAt }) => [member, expiresAt]));
  return new Map(members.map((email) => [email, endOf.size === 0 ? NO_END : ending(endOf.get(email))]));
}

/** Both lists sorted; no list of ends where there is none. */
export function listingOf(memberships: Iterable<readonly [string, Ending]>): Listing {
  const sorted = [...memberships].sort(([one], [other]) => compareText(one, other));
  const ends = sorted.flatMap(([member, { expiresAt }]): MembershipEnd[] =>
    expiresAt === undefined ? [] : [{ member, expiresAt }],
  );
  return { members: sorted.map(([email]) => email), ...(ends.length === 0 ? {} : { ends }) };
}

/** The memberships of one that are not the same in the other: other people, or to another end. */
export function listedOtherwise(one: Memberships, other: Memberships): [string, Ending][] {
  return [...one].filter(([email, { expiresAt }]) => {
    const there = other.get(email);
    return there === undefined || there.expiresAt !== expiresAt;
  });
}
