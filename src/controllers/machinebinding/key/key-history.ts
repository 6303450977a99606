/**
 * What the Secrets of a key say of its past, in annotations: a rotation goes on by them after a kill. They are no proof
 * of anything: whoever may change them has the key itself.
 */
import type { MetadataOnly } from '#kube/kube.ts';
import { annotationOf, SECRET_ANNOTATIONS } from '../marks.ts';

/** Of a key that is mounted. */
export interface KeyHistory {
  /** When it came into the Secret, in milliseconds; null: it does not say. */
  readonly since: number | null;
  readonly epoch: string | null;
  /** Fingerprint of the key of the same vault in whose place it came. */
  readonly before: string | null;
}

export function historyIn(secret: MetadataOnly): KeyHistory {
  const since = Date.parse(annotationOf(secret, 'keySince') ?? '');
  return {
    since: Number.isNaN(since) ? null : since,
    epoch: annotationOf(secret, 'keyEpoch') ?? null,
    before: annotationOf(secret, 'keyBefore') ?? null,
  };
}

/** Annotations of a Secret with the history of the key that is written into it; that of the one before goes. */
export function withHistory(
  annotations: Readonly<Record<string, string>>,
  { since, epoch, before }: KeyHistory,
): Record<string, string> {
  const { keySince, keyEpoch, keyBefore } = SECRET_ANNOTATIONS;
  const { [keySince]: _since, [keyEpoch]: _epoch, [keyBefore]: _before, ...others } = annotations;
  return {
    ...others,
    ...(since === null ? {} : { [keySince]: new Date(since).toISOString() }),
    ...(epoch === null ? {} : { [keyEpoch]: epoch }),
    ...(before === null ? {} : { [keyBefore]: before }),
  };
}

/** What a staged key was made for. */
export interface StagedFor {
  readonly epoch: string | null;
  /** Fingerprint of the mounted key that it is to follow; null: nothing was mounted. */
  readonly follows: string | null;
}

export function stagedFor(secret: MetadataOnly): StagedFor {
  return {
    epoch: annotationOf(secret, 'keyEpoch') ?? null,
    follows: annotationOf(secret, 'keyFollows') ?? null,
  };
}

export function stagedMarks({ epoch, follows }: StagedFor): Record<string, string> {
  const { keyEpoch, keyFollows } = SECRET_ANNOTATIONS;
  return {
    ...(epoch === null ? {} : { [keyEpoch]: epoch }),
    ...(follows === null ? {} : { [keyFollows]: follows }),
  };
}
