import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

attack({
  name: 'sends the request of an automation identity again, as it was recorded',
  actor: 'Relay on the network',
  rule: 'V4',
  refused: ['401 Unauthenticated'],
  permittedBy: 'nonces of its own',
  world: () => ownedVault(),
  attack: () => ['read', 'write'],
  control: () => ['another read', 'another write'],
  async calls({ vault }, [read, write]) {
    const fence = await vault.fence();
    const observe = (nonce = '') => vault.request('GET', '/snapshot', undefined, { nonce });
    const reserve = (nonce = '') => vault.request('POST', '/steps', { fence, steps: [] }, { nonce });
    for (const recorded of [await observe('read'), await reserve('write')]) {
      if (recorded.status !== 200) throw new Error(`the recorded request: ${recorded.status}`);
    }
    return [ofAnswer('GET /snapshot', await observe(read)), ofAnswer('POST /steps', await reserve(write))];
  },
});
