import { onTestFinished } from 'vitest';
import { newIdentity, startTestVault } from '#test/builders/vault.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { DIRECT } from '#vault/http/network.ts';
import { attack } from './attack.ts';
import { ofAnswer } from './outcome.ts';

attack({
  name: 'uses the credential from an address that the identity is not bounded to',
  actor: 'Thief of an automation credential',
  rule: 'V4',
  refused: ['403 Forbidden'],
  permittedBy: 'an address of its bounds',
  async world() {
    const vault = await startTestVault({
      network: { ...DIRECT, trustedProxies: new AddressList(['127.0.0.1']) },
    });
    onTestFinished(() => vault[Symbol.asyncDispose]());
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, { addresses: ['10.0.0.0/8'] });
    return { vault, as };
  },
  attack: () => '192.0.2.7',
  control: () => '10.1.2.3',
  async calls({ vault, as }, source) {
    const by = { as, headers: { 'x-forwarded-for': source } };
    const manager = { manager: 'acme/acme', installation: 'thief' };
    return [
      ofAnswer('GET /snapshot', await vault.request('GET', '/snapshot', undefined, by)),
      ofAnswer('POST /lease', await vault.request('POST', '/lease', manager, by)),
      ofAnswer('POST /sync', await vault.request('POST', '/sync', { machines: [] }, by)),
    ];
  },
});
