import { send } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

/** Of a path that a proxy's rule names, spellings that a rule of texts does not find. */
const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => path.replace('/members', '/./members'),
  (path) => path.replace('/members', '/%2e/members'),
  (path) => path.replace('/members', '//members'),
  (path) => path.replace('/members', '/projects/../members'),
  (path) => path.replace('/members', '/projects/%2E%2E/members'),
  (path) => path.replace('/members', '/%6Dembers'),
  (path) => path.replace('/members', '%2F..%2Fmembers'),
];

attack({
  name: "asks for a path in a spelling that passes a proxy's rule on paths",
  actor: 'Outsider',
  rule: 'V7',
  refused: ['400 PathNotNormal'],
  permittedBy: 'the path in its normal form, which such a rule finds',
  world: () => ownedVault(),
  attack: () => SPELLINGS,
  control: () => [(path: string) => path],
  async calls({ vault, boss }, spellings) {
    const path = `/api/v1/vaults/${vault.vaultId}/members`;
    const by = { authorization: `Bearer ${boss.token}` };
    const outcomes = [];
    for (const spelled of spellings) {
      outcomes.push(ofAnswer('GET', await send(vault.server.port, 'GET', spelled(path), '', by)));
    }
    return outcomes;
  },
});
