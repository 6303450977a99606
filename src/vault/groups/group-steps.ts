/**
 * Steps about groups (G1, G2; rail 7).
 *
 * Decides G2: groups as automation keeps them.
 */
import { type Listing, listingOf, membershipsOf } from '#model/listing.ts';
import type { Group, GroupContent, Member } from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import { givenByGroup, givenByListing, longerListed } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import type { Act } from '../act/context.ts';
import { decidedState } from '../authorization/decided-state.ts';
import { groupsOfMembers } from '../authorization/group-access.ts';
import { accessOf, judgedMember } from '../authorization/member-access.ts';
import { templatesOf } from '../authorization/template-of.ts';
import { refuse } from '../common/domain-error.ts';
import { checkBefore, type StepState, type StepTypes } from '../managed/step.ts';
import { checkCut, giveBack } from '../managed/tombstones.ts';
import { inChunks } from '../store/chunks.ts';
import type { MemberTable } from '../store/schema.ts';
import { changeGroup, contentOf, createGroup, deleteGroup, groupNamed } from './groups.ts';

const subject = ({ key }: { readonly key: string }) => ({ kind: 'Group', key }) as const;

const NOTHING: GroupContent = { description: '', members: [], grants: [] };

export const GROUP_STEPS: Pick<StepTypes, 'CreateGroup' | 'UpdateGroup' | 'DeleteGroup'> = {
  CreateGroup: {
    subject,
    withdraws: false,
    run: async (act, { key, after }, { reinstate }) => {
      checkCanonical(after);
      const people = await peopleOf(act, after.members);
      await checkGivenBack(act, key, null, after, people, reinstate);
      const judged = await judgedBy(act, people, { id: '', name: key, ...NOTHING });
      const group = await createGroup(act, key, after.description);
      await changeGroup(act, group, NOTHING, after);
      return { judged, audit: { action: 'group.created', details: { id: group.id, ...contentJson(after) } } };
    },
  },
  UpdateGroup: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const { key, before, after } = action;
      checkCanonical(after);
      const group = await groupNamed(act, key);
      const there = await contentOf(act, group);
      const listed = membershipsOf(there);
      const leaving = new Set(before.members);
      checkBefore(action, {
        description: there.description,
        ...listingOf([...listed].filter(([email]) => leaving.has(email))),
        grants: there.grants,
      });
      if (after.members.some((email) => listed.has(email) && !leaving.has(email))) {
        throw refuse('StaleBefore', `${key} lists some of those already whom the step puts on its list.`);
      }
      // Who stays on the list gains and loses by the grants alone.
      const stays = sameValue(before.grants, after.grants) ? [] : there.members;
      const people = await peopleOf(act, [...stays, ...before.members, ...after.members]);
      await checkGivenBack(act, key, before, after, people, reinstate);
      const judged = await judgedBy(act, people, { id: group.id, name: key, ...there });
      await changeGroup(act, group, before, after);
      return { judged, audit: { action: 'group.updated', details: difference(before, after) } };
    },
  },
  DeleteGroup: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const group = await groupNamed(act, action.key);
      const there = await contentOf(act, group);
      const { description, grants } = there;
      checkBefore(action, { description, grants });
      const judged = await judgedBy(act, await peopleOf(act, there.members), {
        ...{ id: group.id, name: action.key },
        ...there,
      });
      await deleteGroup(act, group);
      return { judged, audit: { action: 'group.deleted', details: { id: group.id, ...contentJson(there) } } };
    },
  },
};

/** What a step says is compared as a whole, so it is said in one way. Throws DomainError `Invalid`. */
function checkCanonical({ members, ends = [], grants }: GroupContent): void {
  const lists = [members, ends.map(({ member }) => member), grants.map(({ project }) => project)];
  const isSorted = lists.every((list) =>
    list.every((one, index) => index === 0 || (list[index - 1] ?? '') < one),
  );
  const isLower = members.every((email) => email === email.toLowerCase());
  const listed = new Set(members);
  if (!isSorted || !isLower || !ends.every(({ member }) => listed.has(member))) {
    throw refuse(
      'Invalid',
      'The members, ends and grants of a group are sorted, each once, e-mails in lower case, ends of members alone.',
    );
  }
}

/** Rail 7: neither a membership, a grant or the group that a person took, nor the access of whom a person cut off. */
async function checkGivenBack(
  act: Act,
  key: string,
  before: GroupContent | null,
  after: GroupContent,
  people: readonly MemberTable[],
  reinstate: string | undefined,
): Promise<void> {
  await giveBack(act, { kind: 'Group', key }, givenByGroup(before, after), reinstate);
  const added = new Set(longerListed(before, after));
  const given = people
    .filter(({ email }) => added.has(email))
    .map((row) => ({ key: row.email, given: givenByListing(decidedState(row)) }));
  await checkCut(act, 'Member', given, reinstate);
}

async function peopleOf(act: Act, emails: readonly string[]): Promise<MemberTable[]> {
  const rows: MemberTable[] = [];
  for (const some of inChunks([...new Set(emails)])) {
    rows.push(
      ...(await act.db
        .selectFrom('members')
        .selectAll()
        .where('vault_id', '=', act.vault.id)
        .where('email', 'in', some)
        .execute()),
    );
  }
  return rows;
}

/** As far as the consequence looks at it: who gains or loses, and what they have by their templates and other groups. */
async function judgedBy(act: Act, people: readonly MemberTable[], group: Group): Promise<StepState> {
  const members: Member[] = [];
  for (const row of people) members.push(judgedMember({ row, access: await accessOf(act.db, row) }));
  const others = await groupsOfMembers(act.db, people);
  return {
    members,
    groups: [...others.filter(({ name }) => name !== group.name), group],
    templates: await templatesOf(act.db, act.vault.id),
  };
}

function contentJson({ description, members, ends, grants }: GroupContent): { readonly [key: string]: Json } {
  return {
    description,
    members: [...members],
    ...endsJson('ends', ends),
    grants: grants.map((grant) => ({ ...grant })),
  };
}

function endsJson(name: string, ends: Listing['ends'] = []): { readonly [key: string]: Json } {
  return ends.length === 0 ? {} : { [name]: ends.map((end) => ({ ...end })) };
}

function difference(before: GroupContent, after: GroupContent): { readonly [key: string]: Json } {
  const [had, has] = [new Set(before.members), new Set(after.members)];
  const added = after.members.filter((email) => !had.has(email));
  const removed = before.members.filter((email) => !has.has(email));
  return {
    ...(before.description === after.description ? {} : { description: after.description }),
    ...(added.length === 0 ? {} : { added }),
    ...(removed.length === 0 ? {} : { removed }),
    ...endsJson('endsBefore', before.ends),
    ...endsJson('ends', after.ends),
    ...(sameValue(before.grants, after.grants)
      ? {}
      : {
          grants: {
            before: before.grants.map((grant) => ({ ...grant })),
            after: after.grants.map((grant) => ({ ...grant })),
          },
        }),
  };
}
