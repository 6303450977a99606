/** What keeps an object from being Ready, read off what is open. */
import type { OpenItem, WhatIsOpen } from '#engine/open.ts';
import type { PassResult } from '#engine/pass-types.ts';
import type { Standing } from '#model/standing.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type { Held } from '#planning/plan-types.ts';
import { type ApprovalTarget, heldInWords, isRaise, type Said } from './held-words.ts';

/** Better to worse: a raise that waits (rail 2), what a person cut (rail 7), what will come, what needs somebody. */
const READINESS = ['awaiting', 'cut', 'reconciling', 'stalled'] as const;

export interface Problem extends Said {
  /** `awaiting` and `cut`: what there is goes on, and the object stays Ready. */
  readonly readiness: (typeof READINESS)[number];
  /** What is said beside Ready, whatever is the worst; one a type. */
  readonly beside: readonly Beside[];
}

export interface Beside extends Said {
  readonly type: 'AwaitingApproval' | 'CutByPerson';
}

/** What `rails.cuts` says of a person or a template that people cut. */
export type CutsMode = 'Stall' | 'Report';

export type PassOutcome = Pick<
  PassResult,
  | 'plan'
  | 'answers'
  | 'observation'
  | 'approvals'
  | 'observeOnly'
  | 'stopped'
  | 'anchor'
  | 'usedApprovals'
  | 'acceptDigest'
> & {
  /** Of the vault that answered. */
  readonly address: VaultAddress;
};

/** `Kind namespace/name`. */
export function objectKey(kind: string, at: { namespace?: string | undefined; name: string }): string {
  return `${kind} ${at.namespace ?? ''}/${at.name}`;
}

/** The worst problem of each object: what stalls goes before what will come by itself. */
export function problemsOf(
  { items }: WhatIsOpen,
  target: ApprovalTarget,
  cuts: CutsMode = 'Report',
): ReadonlyMap<string, Problem> {
  const problems = new Map<string, Problem>();
  for (const item of items) {
    const problem = problemOf(item, target, cuts);
    if (problem === null) continue;
    for (const declaration of item.declarations) {
      const key = objectKey(declaration.kind, declaration);
      const other = problems.get(key);
      problems.set(key, other === undefined ? problem : both(other, problem));
    }
  }
  return problems;
}

/** The worse of two, with what both say beside it. */
function both(one: Problem, other: Problem): Problem {
  const isWorse = READINESS.indexOf(other.readiness) > READINESS.indexOf(one.readiness);
  const beside = new Map<Beside['type'], Beside>();
  for (const said of [...one.beside, ...other.beside]) {
    const before = beside.get(said.type);
    const message = before === undefined ? said.message : `${before.message} ${said.message}`;
    beside.set(said.type, before?.message.includes(said.message) === true ? before : { ...said, message });
  }
  return { ...(isWorse ? other : one), beside: [...beside.values()] };
}

/** What keeps the objects of an item from being Ready; null: nothing. */
function problemOf(item: OpenItem, target: ApprovalTarget, cuts: CutsMode): Problem | null {
  const { standing, reason, hold, subject } = item;
  // No pod can run by a machine that waits, or that a person cut; nor by a secret that is not there.
  const isMachine = subject.kind === 'MachineBinding';
  const failsLater = isMachine || subject.kind === 'Project';
  if (hold !== null) {
    const said = heldInWords(hold, target);
    return isRaise(hold) && !isMachine && !givesBackProject(hold, item)
      ? { readiness: 'awaiting', ...said, beside: [{ type: 'AwaitingApproval', ...said }] }
      : { readiness: 'stalled', ...said, beside: [] };
  }
  const said = { reason, message: `${item.message} ${item.next}`.trim() };
  if (standing === 'CutByPerson' && !failsLater) {
    const readiness = cuts === 'Report' ? 'cut' : 'stalled';
    return { readiness, ...said, beside: [{ type: 'CutByPerson', ...said }] };
  }
  const readiness = reason === 'SecretMissing' ? 'reconciling' : READINESS_BY[standing];
  return readiness === 'ready' ? null : { readiness, ...said, beside: [] };
}

/** What a person deleted is not there before its step ran: pods that read it would fail later. */
function givesBackProject({ steps }: Held, { subject: { kind, key } }: OpenItem): boolean {
  return (
    kind === 'Project' &&
    steps.some(({ subject, reinstate }) => subject.kind === kind && subject.key === key && reinstate !== null)
  );
}

/** Ready never waits for a person, and what will come by itself is under way. */
const READINESS_BY: Readonly<Record<Standing, 'ready' | 'reconciling' | 'stalled'>> = {
  Refused: 'stalled',
  ReferenceMissing: 'reconciling',
  Expired: 'stalled',
  Failed: 'reconciling',
  Held: 'stalled',
  CutByPerson: 'stalled',
  Queued: 'reconciling',
  UnderWay: 'reconciling',
  LeftToOperator: 'reconciling',
  WaitingForPerson: 'ready',
  Scheduled: 'ready',
  Drifted: 'ready',
  Foreign: 'ready',
};
