import { DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import { access, newIdentity, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofStep } from './outcome.ts';

const PEOPLE = Array.from({ length: DEFAULT_GAIN_BUDGETS.invitesPerHour + 1 }, (_, index) => index);

attack({
  name: 'invites more people in an hour than a delegation may',
  actor: 'Thief of an automation credential',
  rule: 'rail 8',
  refused: ['GainBudgetReached'],
  permittedBy: 'another budget, which the owner set',
  world: async () => (await ownedVault()).vault,
  attack: (vault) =>
    newIdentity(vault.context, vault.vaultId, vault.owner, {
      invitesPerHour: DEFAULT_GAIN_BUDGETS.invitesPerHour,
    }),
  control: (vault) => newIdentity(vault.context, vault.vaultId, vault.owner, { invitesPerHour: 100 }),
  async calls(vault, as: SignedBy) {
    const answers = await vault.steps(
      PEOPLE.map((one) => ({
        action: { kind: 'InviteMember', key: `p${one}@other.example`, before: null, after: access() },
      })),
      { as },
    );
    const last = answers.at(-1);
    return [
      ofStep('the invite beyond them', last?.status === 'Refused' ? last.code : (last?.status ?? 'none')),
    ];
  },
});
