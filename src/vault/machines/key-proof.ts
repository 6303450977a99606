/**
 * The proof of a rotation: a key that the machine has signs for the one that follows it, so that who has no key of a
 * machine comes by none.
 *
 * Decides rail 2: when the proof of a rotation counts.
 */
import type { PublicKey } from '#identity/key-pair.ts';
import { rotatePayload, verifyPayload } from '#protocol/signing.ts';
import type { Act } from '../act/context.ts';
import { refuse } from '../common/domain-error.ts';
import { keyObject } from '../common/key-object.ts';
import type { MachineTable } from '../store/schema.ts';

/**
 * False without a proof. Asked before the key is stored. Throws `Invalid` for a proof that no key of the machine gave:
 * its sender is mistaken about what it holds, and is better told than counted.
 */
export async function isVouchedFor(
  act: Act,
  machine: Pick<MachineTable, 'id'>,
  { fingerprint }: PublicKey,
  proof: string | undefined,
): Promise<boolean> {
  if (proof === undefined || act.actor.type !== 'automation') return false;
  const { audience } = act.actor.request;
  const keys = await act.db
    .selectFrom('machine_keys')
    .select('public_key')
    .where('machine_id', '=', machine.id)
    .execute();
  const payload = rotatePayload({ audience, vaultId: act.vault.id, machineId: machine.id, fingerprint });
  if (keys.some(({ public_key }) => verifyPayload(keyObject(public_key), payload, proof))) return true;
  throw refuse(
    'Invalid',
    'No key of the machine gave the proof of the rotation.',
    'Sign it by a key that the machine has now; where no private half is left, send the key without a proof: it counts ' +
      'toward unprovenKeys of the delegation.',
  );
}
