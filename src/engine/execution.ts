/** The second half of a pass: steps become requests, and answers are kept by step. */
import { canonicalJson, sha256 } from '#model/digest.ts';
import type { ManagedRecord, Provenance } from '#model/record.ts';
import { raisesOf } from '#model/step-raises.ts';
import type { Desired, DesiredKey, LossGroup, OrganizationPlan, Step } from '#planning/plan-types.ts';
import {
  type Fence,
  REFUSALS,
  type Refusal,
  type StepAnswer,
  type StepRequest,
} from '#protocol/management.ts';
import { type Provider, ProviderError } from '#provider/provider.ts';
import { type ApprovedPlan, claimOf as approvalClaimOf } from './approved.ts';
import { claimOf, type Trace } from './traced.ts';

/** Steps in one call; between two calls a pass can stop. The vault takes as many in a request. */
const BATCH = 500;

/** After these the rest of the plan was made from what no longer holds: observe again. */
const STOPPING: readonly Refusal[] = ['StaleBefore', 'LeaseLost', 'Frozen'];

export interface Execution {
  readonly provider: Provider;
  readonly desired: Desired;
  readonly plan: Pick<OrganizationPlan, 'vaultId' | 'epoch' | 'revision' | 'lossGroups'>;
  readonly fence: Fence;
  /** The steps to run, in order; losses among them run only if their class is reserved. */
  readonly steps: readonly Step[];
  readonly approved: ReadonlyMap<string, ApprovedPlan>;
  /** Looks up where the steps come from (A4); null: it is what their objects tell. */
  readonly trace: Trace | null;
  /** Of the organization, before these steps. */
  readonly records: readonly ManagedRecord[];
  readonly signal: AbortSignal;
}

export interface ExecutionOutcome {
  readonly answers: ReadonlyMap<string, StepAnswer>;
  readonly writes: number;
  readonly usedApprovals: readonly string[];
  readonly leaseLost: boolean;
}

/**
 * Sends the steps in batches, each class of losses reserved before its first step. A step or a class that is
 * refused stops no other. Throws ProviderError where the vault cannot be asked at all: what ran is seen by the next pass.
 */
export async function execute(execution: Execution): Promise<ExecutionOutcome> {
  const { provider, plan, fence, steps, approved, signal } = execution;
  const answers = new Map<string, StepAnswer>();
  const usedApprovals = new Set<string>();
  let writes = 0;
  const use = (claim: { via: string; reference: string } | null | undefined): void => {
    if (claim?.via === 'PlanApproval') usedApprovals.add(claim.reference);
  };

  const provenances = await provenancesOf(execution);
  const opened = openedBy(plan.lossGroups, steps);
  for (const run of runsOf(steps, opened)) {
    signal.throwIfAborted();
    const group = opened.get(run[0]);
    const refusal = group === undefined ? null : await reserve(execution, group);
    if (group !== undefined && refusal === null) {
      writes += 1;
      use(group.approval);
    }
    if (refusal !== null) for (const { hash } of group?.steps ?? []) answers.set(hash, refusal);
    const batch = run.filter(({ hash }) => !answers.has(hash));
    if (batch.length === 0) continue;
    const requests = batch.map((step) => requestOf(step, execution, provenances.get(step.hash) ?? {}));
    const results = await provider.execute(fence, requests, signal).catch((error: unknown) => {
      if (error instanceof ProviderError && error.class === 'Conflict')
        return refusedAlike(error, batch.length);
      throw error;
    });
    for (const [index, step] of batch.entries()) {
      const answer = results[index];
      if (answer === undefined) continue;
      answers.set(step.hash, answer);
      if (answer.status !== 'Done') continue;
      writes += 1;
      use(requests[index]?.approval ?? approved.get(step.hash)?.claim);
    }
    if (results.some(isStopping)) break;
  }
  const leaseLost = [...answers.values()].some((answer) => refusedWith(answer) === 'LeaseLost');
  return { answers, writes, usedApprovals: [...usedApprovals], leaseLost };
}

/**
 * The class of losses that each of these steps is the first of. It is reserved right before that step: the vault
 * judges a reservation by what there is, and the steps before it may give or take what a loss is made of. Explicit
 * suspensions need none, unless they are approved: one that the vault refuses would keep the others back.
 */
function openedBy(groups: readonly LossGroup[], steps: readonly Step[]): ReadonlyMap<Step, LossGroup> {
  const opened = new Map<Step, LossGroup>();
  for (const group of groups) {
    if (group.reservationId !== null || (group.class === 'suspensions' && group.approval === null)) continue;
    const hashes = new Set(group.steps.map(({ hash }) => hash));
    const first = steps.find(({ hash }) => hashes.has(hash));
    if (first !== undefined) opened.set(first, group);
  }
  return opened;
}

