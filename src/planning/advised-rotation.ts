/** M2: what should be rotated after a removal of this plan, said with it. */
import { type ToRotate, toRotate } from '#model/rotation.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import type { Finding } from './plan-types.ts';
import { listed } from './sorted.ts';

/** Names that a message lists; the finding's `rotation` has all. */
const NAMED = 8;

/** One finding a removal that leaves something to rotate. */
export function rotationFindings({ observed }: Context, drafts: readonly Draft[]): Finding[] {
  return drafts.flatMap(({ action, subject, source }): Finding[] => {
    if (action.kind !== 'RemoveMember') return [];
    const rotation = toRotate(observed, action.key, action.before);
    const message = told(action.key, rotation);
    if (message === '') return [];
    return [
      {
        subject,
        source,
        reason: 'RotationAdvised',
        severity: 'Info',
        message,
        next: 'Rotate them once the person is removed (M2).',
        rotation,
      },
    ];
  });
}

function told(email: string, { rotate, rotateKeys }: ToRotate): string {
  const keys = rotateKeys.map(({ machine, fingerprint }) => `${machine} (${fingerprint.slice(0, 16)})`);
  return [
    ...(rotate.length === 0 ? [] : [`${email} could hand out or read ${listed(rotate, NAMED)}.`]),
    ...(keys.length === 0 ? [] : [`${email} may hold the keys of machines ${listed(keys, NAMED)}.`]),
  ].join(' ');
}
