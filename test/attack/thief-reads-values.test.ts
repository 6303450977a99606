import { type KeyPair, newKeyPair, signText } from '#identity/key-pair.ts';
import type { SyncAnswer } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { ownedVault } from '#test/integration/vault/world/owned-vault.ts';
import { attack } from './attack.ts';
import { done, refused } from './outcome.ts';

interface Means {
  readonly keys: KeyPair;
  /** What the proof is made out to, in place of the machine. */
  readonly provenFor?: string;
}

attack({
  name: "reads the values of a machine that is there, without the machine's own key",
  actor: 'Thief of an automation credential',
  rule: 'V9',
  refused: ['BadProof'],
  permittedBy: 'the private key of the machine',
  async world() {
    const { vault } = await ownedVault();
    const secrets = await setValues(vault, { 'payments/db': 'planted value' });
    const machine = await newMachine(vault, 'api', [{ project: 'payments', secrets: ['db'] }]);
    const other = await newMachine(vault, 'other');
    return { vault, machine, other, secret: secrets['payments/db'] ?? '' };
  },
  attack: ({ machine, other }): Means[] => [
    { keys: newKeyPair() },
    // A machine that the thief does hold the key of: by its proof for the other, and by one for itself.
    { keys: other.keys },
    { keys: other.keys, provenFor: other.id },
    { keys: newKeyPair(), provenFor: machine.id },
  ],
  control: ({ machine }): Means[] => [{ keys: machine.keys }],
  async calls({ vault, machine, secret }, means) {
    const outcomes = [];
    for (const { keys, provenFor = machine.id } of means) {
      const timestamp = String(Math.floor(vault.clock.now() / 1000));
      const nonce = crypto.randomUUID();
      const { audience, vaultId } = vault;
      const proof = signText(
        keys.privateKey,
        syncPayload({ audience, vaultId, machineId: provenFor, timestamp, nonce }),
      );
      const claim = { machineId: machine.id, timestamp, nonce, proof, secrets: [secret] };
      const { body } = await vault.request<SyncAnswer>('POST', '/sync', { machines: [claim] });
      const [answer] = body.machines;
      const read = answer?.secrets.length ?? 0;
      outcomes.push(
        read > 0 ? done('POST /sync', 'the value') : refused('POST /sync', answer?.error ?? 'nothing'),
      );
    }
    return outcomes;
  },
});