/** The steps in runs that fit one request; a run begins where a class of losses does. */
function runsOf(steps: readonly Step[], opened: ReadonlyMap<Step, LossGroup>): [Step, ...Step[]][] {
  const runs: [Step, ...Step[]][] = [];
  for (const step of steps) {
    const last = runs.at(-1);
    if (last === undefined || last.length === BATCH || opened.has(step)) runs.push([step]);
    else last.push(step);
  }
  return runs;
}

/** Null: reserved. A vault that cannot be asked is no refusal, and is thrown. */
async function reserve(execution: Execution, group: LossGroup): Promise<StepAnswer | null> {
  const { provider, fence, approved, signal } = execution;
  const released = group.steps.map(({ hash }) => approved.get(hash)).find(Boolean);
  try {
    await provider.reserve(
      {
        fence,
        class: group.class,
        actions: group.steps.map(({ action }) => action),
        approval: group.approval === null ? null : approvalClaimOf(group.approval),
        ...(released === undefined || group.approval === null
          ? {}
          : { approvedHashes: released.steps.hashes }),
      },
      signal,
    );
    return null;
  } catch (error) {
    if (!(error instanceof ProviderError) || (error.class !== 'Refused' && error.class !== 'Conflict'))
      throw error;
    return refusalOf(error);
  }
}

/** A request refused as a whole (lease lost, frozen) is the same answer to each of its steps. */
function refusedAlike(error: ProviderError, count: number): StepAnswer[] {
  return Array.from({ length: count }, () => refusalOf(error));
}

function refusalOf(error: ProviderError): StepAnswer {
  const code = Object.hasOwn(REFUSALS, error.code) ? (error.code as Refusal) : 'Invalid';
  return { status: 'Refused', code, message: error.publicMessage, next: REFUSALS[code] };
}

/** By step hash. */
async function provenancesOf({ trace, steps, records }: Execution): Promise<ReadonlyMap<string, Provenance>> {
  const byKey = new Map(records.map((record) => [`${record.kind}/${record.key}`, record]));
  const traced = steps.map((step) => ({
    step,
    record: byKey.get(`${step.subject.kind}/${step.subject.key}`),
  }));
  if (trace !== null) return trace(traced);
  return new Map(traced.map((one) => [one.step.hash, claimOf(one)]));
}

/** The request of one step. The same decision at the same revision has the same key: a repeat is harmless. */
function requestOf(step: Step, { plan, desired, approved }: Execution, provenance: Provenance): StepRequest {
  const key = publicKeyOf(step, desired);
  // Of a loss alone its reservation has it.
  const release = needsOwnApproval(step) ? approved.get(step.hash) : undefined;
  return {
    idempotencyKey: sha256(
      canonicalJson([plan.vaultId, plan.epoch, step.hash, plan.revision, key?.fingerprint ?? null]),
    ),
    action: step.action,
    ...(step.record === undefined ? {} : { record: step.record && { ...step.record, provenance } }),
    ...(step.record === null ? { dropRecord: step.subject } : {}),
    ...(step.record == null && step.source !== null ? { origin: step.source.namespace } : {}),
    ...(step.reinstate === null ? {} : { reinstate: step.reinstate }),
    ...(key === null ? {} : { publicKey: key.publicKey }),
    ...(step.action.kind === 'AddMachineKey' && key?.proof !== undefined ? { keyProof: key.proof } : {}),
    ...(release === undefined
      ? {}
      : { approval: release.claim, approvalProof: release.steps.proofOf(step.hash) }),
    provenance,
  };
}

function needsOwnApproval({ action, consequence, reinstate, record }: Step): boolean {
  if (consequence.loss === null) return true;
  const circumstances = { reinstates: reinstate !== null, takenOver: true, moves: record != null };
  return raisesOf(action, consequence, circumstances).length > 0;
}

/** The key that travels beside a registration; it was made in the cluster. */
function publicKeyOf({ action, source }: Step, desired: Desired): DesiredKey | null {
  if (action.kind !== 'RegisterMachine' && action.kind !== 'AddMachineKey') return null;
  // Another binding may name the machine too: the key is that of the one which acts.
  const acting = desired.machines.find(
    (machine) => machine.source.namespace === source?.namespace && machine.source.name === source.name,
  );
  return acting?.key ?? null;
}

/** The code of a refusal; null for any other answer. */
export function refusedWith(answer: StepAnswer | undefined): Refusal | null {
  return answer?.status === 'Refused' ? answer.code : null;
}

function isStopping(answer: StepAnswer): boolean {
  const code = refusedWith(answer);
  return code !== null && STOPPING.includes(code);
}
