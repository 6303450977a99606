/**
 * Steps about people (I1, I2, I5, M1, M2; rails 3 and 7).
 *
 * Decides I2: how often automation sends an invite.
 */

import { accessJson } from '#model/member-access.ts';
import { normalizeEmail } from '#model/organization.ts';
import { givenByAccess, givenByInvite, givenWhole } from '#model/revocations.ts';
import type { Act } from '../act/context.ts';
import { decidedState } from '../authorization/decided-state.ts';
import { groupsOfMembers } from '../authorization/group-access.ts';
import { judgedMember, type MemberWithAccess } from '../authorization/member-access.ts';
import { refuse } from '../common/domain-error.ts';
import { appliedInvites } from '../managed/applied-settings.ts';
import { checkBefore, type StepState, type StepTypes } from '../managed/step.ts';
import { giveBack } from '../managed/tombstones.ts';
import { findTemplate } from '../templates/templates.ts';
import {
  checkFloor,
  checkNotOwner,
  dropMember,
  inviteMember,
  memberNamed,
  sendInvite,
  setAccess,
  setState,
} from './members.ts';
import { rotationAfter } from './rotation.ts';

type MemberSteps = Pick<
  StepTypes,
  | 'InviteMember'
  | 'ResendInvite'
  | 'CancelInvite'
  | 'SetMemberAccess'
  | 'SuspendMember'
  | 'UnsuspendMember'
  | 'RemoveMember'
>;

const subject = ({ key }: { readonly key: string }) => ({ kind: 'Member', key: emailOf(key) }) as const;

export const MEMBER_STEPS: MemberSteps = {
  InviteMember: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const email = emailOf(action.key);
      await giveBack(act, { kind: 'Member', key: email }, givenByInvite(action.after), reinstate);
      await checkFloor(act, action);
      const judged = await templatesOf(act, [action.after.template]);
      await inviteMember(act, email, action.after);
      return { judged, audit: { action: 'member.invited', details: { access: accessJson(action.after) } } };
    },
  },
  ResendInvite: {
    subject,
    withdraws: false,
    run: async (act, action) => {
      const { row, access } = await memberNamed(act, emailOf(action.key));
      const invite = await act.db
        .selectFrom('invites')
        .select(['attempts', 'expires_at'])
        .where('member_id', '=', row.id)
        .executeTakeFirst();
      if (row.state !== 'Invited' || invite === undefined) throw notInvited(row.email);
      checkBefore(action, { attempts: invite.attempts });
      if (invite.expires_at > act.now) throw refuse('AlreadyInvited', `The invite of ${row.email} is open.`);
      const { attempts } = action.after;
      if (attempts > appliedInvites(act.vault).maxAttempts) {
        throw refuse('AttemptsExhausted', `The invite of ${row.email} was sent ${invite.attempts} times.`);
      }
      if (attempts > invite.attempts + 1 || attempts < 1) throw refuse('Invalid', 'Attempts grow by one.');
      const judged = await judgedWith(act, { row, access });
      await sendInvite(act, row, attempts);
      return { judged, audit: { action: 'invite.sent', details: { attempts, access: accessJson(access) } } };
    },
  },
  CancelInvite: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const { row, access } = await memberNamed(act, emailOf(action.key));
      // Under the lock: who accepted meanwhile is a member, and leaves by another step and another budget.
      if (row.state !== 'Invited') throw notInvited(row.email);
      checkBefore(action, access);
      await checkFloor(act, action);
      await dropMember(act, row);
      return { audit: { action: 'invite.cancelled' } };
    },
  },
  SetMemberAccess: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const email = emailOf(action.key);
      const { row, access } = await memberNamed(act, email);
      checkNotOwner(email, row.role);
      checkBefore(action, access);
      await checkFloor(act, action);
      const given = givenByAccess(decidedState(row), access, action.after);
      await giveBack(act, { kind: 'Member', key: email }, given, reinstate);
      const judged = {
        ...(await templatesOf(act, [access.template, action.after.template])),
        groups: await groupsOfMembers(act.db, [row]),
        // Whether the person joined decides the class of the loss, and is read under the lock.
        members: [judgedMember({ row, access })],
      };
      await setAccess(act, row, action.after);
      const details = { before: accessJson(access), after: accessJson(action.after) };
      return { judged, audit: { action: 'member.access-set', details } };
    },
  },
  SuspendMember: {
    subject,
    withdraws: false,
    run: async (act, action) => {
      const { row } = await joined(act, action.key);
      checkBefore(action, { state: decidedState(row) });
      if (decidedState(row) === 'Suspended') throw refuse('Invalid', `${row.email} is suspended already.`);
      await checkFloor(act, action);
      await setState(act, row, 'Suspended');
      return { audit: { action: 'member.suspended' } };
    },
  },
  UnsuspendMember: {
    subject,
    withdraws: false,
    run: async (act, action, { reinstate }) => {
      const { row, access } = await joined(act, action.key);
      checkBefore(action, { state: decidedState(row) });
      await giveBack(act, { kind: 'Member', key: row.email }, [givenWhole(['Suspended'])], reinstate);
      const judged = await judgedWith(act, { row, access });
      await setState(act, row, 'Active');
      return { judged, audit: { action: 'member.unsuspended' } };
    },
  },
  RemoveMember: {
    subject,
    withdraws: true,
    run: async (act, action) => {
      const member = await joined(act, action.key);
      const { row, access } = member;
      checkBefore(action, { ...access, state: decidedState(row) });
      await checkFloor(act, action);
      const rotation = await rotationAfter(act, member);
      const { tokens } = await dropMember(act, row);
      const details = { access: accessJson(access), ...rotation, tokens };
      return { audit: { action: 'member.removed', details } };
    },
  },
};

function emailOf(key: string): string {
  return normalizeEmail(key);
}

async function joined(act: Act, key: string): Promise<MemberWithAccess> {
  const member = await memberNamed(act, emailOf(key));
  checkNotOwner(member.row.email, member.row.role);
  if (member.row.state === 'Invited') {
    throw refuse('Invalid', `${member.row.email} has not joined.`, 'Cancel the invite instead.');
  }
  return member;
}

function notInvited(email: string): Error {
  return refuse('StaleBefore', `${email} has no invite.`);
}

/** What decides what the member has by all that they are given. */
async function judgedWith(act: Act, member: MemberWithAccess): Promise<StepState> {
  return {
    ...(await templatesOf(act, [member.access.template])),
    groups: await groupsOfMembers(act.db, [member.row]),
    members: [judgedMember(member)],
  };
}

async function templatesOf(act: Act, names: readonly (string | null)[]): Promise<StepState> {
  const templates = [];
  for (const name of new Set(names)) {
    const template = name === null ? undefined : await findTemplate(act, name);
    if (template !== undefined) templates.push(template);
  }
  return { templates };
}
