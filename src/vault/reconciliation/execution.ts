/**
 * Execution of steps: each in a transaction of its own, in order, so that one refused stops no other.
 * One that cannot be read is answered without one. In the transaction: fence, kept answer, freeze flag, ability, bounds, manager, the step with its own checks, the
 * loss judged again, the audit entry, the ledger, the managed record, the kept answer.
 *
 * Decides rail 11: that a step changes nothing of another manager.
 */
import { setImmediate } from 'node:timers/promises';
import { withAdoption } from '#model/adoption.ts';
import { consequence, DROPS_BY_ITS_LOSS } from '#model/consequence.ts';
import { canonicalJson, stepHash, UnpairedSurrogateError } from '#model/digest.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { ActionOf, StepAction, StepKind } from '#model/step.ts';
import { type Raise, raisesOf } from '#model/step-raises.ts';
import { takesForeign } from '#model/takes-foreign.ts';
import type { Fence, Refusal, StepAnswer, StepRequest, StepsAnswer } from '#protocol/management.ts';
import { REFUSALS } from '#protocol/management.ts';
import type { ReadSteps } from '#protocol/schemas.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act, VaultContext } from '../act/context.ts';
import { keepAnswer, keptAnswer } from '../act/kept-answers.ts';
import { authorize, stepRequirement } from '../authorization/authorization.ts';
import { checkProjectBound, recordRegistration } from '../automation/automation-bounds.ts';
import {
  checkIfMatch,
  type DelegatedCall,
  type DelegatedWrite,
  keepWrite,
  keptWrite,
} from '../automation/delegated-writes.ts';
import { actDelegated } from '../automation/delegation.ts';
import { coverGain } from '../automation/gain-budgets.ts';
import { DomainError, refuse } from '../common/domain-error.ts';
import { SealedError } from '../crypto/secret-cipher.ts';
import { GROUP_STEPS } from '../groups/group-steps.ts';
import { MACHINE_STEPS } from '../machines/machine-steps.ts';
import { appliedAuthority, appliedSettings } from '../managed/applied-settings.ts';
import { checkNameKept } from '../managed/former-names.ts';
import { markTakenBack } from '../managed/kept-raises.ts';
import { dropRecord, keepApproved, managerOf, putRecord, type Subject } from '../managed/records.ts';
import type { Effect, StepState, StepType, StepTypes } from '../managed/step.ts';
import { MEMBER_STEPS } from '../members/member-steps.ts';
import { PROJECT_STEPS } from '../secrets/project-steps.ts';
import { RESTORE_STEPS } from '../secrets/restore-steps.ts';
import { UnstorableTextError } from '../store/storable.ts';
import { TEMPLATE_STEPS } from '../templates/template-steps.ts';
import { checkStepOfLapsed } from '../tiers/lapse.ts';
import { coverAddedKey, keepKeyBringer } from './added-keys.ts';
import { adoptedBy } from './adoption.ts';
import { inviteApproved } from './approved-invites.ts';
import { circumstancesOf, coverStepRaises, stepWaits } from './covered-raises.ts';
import { checkFence, checkFreeze } from './lease.ts';
import { coverLoss, forgetReserved, recordLoss } from './losses.ts';
import { ORGANIZATION_STEPS } from './organization-steps.ts';
import { readStep } from './step-reading.ts';
import { keepRaised, raiseTakenBack } from './take-backs.ts';

const STEP_TYPES: StepTypes = {
  ...ORGANIZATION_STEPS,
  ...TEMPLATE_STEPS,
  ...GROUP_STEPS,
  ...PROJECT_STEPS,
  ...RESTORE_STEPS,
  ...MEMBER_STEPS,
  ...MACHINE_STEPS,
};

/** Steps that count toward a budget of gains, each as one (V4). */
const COUNTED_GAINS: { readonly [Kind in StepKind]?: 'invites' | 'projects' | 'machines' } = {
  InviteMember: 'invites',
  ResendInvite: 'invites',
  CreateProject: 'projects',
  RegisterMachine: 'machines',
};

/** What became of a fault that is not the caller's; the log has it, the answer has not. */
export type ReportFault = (error: unknown) => void;

/** After how many steps others have their turn. */
const STEPS_A_TURN = 8;

/** Not thrown: what ran before the delegation ended is answered too (V4, O3). */
const ENDED: StepAnswer = {
  status: 'Refused',
  code: 'Forbidden',
  message: 'The delegation of this automation identity ended, or its key was revoked.',
  next: 'The owner makes an identity, where there is to be one.',
};

