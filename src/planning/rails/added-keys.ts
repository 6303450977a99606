/**
 * Rail 2 for keys of machines: those that nothing vouches for, and that are not the manager's to replace.
 *
 * Decides rail 2: which keys of a plan wait for approval.
 */
import { roomFor } from '#model/gains.ts';
import { keyVerdict } from '#model/key-proof.ts';
import type { Context } from '../context.ts';
import type { Planned } from '../planned.ts';
import { listed, sortedTexts } from '../sorted.ts';
import type { Hold } from './judged-groups.ts';

/** What of the plan an approval has to release, and when some of it goes on without one; null: not by time. */
export interface KeysToApprove {
  readonly planned: ReadonlySet<Planned>;
  readonly freeAt: number | null;
}

/** The steps whose keys wait, in the order of the plan; one approval covers all of them. */
export function keysToApprove(
  { observed, desired, now }: Pick<Context, 'observed' | 'desired' | 'now'>,
  planned: readonly Planned[],
): KeysToApprove {
  const added = planned.filter(({ addedKey }) => addedKey !== null);
  if (added.length === 0) return { planned: new Set(), freeAt: null };
  const machines = observed.records.filter(
    ({ kind, manager }) => kind === 'MachineBinding' && manager === desired.manager,
  ).length;
  const room = roomFor({ ...observed.gains, machines }, 'unprovenKeys', now);
  const raised = keysBeyond(added, room.left);
  const waits = [...raised].some(({ addedKey }) => addedKey?.own === true);
  return { planned: raised, freeAt: waits ? room.freeAt : null };
}

function keysBeyond(added: readonly Planned[], left: number | null): ReadonlySet<Planned> {
  let room = left;
  const raised = new Set<Planned>();
  for (const item of added) {
    if (item.addedKey === null) continue;
    const verdict = keyVerdict(item.addedKey, room);
    if (verdict === 'Raise') raised.add(item);
    if (verdict === 'Replacement' && room !== null) room -= 1;
  }
  return raised;
}

/** `planned` are the steps of `keysToApprove`. */
export function addedKeysHold(planned: ReadonlySet<Planned>): Hold {
  const names = listed(sortedTexts([...planned].map(({ step }) => step.action.key)));
  return {
    reason: 'NeedsApproval',
    rail: 2,
    message: `A key that no key of the machine vouches for lets its holder read what the machine reads: ${names}.`,
    next: 'Bring the private half back if it is not lost.',
    approvable: true,
    claimed: 'raises',
  };
}
