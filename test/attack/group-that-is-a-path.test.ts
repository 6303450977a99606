import { pathTo } from '#protocol/request-path.ts';
import { send } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { member } from '#test/integration/vault/world/people.ts';
import { attack } from './attack.ts';
import { done, ofAnswer, refused } from './outcome.ts';

const ALICE = 'alice@acme.example';

/** A name, and how it is written into a path by what does not mend it. */
interface Trap {
  readonly name: string;
  readonly spelled: readonly string[];
}

/** As a URL drops it, as proxies do, and as some of both do. */
const TRAPS: readonly Trap[] = [
  { name: '..', spelled: ['..', '%2e%2e', '.%2E'] },
  { name: 'x/../..', spelled: ['x/../..', 'x%2F..%2F..'] },
  { name: 'x\\..\\..', spelled: ['x%5C..%5C..'] },
];

attack({
  name: 'lays out a group, so that the owner who takes somebody off it removes them from the vault',
  actor: 'Admin',
  rule: 'V7',
  refused: ['400 InvalidRequest', '400 PathNotNormal', 'cannot be a part of a path'],
  permittedBy: 'a name that is one segment of a path',
  async world() {
    const { vault, boss } = await ownedVault();
    await member(vault, ALICE);
    const admin = await member(vault, 'mallory@acme.example', { role: 'Admin' });
    await admin.ask('POST', `/vaults/${vault.vaultId}/groups`, { name: 'Dev' });
    return { vault, boss, admin };
  },
  attack: () => TRAPS,
  control: () => [{ name: '...', spelled: ['...'] }],
  async calls({ vault, boss, admin }, traps: readonly Trap[]) {
    const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
    const by = { authorization: `Bearer ${boss.token}` };
    const outcomes = [];
    for (const { name, spelled } of traps) {
      outcomes.push(ofAnswer('POST group', await admin.ask('POST', at('/groups'), { name })));
      await admin.ask('POST', at(`/groups/${encodeURIComponent(name)}/members`), { emails: [ALICE] });
      for (const text of spelled) {
        const target = `/api/v1${at(`/groups/${text}/members/${ALICE}`)}`;
        outcomes.push(ofAnswer('DELETE', await send(vault.server.port, 'DELETE', target, '', by)));
      }
      await boss.ask('DELETE', at(`/groups/${encodeURIComponent(name)}`));
      const copy = await admin.ask('POST', at('/groups/Dev/duplicate'), { name });
      outcomes.push(ofAnswer('duplicate', copy));
      await boss.ask('DELETE', at(`/groups/${encodeURIComponent(name)}`));
      outcomes.push(ofAnswer('rename', await admin.ask('PATCH', at('/groups/Dev'), { name })));
      outcomes.push(sentBySeneschal(name));
    }
    const { body } = await boss.ask<{ members: { email: string }[] }>('GET', at('/members'));
    if (body.members.every(({ email }) => email !== ALICE)) throw new Error('Alice is no member any more');
    return outcomes;
  },
});

/** What a client of ours does with it. */
function sentBySeneschal(name: string) {
  const call = 'seneschal vault group remove-member';
  try {
    return done(call, String(pathTo`/groups/${name}/members/${ALICE}`));
  } catch (error) {
    return refused(call, error instanceof Error ? error.message.replace(/^".*" (.*)\.$/, '$1') : 'none');
  }
}
