/** What a Secret in the place of a key holds, told from its metadata. Pure. */
import type { InstallationKey } from '#identity/installation-key.ts';
import { parsePublicKey } from '#identity/key-pair.ts';
import type { MetadataOnly } from '#kube/kube.ts';
import { annotationOf, labelOf } from '../marks.ts';
import { type Owner, ownerOf } from '../ownership.ts';
import type { Slot } from './next-key-step.ts';

export interface SlotContext extends Owner {
  readonly installation: InstallationKey;
  /** Fingerprints that the vault accepts of the machine. */
  readonly accepted: readonly string[];
}

/**
 * A key is this binding's where label and seal say so. A seal of an earlier object of this name (the CRD was
 * deleted and came back) is inherited; so is a seal of an installation key that is lost, but only where the
 * vault accepts the key, which nobody can bring about by planting a Secret.
 */
export function slotOf(secret: MetadataOnly, context: SlotContext): Slot {
  const owner = ownerOf(secret, context);
  const publicKey = parsePublicKey(annotationOf(secret, 'publicKey') ?? '');
  const seal = annotationOf(secret, 'keySeal');
  const uid = labelOf(secret, 'binding');
  if (owner === 'foreign' || publicKey === undefined || seal === undefined || uid === undefined) {
    return { holds: 'foreign' };
  }
  const { fingerprint } = publicKey;
  switch (context.installation.verify(seal, 'machine-key', [uid, publicKey.text])) {
    case 'valid':
      return { holds: owner === 'own' ? 'key' : 'inherited', fingerprint };
    case 'unknown-key':
      return context.accepted.includes(fingerprint)
        ? { holds: 'inherited', fingerprint }
        : { holds: 'foreign' };
    case 'invalid':
      return { holds: 'foreign' };
  }
}