/** Runs the steps of one request. Throws `VaultNotFound`, `Stale` and `IdempotencyKeyReused` of the request; all else is in the answers. */
export async function runSteps(
  context: VaultContext,
  by: DelegatedCall,
  { fence, steps }: ReadSteps,
  report: ReportFault,
): Promise<StepsAnswer> {
  const { vaultId } = by;
  const kept = await keptWrite(context.reader, by, context.clock.now());
  if (kept !== undefined) return kept as StepsAnswer;
  const results: StepAnswer[] = [];
  // Of the first step that runs: it moves what the next one would be held against.
  let isMatched = false;
  let isOver = false;
  for (const [index, sent] of steps.entries()) {
    // Statements answer without waiting for I/O, so a batch would keep every other request out until its end.
    if (index % STEPS_A_TURN === STEPS_A_TURN - 1) await setImmediate();
    if (isOver) {
      results.push(ENDED);
      continue;
    }
    const { step, refusal } = readStep(sent);
    if (step === null) {
      results.push(refusal);
      continue;
    }
    try {
      const check = isMatched ? null : by.write;
      results.push(await actDelegated(context, by, (act, actor) => runStep(act, actor, fence, step, check)));
      isMatched = true;
    } catch (error) {
      isOver = error instanceof DomainError && error.status === 401;
      results.push(isOver ? ENDED : answerOf(error, report));
    }
  }
  const { revision } = await context.reader
    .selectFrom('vaults')
    .select('revision')
    .where('id', '=', vaultId)
    .executeTakeFirstOrThrow();
  const answer = { results, revision };
  // A server that is killed before knows the steps by keys of their own.
  if (by.write.key !== null && !isOver) {
    await context.bookkeep((db) => keepWrite(db, by, answer, context.clock.now()));
  }
  return answer;
}

async function runStep(
  act: Act,
  actor: AutomationActor,
  fence: Fence,
  request: StepRequest,
  write: DelegatedWrite | null,
): Promise<StepAnswer> {
  const { action } = request;
  const { freeze } = await checkFence(act, actor, fence);
  const kept = await keptAnswer(act, actor, request);
  if (kept !== null) return kept;
  if (write !== null) checkIfMatch(write, act.vault);
  checkFreeze(freeze, [action]);

  const type = STEP_TYPES[action.kind] as StepType<StepKind>;
  const subject = type.subject(action);
  authorize(actor, stepRequirement(action.kind, subject.kind));
  checkRecord(act, request, subject);
  await checkNameKept(act, subject, {
    manager: fence.manager,
    origin: request.record?.origin ?? request.origin,
  });
  await checkProjectBound(act, actor, action, subject);
  const counted = COUNTED_GAINS[action.kind];
  let approved = counted === undefined ? null : await inviteApproved(act, request);
  if (counted !== undefined && approved === null) await coverGain(act, actor, counted);
  const managedBy = await managerOf(act, subject);
  const isTaken = !putsRecord(request) && takesForeign(appliedAuthority(act.vault), subject.kind, action);
  const withdraws = type.withdraws && !putsRecord(request) && !isTaken;
  checkManagement(managedBy, withdraws, subject, keeperOf(action, fence));
  const adopted = managedBy === null && !isTaken ? await adoptedBy(act, request, subject) : null;
  const circumstances = await circumstancesOf(act, request, subject);
  const { audit, judged, machineId, keyProven } = await type.run(
    act,
    action as ActionOf<StepKind>,
    request,
    fence,
  );
  if (action.kind === 'RegisterMachine' && machineId !== undefined) {
    await recordRegistration(act, actor, { machineId, manager: fence.manager });
    await keepKeyBringer(act, machineId, fence.manager);
  }
  const hash = stepHash(act.vault.id, action);
  const consequences = consequence(asState(judged), action, act.now);
  const { loss } = consequences;
  checkStepOfLapsed(act, action.kind, consequences);
  const judgedWhole = withAdoption(consequences, action, adopted);
  let released = false;
  if (keyProven !== undefined && machineId !== undefined) {
    const { takenOver } = circumstances;
    const brought = { machineId, proven: keyProven, manager: fence.manager, takenOver };
    // Where taking a machine over waits by itself, the approval is used for that below.
    if (adopted !== null && stepWaits(act, subject, judgedWhole, circumstances)) {
      await keepKeyBringer(act, machineId, fence.manager);
    } else released = await coverAddedKey(act, actor, request, subject, brought);
  }
  if (!released) {
    approved = (await coverStepRaises(act, actor, request, subject, judgedWhole, circumstances)) ?? approved;
  }
  const raise = loss === null ? null : await raiseTakenBack(act, action, consequences);
  const lost = loss === null || loss.units === 0 || raise !== null ? null : { ...loss, stepHash: hash };
  if (request.record === null && lost === null) checkDropOfNothing(action, subject);
  const cover = lost === null ? null : await coverLoss(act, lost);
  if (loss !== null && lost === null) await forgetReserved(act, hash);
  const said = withRaises(audit, raisesOf(action, judgedWhole, circumstances));
  const details = {
    ...said.details,
    ...(raise === null ? {} : { takesBack: raise.entry }),
    ...(approved === null || said.details?.approval !== undefined ? {} : { approval: { ...approved } }),
  };
  const entry = await act.audit({
    ...said,
    subject,
    provenance: request.provenance,
    ...(Object.keys(details).length === 0 ? {} : { details }),
  });
  if (lost !== null && cover !== null) await recordLoss(act, entry, lost, cover);
  if (raise !== null) await markTakenBack(act, raise);
  const ownRecord = (await managerOf(act, subject)) === fence.manager;
  if (ownRecord) await keepRaised(act, action, { judged: consequences, state: judged, circumstances, entry });
  await moveRecord(act, request, subject, fence.manager);
  if (approved !== null) await keepApproved(act, subject, approved);

  const answer = { status: 'Done', entry, ...(machineId === undefined ? {} : { machineId }) } as const;
  await keepAnswer(act, actor, request, answer);
  return answer;
}

