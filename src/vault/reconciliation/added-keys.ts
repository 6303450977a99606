/**
 * A key that a step brings to a machine that is there: nothing where a key of the machine vouches for it, else counted
 * while the machine is the manager's own and the delegation has some left, else released by an approval (rail 2).
 *
 * Decides rail 2: what covers a key that comes without a proof.
 */
import { stepHash } from '#model/digest.ts';
import { isOwnMachine, keyVerdict } from '#model/key-proof.ts';
import type { StepRequest } from '#protocol/management.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { coverUnprovenKey } from '../automation/gain-budgets.ts';
import { refuse } from '../common/domain-error.ts';
import { managerOf, type Subject } from '../managed/records.ts';
import { useApproval } from './approvals.ts';

/** The key that was brought, and by whom. */
export interface BroughtKey {
  readonly machineId: string;
  readonly proven: boolean;
  /** Who holds the lease. */
  readonly manager: string;
  /** The step takes the record over from another origin. */
  readonly takenOver: boolean;
}

/**
 * Before the record of the step is kept: taking a machine over and giving it a key is not one act. Answers whether it
 * used the approval of the step, which covers whatever else the step raises: an approval counts once for a step.
 * Throws `NeedsApproval`, `CeilingReached`, and `Forbidden` for an approval that does not cover it.
 */
export async function coverAddedKey(
  act: Act,
  actor: AutomationActor,
  request: StepRequest,
  subject: Subject,
  { machineId, proven, manager, takenOver }: BroughtKey,
): Promise<boolean> {
  const { keyed_by } = await act.db
    .selectFrom('machines')
    .select('keyed_by')
    .where('id', '=', machineId)
    .executeTakeFirstOrThrow();
  const recorded = await managerOf(act, subject);
  const machine = keyed_by === recorded ? {} : { adopted: true as const };
  const own = isOwnMachine(machine, recorded === null ? undefined : { manager: recorded }, manager);
  const released = keyVerdict({ proven, own }, null) !== 'Rotation' && request.approval !== undefined;
  if (released) await useGiven(act, request, takenOver);
  else if (!proven && own) await coverUnprovenKey(act, actor);
  else if (!proven) throw notOwn(subject.key);
  await keepKeyBringer(act, machineId, manager);
  return released;
}

/** The machine is the manager's own from here on, as far as keys go. */
export async function keepKeyBringer(act: Act, machineId: string, manager: string): Promise<void> {
  await act.db.updateTable('machines').set({ keyed_by: manager }).where('id', '=', machineId).execute();
}

/** An approval that was given in the vault covers any number; one that the identity claims counts toward its ceiling. */
async function useGiven(
  act: Act,
  { action, approval, approvalProof }: StepRequest,
  takenOver: boolean,
): Promise<void> {
  if (approval === undefined) return;
  await useApproval(act, {
    claim: approval,
    steps: { action, approvalProof },
    purpose: stepHash(act.vault.id, action),
    counts: { class: takenOver ? 'takeOvers' : 'raises', units: 1 },
  });
}

function notOwn(name: string) {
  return refuse(
    'NeedsApproval',
    `${name} has no key of this manager so far, and no key of it vouches for this one: whoever brings it reads what ${name} reads.`,
    'A person approves the plan in the vault.',
  );
}
