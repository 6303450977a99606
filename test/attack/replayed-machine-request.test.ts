import { newMachine, setValues } from '#test/builders/machine.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

const POLL = '{"watch":[]}';

attack({
  name: 'sends the read of a machine again, as it was recorded, or one with another body than it signed',
  actor: 'Relay on the network',
  rule: 'V7',
  refused: ['401 the nonce was used before', '401 the signature does not verify'],
  permittedBy: 'requests that the machine signed, with nonces of their own',
  async world() {
    const { vault, clock } = await ownedVault();
    const ids = await setValues(vault, { 'web/cookie': 'planted', 'web/other': 'planted' });
    const { client } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie', 'other'] }]);
    const now = clock.now();
    await client.send('GET', `/v1/secret/${ids['web/cookie']}`, undefined, { nonce: 'recorded', now });
    return { client, now, ids };
  },
  attack: () => ({ nonce: 'recorded', sentBody: '{"watch":[{}]}' }),
  control: () => ({ nonce: 'of its own', sentBody: POLL }),
  async calls({ client, now, ids }, { nonce, sentBody }) {
    const target = `/v1/secret/${ids['web/cookie']}`;
    return [
      ofAnswer('GET /v1/secret/{id}', await client.send('GET', target, undefined, { nonce, now })),
      ofAnswer(
        'POST /v1/secrets/poll',
        await client.send('POST', '/v1/secrets/poll', POLL, { sentBody, now }),
      ),
    ];
  },
});
