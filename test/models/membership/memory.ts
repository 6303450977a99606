/** The vault of the oracle: steps by test/builders/oracle.ts, acts of people by the rules of design §3. */

import type { RailSettings } from '#model/fields.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import type { TombstoneAct } from '#model/record.ts';
import { settled } from '#test/builders/desired.ts';
import { NOW, OWNER, organization } from '#test/builders/organization.ts';
import { MemoryVault } from '#test/fakes/memory-vault.ts';
import type { Start } from './commands.ts';
import type { OpenVault } from './history.ts';
import { type Act, BY_HAND, type ModelVault } from './model-vault.ts';

const DAY = 24 * 60 * 60 * 1000;

class OracleVault implements ModelVault {
  readonly provider: MemoryVault;
  #now = NOW;
  #acts = 0;

  /** The rails were applied, and nothing else. */
  constructor({ invitesPerHour, invitesPerDay }: Start, rails: RailSettings) {
    const empty = settled(organization().build(), rails);
    const budgets = { ...empty.gains.budgets, invitesPerHour, invitesPerDay };
    this.provider = new MemoryVault({ ...empty, gains: { ...empty.gains, budgets } }, () => this.#now);
  }

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async state(): Promise<OrganizationState> {
    return this.provider.state;
  }

  async act(act: Act): Promise<void> {
    this.provider.moved(this.#after(act, this.provider.state));
  }

  async approve(digest: string): Promise<void> {
    const { state } = this.provider;
    this.#acts += 1;
    const approval = {
      ...{ id: `apr_${this.#acts}`, digest, approver: OWNER, byOwner: true, reason: 'as the model has it' },
      ...{ at: this.#now, expiresAt: this.#now + DAY },
    };
    this.provider.moved({ ...state, approvals: [...state.approvals, approval] });
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #after(act: Act, state: OrganizationState): OrganizationState {
    const { email } = act;
    if ('invitee' in act) {
      if (act.invitee === 'declines') return this.#cut(without(state, email), email, 'Declined');
      return members(state, email, (one) => ({ ...one, state: 'Active', invite: null, joinedAt: this.#now }));
    }
    if ('member' in act) return this.#cut(without(state, email), email, 'Left');
    switch (act.owner) {
      case 'suspends': {
        const after = members(state, email, (one) => ({ ...one, state: 'Suspended' }));
        return this.#cut(after, email, 'Suspended');
      }
      case 'unsuspends': {
        const after = members(state, email, (one) => ({ ...one, state: 'Active' }));
        return answered(after, email, 'Suspended');
      }
      case 'removes':
        return this.#cut(without(state, email), email, 'Removed');
      case 'lowers the role of': {
        const after = members(state, email, (one) => ({ ...one, role: 'Member' }));
        return this.#cut(after, email, 'RoleLowered');
      }
      case 'takes the grant of': {
        const { project } = act;
        const after = members(state, email, (one) => ({
          ...one,
          grants: one.grants.filter((grant) => grant.project !== project),
        }));
        return this.#cut(after, email, 'GrantRemoved', project);
      }
      case 'takes off the group': {
        const groups = state.groups.map((group) =>
          group.name === act.group
            ? { ...group, members: group.members.filter((one) => one !== email) }
            : group,
        );
        return this.#buried({ ...state, groups }, 'Group', act.group, 'MembershipRemoved', email);
      }
      case 'makes a group of': {
        const grants = [{ project: act.project, access: act.access }];
        const group = { id: `grp_${BY_HAND}`, name: BY_HAND, description: '', members: [email], grants };
        const groups = [...state.groups, group].sort((a, b) => (a.name < b.name ? -1 : 1));
        return { ...state, groups };
      }
    }
  }

  #cut(state: OrganizationState, email: string, act: TombstoneAct, item: string | null = null) {
    return this.#buried(state, 'Member', email, act, item);
  }

  /** One tombstone a cut: the newer one takes the place of the one before. */
  #buried(
    state: OrganizationState,
    kind: 'Member' | 'Group',
    key: string,
    act: TombstoneAct,
    item: string | null,
  ): OrganizationState {
    this.#acts += 1;
    const others = state.tombstones.filter(
      (one) => one.kind !== kind || one.key !== key || one.act !== act || one.item !== item,
    );
    const entry = `aud_${String(this.#acts).padStart(4, '0')}`;
    const tombstone = { entry, kind, key, act, item, actor: OWNER, at: this.#now, final: false };
    return { ...state, tombstones: [...others, tombstone] };
  }
}

function members(
  state: OrganizationState,
  email: string,
  change: (member: Member) => Member,
): OrganizationState {
  return { ...state, members: state.members.map((one) => (one.email === email ? change(one) : one)) };
}

function without(state: OrganizationState, email: string): OrganizationState {
  return {
    ...state,
    members: state.members.filter((one) => one.email !== email),
    groups: state.groups.map((group) => ({
      ...group,
      members: group.members.filter((one) => one !== email),
    })),
  };
}

function answered(state: OrganizationState, email: string, act: TombstoneAct): OrganizationState {
  const tombstones = state.tombstones.filter(
    (one) => one.kind !== 'Member' || one.key !== email || one.act !== act,
  );
  return { ...state, tombstones };
}

export const openOracle: OpenVault = async (start, rails) => new OracleVault(start, rails);