/** Whose the record of the subject is before the step: a take-over is of another's. */
function keeperOf(action: StepAction, fence: Fence): string {
  return action.kind === 'TakeOver' ? action.before.manager : fence.manager;
}

/** After these there is nothing to manage, or of a person or a group no more than grants that went with the step. */
const DROPPING: ReadonlySet<StepKind> = new Set<StepKind>([
  ...(['DeleteTemplate', 'DeleteGroup', 'DeleteProject', 'CancelInvite', 'RemoveMember'] as const),
  ...(['RevokeMachine', 'Release'] as const),
  ...DROPS_BY_ITS_LOSS,
]);

/** Rail 11: nothing of another manager is touched, and nothing is withdrawn that is not this manager's, unless the authority over it is exclusive. */
function checkManagement(other: string | null, withdraws: boolean, subject: Subject, manager: string): void {
  if (other === manager || (other === null && !withdraws)) return;
  throw refuse(
    'Foreign',
    other === null
      ? `${subject.kind} ${subject.key} is managed by nobody.`
      : `${subject.kind} ${subject.key} is managed by ${other}.`,
  );
}

/**
 * V3: a step moves the record of its own subject, so that its ability covers the record too. That of the
 * organization says the rails that are in force: managers judge approvers by it, so it must not loosen by itself.
 */
function checkRecord(act: Act, { action, record, dropRecord }: StepRequest, { kind, key }: Subject): void {
  for (const about of [record, dropRecord]) {
    if (about != null && (about.kind !== kind || about.key !== key)) {
      throw refuse('Invalid', `The record is that of ${about.kind} ${about.key}, not of ${kind} ${key}.`);
    }
  }
  if (record === null && !DROPPING.has(action.kind)) {
    throw refuse(
      'Invalid',
      `${action.kind} drops no record: Release does, which is judged by itself (rail 1).`,
    );
  }
  if (record?.kind !== 'Organization') return;
  const inForce = action.kind === 'ApplySettings' ? action.after : appliedSettings(act.vault);
  const { rails = null } = (record.applied ?? {}) as { readonly rails?: unknown };
  if (canonicalJson(rails) !== canonicalJson(inForce)) {
    throw refuse('Invalid', 'The record says other rails than those that are in force.');
  }
}

/** Rail 1: a record that goes with a step goes with what the step takes; by a step that takes nothing, or takes a raise back, it would go uncounted. */
function checkDropOfNothing({ kind }: StepAction, subject: Subject): void {
  if (!DROPS_BY_ITS_LOSS.has(kind)) return;
  throw refuse(
    'StaleBefore',
    `${kind} takes nothing from ${subject.kind} ${subject.key} that counts by now, so its record does not go with it.`,
    'Release drops the record, which is counted (rail 1).',
  );
}

/** An object that is adopted and withdrawn from in one step (a binding that starts suspended) brings its record. */
function putsRecord({ record }: StepRequest): boolean {
  return record != null;
}

async function moveRecord(act: Act, request: StepRequest, subject: Subject, manager: string): Promise<void> {
  const { record, action } = request;
  if (record != null) await putRecord(act, record, manager);
  else if (record === null || action.kind === 'Release') {
    await dropRecord(act, request.dropRecord ?? subject, manager);
  }
}

/** Rail 2: with who is raised by what, for the audit log and for whom it is told to (`urgencyOf`). */
function withRaises(audit: Effect['audit'], raises: readonly Raise[]): Effect['audit'] {
  const byWho = Map.groupBy(raises, ({ who }) => who);
  const raised = [...byWho].map(([who, each]) => ({ who, raised: each.map(({ what }) => what) }));
  return raised.length === 0 ? audit : { ...audit, details: { ...audit.details, raised } };
}

/** The state as far as the consequence of this one step looks at it. */
function asState(judged: StepState = {}): OrganizationState {
  return {
    members: [],
    groups: [],
    templates: [],
    machines: [],
    projects: [],
    ...judged,
  } as unknown as OrganizationState;
}

function answerOf(error: unknown, report: ReportFault): StepAnswer {
  if (error instanceof DomainError && Object.hasOwn(REFUSALS, error.code)) {
    const code = error.code as Refusal;
    const { inUse } = error;
    const said = { code, message: error.detail, next: error.next ?? REFUSALS[code] };
    return { status: 'Refused', ...said, ...(inUse === undefined ? {} : { inUse }) };
  }
  if (error instanceof UnstorableTextError) return answerOf(refuse('Invalid', error.message), report);
  if (error instanceof UnpairedSurrogateError)
    return answerOf(refuse('Invalid', `Here ${error.message}.`), report);
  if (error instanceof SealedError) return { status: 'Failed', message: error.message };
  if (error instanceof DomainError) throw error;
  report(error);
  return { status: 'Failed', message: 'The vault server failed at this step.' };
}
