/** What a Secret in the place of a key holds, told from its metadata. Pure. */
import { parsePublicKey } from '#identity/key-pair.ts';
import type { MetadataOnly } from '#kube/kube.ts';
import { annotationOf, type BindingIdentity } from '../marks.ts';
import { claimOn } from '../ownership.ts';
import type { Seals } from '../seals.ts';
import type { KeyPlace, Slot } from './next-key-step.ts';

export interface SlotContext {
  readonly binding: BindingIdentity;
  readonly seals: Seals;
  /** Fingerprints that the vault accepts of the machine. */
  readonly accepted: readonly string[];
  /** Whether the move to the binding's vault from wherever a Secret is of is allowed. */
  readonly mayMove: boolean;
}

export const ROLE_OF_PLACE = { staged: 'staging', mounted: 'identity' } as const;

/**
 * A key is this binding's where the seal says so. Where the installation key is lost, or the seal is of an earlier
 * form, it is inherited only if the vault accepts the key, which nobody can bring about by planting a Secret.
 */
export function slotOf(
  secret: MetadataOnly,
  place: KeyPlace,
  { binding, seals, accepted, mayMove }: SlotContext,
): Slot {
  const fingerprint = fingerprintIn(secret);
  if (fingerprint === undefined) return { holds: 'foreign' };
  switch (claimOn(secret, ROLE_OF_PLACE[place], binding, seals)) {
    case 'own':
      return { holds: 'key', fingerprint };
    case 'inherited':
      return { holds: 'inherited', fingerprint };
    case 'unproven':
      return accepted.includes(fingerprint) ? { holds: 'inherited', fingerprint } : { holds: 'foreign' };
    case 'moved':
      return mayMove ? { holds: 'moved', fingerprint, confirmed: false } : { holds: 'foreign' };
    case 'foreign':
      return { holds: 'foreign' };
  }
}

/** The fingerprint of the key that a Secret says it holds, whosever it is; undefined where it says none. */
export function fingerprintIn(secret: MetadataOnly): string | undefined {
  return parsePublicKey(annotationOf(secret, 'publicKey') ?? '')?.fingerprint;
}
