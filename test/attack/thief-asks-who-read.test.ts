import type { TraceAnswer, TraceRequest } from '#protocol/management.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { newIdentity, type SignedBy } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { done, ofAnswer, refused } from './outcome.ts';

const NOTHING_TOLD = 'nothing told';
const KEYS = 'keys of machines in it';

attack({
  name: 'asks what was done to a project out of the bounds of the identity, and who read its secrets from where',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: [NOTHING_TOLD],
  permittedBy: 'the project among its bounds',
  async world() {
    const { vault } = await ownedVault();
    const ids = await setValues(vault, { 'web/key': 'planted', 'payments/db': 'planted' });
    const secret = ids['payments/db'] ?? '';
    const { id: machine, client } = await newMachine(vault, 'ci', [{ project: 'payments', secrets: ['db'] }]);
    await client.secret(secret);
    return { vault, secret, machine };
  },
  attack: ({ vault }) => newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['web'] }),
  control: ({ vault }) =>
    newIdentity(vault.context, vault.vaultId, vault.owner, { projects: ['web', 'payments'] }),
  async calls({ vault, secret, machine }, as: SignedBy) {
    const asked: readonly (readonly [string, TraceRequest])[] = [
      ['the project', { subjects: [{ kind: 'Project', key: 'payments' }], reads: null }],
      ['a secret of it', { subjects: [{ kind: 'Secret', key: 'payments/db' }], reads: null }],
      ['reads of the secret', { subjects: [], reads: { secrets: [secret], machines: [], since: 0 } }],
      [KEYS, { subjects: [], reads: null }],
      ['reads of the machine', { subjects: [], reads: { secrets: [], machines: [machine], since: 0 } }],
    ];
    const outcomes = [];
    for (const [call, request] of asked) {
      const answer = await vault.request<TraceAnswer>('POST', '/trace', request, { as });
      const { entries, reads, keys } = answer.body;
      const told = entries.length + reads.length + (call === KEYS ? keys.length : 0);
      if (answer.status !== 200) outcomes.push(ofAnswer(call, answer));
      else if (told === 0) outcomes.push(refused(call, NOTHING_TOLD));
      else outcomes.push(done(call, `${told} told`));
    }
    return outcomes;
  },
});
