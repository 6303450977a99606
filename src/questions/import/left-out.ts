/** What a vault has and a folder does not: why, for people. */
import { endText } from '#model/ends.ts';
import type { ManagedKind, Tombstone } from '#model/record.ts';

export interface LeftOut {
  readonly kind: ManagedKind;
  /** Natural key. */
  readonly key: string;
  /** What of it is left out, as the message says; absent: the whole. */
  readonly item?: string;
  readonly reason:
    | 'InviteExpired'
    | 'Ended'
    | 'EndsWithinSecond'
    | 'NotApproved'
    | 'ManagedByAnother'
    | 'NotDeclarable';
  readonly message: string;
}

/** Lines for people, in the order of what there is. */
export function leftOutText({ kind, key, item, message }: LeftOut): string {
  return `${kind} ${key}${item === undefined ? '' : ` (${item})`}: ${message}`;
}

/** What people took away in the vault: it has no place in Git, and the entry is what `reinstate` names. */
export function cutText({ kind, key, act, item, actor, at, entry, final }: Tombstone): string {
  const what = item === null ? '' : ` (${item})`;
  return `${kind} ${key}${what}: ${act} by ${actor} at ${endText(at)}; entry ${entry}${final ? ', final' : ''}`;
}
