import { onTestFinished } from 'vitest';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { reachingLoopback, startWebhookReceiver } from '#test/integration/vault/world/webhook-receiver.ts';
import { DEFAULT_OUTGOING, type OutgoingSettings } from '#vault/act/outgoing-settings.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { attack } from './attack.ts';
import { done, refused } from './outcome.ts';

/** Names and spellings of the host on which the server runs. */
const HOSTS = ['localhost', '127.0.0.1', '127.1', '0x7f000001'];

attack({
  name: 'has the server ask an address of its own network, by a webhook',
  actor: 'Member',
  rule: 'V7',
  refused: ['PrivateAddress'],
  permittedBy: 'the address among those that whoever runs the server allows',
  async world() {
    const receiver = await startWebhookReceiver();
    onTestFinished(() => receiver[Symbol.asyncDispose]());
    return receiver;
  },
  attack: (): OutgoingSettings['webhooks'] => ({
    ...reachingLoopback(),
    allowedAddresses: DEFAULT_OUTGOING.webhooks.allowedAddresses,
  }),
  control: (): OutgoingSettings['webhooks'] => ({
    ...reachingLoopback(),
    allowedAddresses: new AddressList(['127.0.0.0/8', '::1']),
  }),
  async calls(receiver, webhooks) {
    const { vault, boss } = await ownedVault({ outgoing: { webhooks } });
    const { port } = new URL(receiver.url);
    const at = `/vaults/${vault.vaultId}/integrations`;
    const outcomes = [];
    for (const [index, host] of HOSTS.entries()) {
      await boss.ask('POST', at, { name: `hook-${index}`, url: `https://${host}:${port}/hook` });
      const { body } = await boss.ask<{ error: string | null }>('POST', `${at}/hook-${index}/test`);
      outcomes.push(
        body.error === null ? done('POST /test', 'delivered') : refused('POST /test', String(body.error)),
      );
    }
    return outcomes;
  },
});
