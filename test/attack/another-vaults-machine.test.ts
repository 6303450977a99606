import { newAccount } from '#test/builders/account.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { createOrganization } from '#vault/organizations/organizations.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

const GRANTED = [{ project: 'web', secrets: ['granted'] }];

attack({
  name: 'reads secrets by their ids that it was not granted: of its own project, and of another vault',
  actor: 'Machine',
  rule: 'H2',
  refused: ['403 the machine has no grant for the secret', '404 no such secret'],
  permittedBy: 'the grant',
  async world() {
    const { vault } = await ownedVault();
    const owner = await newAccount(vault.context, 'owner@other.example');
    const { vaultId } = await createOrganization(vault.context, owner, {
      displayName: 'Other',
      plan: 'Business',
    });
    const [{ id: memberId }] = (await vault.context.reader
      .selectFrom('members')
      .select('id')
      .where('vault_id', '=', vaultId)
      .execute()) as [{ id: string }];
    const other = new TestVault({
      ...vault,
      vaultId,
      owner: { ...vault.owner, memberId, accountId: owner.id, email: 'owner@other.example' },
    });
    const values = { 'web/granted': 'planted', 'web/other': 'planted' };
    return {
      ids: { here: await setValues(vault, values), there: await setValues(other, values) },
      here: await newMachine(vault, 'web', GRANTED),
      hereToo: await newMachine(vault, 'web-with-both', [{ project: 'web', secrets: ['granted', 'other'] }]),
      there: await newMachine(other, 'web', GRANTED),
    };
  },
  attack: ({ here }) => ({ ofHere: here.client, ofThere: here.client }),
  control: ({ hereToo, there }) => ({ ofHere: hereToo.client, ofThere: there.client }),
  async calls({ ids }, { ofHere, ofThere }) {
    const one = await ofHere.send('GET', `/v1/secret/${ids.here['web/other']}`);
    const two = await ofThere.send('GET', `/v1/secret/${ids.there['web/granted']}`);
    return [
      ofAnswer('GET /v1/secret/{id}, of its project', one),
      ofAnswer('GET /v1/secret/{id}, elsewhere', two),
    ];
  },
});
