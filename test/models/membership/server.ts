/** A real vault server on loopback, where people act by what its routes act by. */
import type { RailSettings } from '#model/fields.ts';
import { loosened } from '#model/loosened.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Provider } from '#provider/provider.ts';
import { newAccount } from '#test/builders/account.ts';
import { connected } from '#test/builders/connected.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { Act as VaultAct } from '#vault/act/context.ts';
import {
  addMembersByPerson,
  createGroupByPerson,
  grantToGroupByPerson,
  removeMemberByPerson,
} from '#vault/groups/group-acts.ts';
import { acceptInvite, declineInvite } from '#vault/members/invites.ts';
import { removeGrantByPerson, setRoleByPerson } from '#vault/members/member-access-acts.ts';
import { leave, removeByPerson, suspendByPerson, unsuspendByPerson } from '#vault/members/member-acts.ts';
import type { Account } from '#vault/sessions/accounts.ts';
import type { Start } from './commands.ts';
import type { OpenVault } from './history.ts';
import { type Act, BY_HAND, type ModelVault, type OwnerAct } from './model-vault.ts';

class ServerVault implements ModelVault {
  readonly provider: Provider;
  readonly #vault: TestVault;
  readonly #clock: MovedClock;
  readonly #accounts = new Map<string, Account>();

  private constructor(vault: TestVault, clock: MovedClock) {
    this.#vault = vault;
    this.#clock = clock;
    this.provider = connected(vault).provider;
  }

  /** The owner approved the rails of the first commit. */
  static async open({ invitesPerHour, invitesPerDay }: Start, rails: RailSettings): Promise<ServerVault> {
    const clock = new MovedClock();
    const vault = await startTestVault({ clock, automation: { invitesPerHour, invitesPerDay } });
    if (loosened(null, rails).length > 0)
      await vault.approved([{ kind: 'ApplySettings', key: vault.vaultId, before: null, after: rails }]);
    return new ServerVault(vault, clock);
  }

  now(): number {
    return this.#clock.now();
  }

  advance(milliseconds: number): void {
    this.#clock.advance(milliseconds);
  }

  state(): Promise<OrganizationState> {
    return this.#vault.snapshot();
  }

  async act(act: Act): Promise<void> {
    if ('invitee' in act) {
      const answer = act.invitee === 'accepts' ? acceptInvite : declineInvite;
      const invite = await this.#inviteOf(act.email);
      await answer(this.#vault.context, await this.#accountOf(act.email), invite);
      return;
    }
    const { context, vaultId, owner } = this.#vault;
    await context.act(vaultId, owner, (within) =>
      'member' in act ? leave(within, act.email) : byOwner(within, act),
    );
  }

  async approve(digest: string): Promise<void> {
    await this.#vault.approve(digest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider.close();
    const { faults } = this.#vault;
    await this.#vault[Symbol.asyncDispose]();
    if (faults.length > 0) throw new Error(`the server is at fault: ${JSON.stringify(faults)}`);
  }

  async #inviteOf(email: string): Promise<string> {
    const { members } = await this.state();
    return members.find((one) => one.email === email)?.invite?.id ?? '';
  }

  async #accountOf(email: string): Promise<Account> {
    const account = this.#accounts.get(email) ?? (await newAccount(this.#vault.context, email));
    this.#accounts.set(email, account);
    return account;
  }
}

async function byOwner(act: VaultAct, what: OwnerAct): Promise<void> {
  const { email } = what;
  switch (what.owner) {
    case 'suspends':
      return suspendByPerson(act, email);
    case 'unsuspends':
      return unsuspendByPerson(act, email);
    case 'removes':
      return removeByPerson(act, email);
    case 'lowers the role of':
      return setRoleByPerson(act, email, 'Member');
    case 'takes the grant of':
      return removeGrantByPerson(act, email, what.project);
    case 'takes off the group':
      return removeMemberByPerson(act, what.group, email);
    case 'makes a group of':
      await createGroupByPerson(act, BY_HAND, '');
      await addMembersByPerson(act, BY_HAND, [email]);
      return grantToGroupByPerson(act, BY_HAND, what.project, { access: what.access });
  }
}

export const openServer: OpenVault = (start, rails) => ServerVault.open(start, rails);
