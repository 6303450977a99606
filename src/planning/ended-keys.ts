/**
 * Which keys of a machine end, and in which order with the key that comes. Where a cluster acts, it says which it is done
 * with (`keyEnds`): it registers and mounts the next key first. Without one, what Git names as compromised ends at once.
 *
 * Decides V4: which ends of keys a plan asks for, and when.
 */
import { type KeyEnd, keyEndVerdict, type StandingKey } from '#model/key-ends.ts';
import type { Machine, MachineKey } from '#model/organization.ts';
import { shellWord } from '#model/shell-word.ts';
import { compareText } from '#model/text-order.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, draft } from './contribution.ts';
import type { DesiredMachine, Finding } from './plan-types.ts';
import { sortedTexts } from './sorted.ts';

/** Two keys a machine: the one in use and the one that follows it. */
export const KEY_SLOTS = 2;

/** The ends of a plan, and what is left. */
export interface PlannedEnds {
  readonly drafts: readonly Draft[];
  /** Fingerprints that the machine has once they are done, sorted. */
  readonly left: readonly string[];
}

/** The machine is in the records of this manager. What is not due yet is told, and looked at again when it may be. */
export function planKeyEnds(
  context: Context,
  machine: DesiredMachine,
  there: Machine,
  outcome: Contribution,
  rest: Partial<Draft>,
): PlannedEnds {
  const { machineName: name, source } = machine;
  const subject = { kind: 'MachineBinding', key: name } as const;
  const offered = machine.key?.fingerprint ?? null;
  let left = sortedTexts(there.keys.map(({ fingerprint }) => fingerprint));
  const drafts: Draft[] = [];
  for (const { key, end } of inTurn(there, endsOf(context, machine))) {
    const { fingerprint, because } = end;
    if (because !== 'Compromised' && !mayFollow(fingerprint, because, offered, left)) continue;
    const standing = standingOf(key);
    const installation = context.policy.installation ?? standing.installation ?? '';
    const circumstances = { installation, keys: left.length, now: context.now, lag: 0 };
    const verdict = keyEndVerdict(standing, end, circumstances);
    if (verdict.is === 'InUse') {
      outcome.wakes.push(verdict.until);
      outcome.findings.push({ subject, source, ...inUse(name, key, verdict.until) });
    }
    if (verdict.is === 'NotOurs') outcome.findings.push({ subject, source, ...notOurs(name, key) });
    if (verdict.is !== 'Ends') continue;
    const before = { fingerprints: left };
    left = left.filter((one) => one !== fingerprint);
    const why = whyEnds(end, left.length === 0 && offered === null);
    drafts.push(
      draft(subject, { kind: 'RevokeKeyIfIdle', key: name, before, after: end }, why, {
        ...rest,
        // Nothing but the key: whatever else is declared of the machine is recorded by its own step.
        record: undefined,
        reinstate: null,
        follows: [...drafts],
      }),
    );
  }
  return { drafts, left };
}

/**
 * Nothing ends before the key that the cluster holds is one of the machine's, but for a lost half that takes its place; and
 * never that key.
 */
function mayFollow(
  fingerprint: string,
  because: KeyEnd['because'],
  offered: string | null,
  left: readonly string[],
): boolean {
  if (offered === null || fingerprint === offered) return false;
  return left.includes(offered) || (because === 'Lost' && left.length >= KEY_SLOTS);
}

/** Where nobody switches to another key first, what is compromised is not waited with. */
function endsOf({ desired }: Context, machine: DesiredMachine): readonly KeyEnd[] {
  if (desired.seenUnder !== null && !machine.suspended) return machine.keyEnds;
  return machine.compromised.map((fingerprint) => ({ fingerprint, idleFor: 0, because: 'Compromised' }));
}

/** What is compromised, then what is idle for longest. */
function inTurn(there: Machine, ends: readonly KeyEnd[]) {
  const due = there.keys.flatMap((key) => {
    const named = ends.filter(({ fingerprint }) => fingerprint === key.fingerprint);
    const end = named.find(({ because }) => because === 'Compromised') ?? named[0];
    return end === undefined ? [] : [{ key, end }];
  });
  const rank = ({ end }: (typeof due)[number]): number => (end.because === 'Compromised' ? 0 : 1);
  return due.sort(
    (a, b) =>
      rank(a) - rank(b) ||
      idleSince(a.key) - idleSince(b.key) ||
      compareText(a.key.fingerprint, b.key.fingerprint),
  );
}

function idleSince({ addedAt, lastUsedAt }: MachineKey): number {
  return Math.max(addedAt, lastUsedAt ?? addedAt);
}

/** Where nobody asked when it was used, the vault, which knows, decides alone. */
function standingOf({
  addedAt,
  installation,
  lastUsedAt = null,
  lastUsedFrom = null,
}: MachineKey): StandingKey {
  return { addedAt, installation, lastUsedAt, lastUsedFrom };
}

function whyEnds({ fingerprint, idleFor, because }: KeyEnd, isLast: boolean): string {
  const key = `key ${fingerprint.slice(0, 16)}`;
  if (because === 'Compromised') {
    return `${key}: named as compromised${isLast ? '; the machine is without a key then' : ''}`;
  }
  const unused = idleFor === 0 ? '' : `, and nobody read by it for ${idleFor} s`;
  return because === 'Rotated'
    ? `${key}: another follows it${unused}`
    : `${key}: the cluster has its private half no more${unused}`;
}

type Said = Omit<Finding, 'subject' | 'source'>;

function inUse(name: string, key: MachineKey, until: number): Said {
  return {
    reason: 'KeyInUse',
    severity: 'Info',
    message: `${keyText(name, key)}; it ends at ${timeText(until)}, unless it is used again.`,
    next: `Restart what reads by it; a person ends it at once: ${revokeKeyCommand(name, key)}`,
  };
}

function notOurs(name: string, key: MachineKey): Said {
  return {
    reason: 'NotOurKey',
    severity: 'Info',
    message: `${keyText(name, key)}, and this installation did not bring it.`,
    next: `Find out who holds it; a person ends it: ${revokeKeyCommand(name, key)}`,
  };
}

/** Name and last use of a key, as far as it is known. */
export function keyText(
  name: string,
  { fingerprint, addedAt, lastUsedAt, lastUsedFrom }: MachineKey,
): string {
  const came = `The key ${fingerprint} of ${name} came at ${timeText(addedAt)}`;
  if (lastUsedAt === undefined) return came;
  if (lastUsedAt === null) return `${came} and was never used`;
  return `${came} and was used last at ${timeText(lastUsedAt)} from ${lastUsedFrom ?? 'an address that was not kept'}`;
}

export function revokeKeyCommand(name: string, { fingerprint }: Pick<MachineKey, 'fingerprint'>): string {
  return `seneschal vault machine revoke-key ${shellWord(name)} ${fingerprint}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
