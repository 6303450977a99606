/** A vault under test: what a manager asks of it, and what people do in it beside. */
import type { OrganizationState } from '#model/organization.ts';
import type { Provider } from '#provider/provider.ts';
import type { Command } from './commands.ts';

/** What people do in a vault; that of nobody who is there is no act. */
export type Act = Extract<Command, { readonly invitee: string } | { readonly member: string }> | OwnerAct;
export type OwnerAct = Exclude<Extract<Command, { readonly owner: string }>, { readonly owner: 'approves' }>;

export interface ModelVault extends AsyncDisposable {
  readonly provider: Provider;
  /** Milliseconds since the epoch. */
  now(): number;
  advance(milliseconds: number): void;
  state(): Promise<OrganizationState>;
  /** An act that is possible in the state. */
  act(act: Act): Promise<void>;
  /** The owner approves the digest. */
  approve(digest: string): Promise<void>;
}

/** Whether the act can be done in that state. */
export function isPossible(act: Act, state: OrganizationState, now: number): boolean {
  const member = state.members.find(({ email }) => email === act.email);
  if (member === undefined || member.role === 'Owner') return false;
  const joined = member.state !== 'Invited';
  if ('invitee' in act) {
    const ended = member.expiresAt !== undefined && member.expiresAt <= now;
    return !joined && !ended && (member.invite?.expiresAt ?? 0) > now;
  }
  if ('member' in act) return joined;
  switch (act.owner) {
    case 'suspends':
      return member.state === 'Active';
    case 'unsuspends':
      return member.state === 'Suspended';
    case 'removes':
      return true;
    case 'lowers the role of':
      return joined && member.role === 'Admin';
    case 'takes the grant of':
      return member.grants.some(({ project }) => project === act.project);
    case 'takes off the group':
      return state.groups.some(({ name, members }) => name === act.group && members.includes(act.email));
    case 'makes a group of':
      return (
        state.projects.some(({ name }) => name === act.project) &&
        !state.groups.some(({ name }) => name === BY_HAND)
      );
  }
}

/** The group that people make. */
export const BY_HAND = 'by-hand';
