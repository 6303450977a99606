import { ProviderError } from '#provider/provider.ts';
import { connect } from '#provider/seneschal/seneschal.ts';
import { MANAGER } from '#test/builders/vault.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { done, type Outcome, refused } from './outcome.ts';
import { startRelay } from './relay.ts';

/** Of nobody: it is the request that is tried. */
const PROOF = Buffer.alloc(64).toString('base64');

attack({
  name: 'passes on to the vault what automation signed for the relay',
  actor: 'Relay on the network',
  rule: 'V4',
  refused: ['WrongAudience'],
  permittedBy: "the vault's own address in the credentials; the relay is only the way there",
  async world() {
    const { vault } = await ownedVault();
    return { vault, relay: await startRelay(vault.server.port) };
  },
  attack: ({ relay }) => relay.url,
  control: ({ vault }) => vault.url,
  async calls({ vault, relay }, url) {
    const { signal } = new AbortController();
    const { vaultId, identity } = vault;
    const provider = connect({
      address: { url, vaultId },
      ca: null,
      automationId: identity.id,
      privateKey: identity.keys.privateKey,
      connectTo: { host: '127.0.0.1', port: relay.port },
    });
    const tried = async (call: string, work: Promise<unknown>): Promise<Outcome> => {
      try {
        await work;
        return done(call, 'answered');
      } catch (error) {
        return refused(call, error instanceof ProviderError ? error.code : String(error));
      }
    };
    const outcomes = [
      await tried('GET /snapshot', provider.observe(null, signal)),
      await tried('POST /lease', provider.takeLease({ manager: MANAGER, installation: 'one' }, signal)),
      await tried(
        'POST /sync',
        provider.sync([{ machineId: 'machine', secrets: ['sk_1'], sign: () => PROOF }], signal),
      ),
    ];
    await provider.close();
    if (relay.seen.length !== outcomes.length) throw new Error('the relay was not on the way');
    return outcomes;
  },
});
