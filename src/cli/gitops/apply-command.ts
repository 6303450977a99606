import { setTimeout as sleep } from 'node:timers/promises';
import { preview } from '#engine/observe.ts';
import { type WhatIsOpen, whatIsOpen } from '#engine/open.ts';
import { holdsToKeep, runPass } from '#engine/pass.ts';
import type { PassInput, PassResult, Preview } from '#engine/pass-types.ts';
import type { HoldReason } from '#planning/plan-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import { ProviderError } from '#provider/provider.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { stopOnSignals } from '../terminal/interruption.ts';
import { print, tell } from '../terminal/print.ts';
import { readText } from '../terminal/text-file.ts';
import { appliedLines, type StepResult } from './apply-text.ts';
import { commitTrace } from './commit-trace.ts';
import type { ConfirmApply } from './confirm-apply.ts';
import { type Accepted, outcomesOf } from './open-outcomes.ts';
import { type PlanDocument, planDocument } from './plan-document.ts';
import { openLine, planText } from './plan-text.ts';
import { reviewedPlan, reviewedSteps } from './reviewed-plan.ts';
import { openSession, type VaultOptions } from './vault-session.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** How long the operator may take to finish its pass and yield, in milliseconds (rail 10). */
const YIELD_WITHIN = 30_000;
/** How often the lease is asked for meanwhile. */
const ASK_EVERY = 500;
/** Passes of one apply: each runs until nothing is left, unless the vault or the lease moves below it. */
const PASSES = 3;

/** All that a plan holds and an approval would release, and where it is given. */
export interface HeldPlan {
  readonly digest: string;
  readonly vaultId: string;
  readonly url: string;
}

/** Whether a person approves it now. Throws Failure. */
export type ApproveHeld = (held: HeldPlan) => Promise<boolean>;

interface ApplyOptions extends VaultOptions {
  readonly plan?: string;
  readonly accept?: Accepted;
}

/** `seneschal apply DIR`. Exits 0, 2, 3, 4 or 5. */
export async function apply(
  folder: string,
  options: ApplyOptions,
  approveHeld: ApproveHeld,
  confirm: ConfirmApply,
): Promise<CommandOutcome[]> {
  const workspace = await openWorkspace(folder, options);
  const reviewed =
    options.plan === undefined ? null : reviewedPlan(await readText(options.plan, '--plan'), options.plan);
  const stop = stopOnSignals();
  const session = await openSession(workspace, options, stop.signal);
  try {
    let first = await preview(session);
    let planned = documentOf(workspace, first);
    const only = reviewed === null ? null : reviewedSteps(reviewed, planned, first.plan.lossGroups);
    if (options.output === 'text') print(planText(workspace, first, openIn(workspace, first)));
    const digest = digestToApprove(first, only);
    const { vaultId, url } = session.provider.address;
    if (digest !== null && (await approveHeld({ digest, vaultId, url }))) {
      first = await preview({ ...session, known: first.observation.snapshot });
      planned = documentOf(workspace, first);
    }

    const runs = planned.steps.filter(
      ({ hash, standing }) => standing === 'Run' && only?.has(hash) !== false,
    );
    if (runs.length > 0 && !(await confirm(runs.length))) {
      tell('Nothing was applied.');
      return outcomesOf(openIn(workspace, first), options.accept);
    }
    const answers = new Map<string, StepAnswer>();
    let last: Preview = first;
    // What is held is kept by the vault (rail 1): also where nothing runs, there is that to write.
    if (runs.length > 0 || holdsToKeep(first) !== null) {
      const trace = commitTrace(folder, workspace);
      const input = { ...session, known: first.observation.snapshot, only, trace };
      await holdLease(input);
      try {
        last = await applied(input, answers);
      } finally {
        // The lease runs out by itself where it cannot be given back.
        await session.lease.release(session.provider, stop.signal).catch(() => undefined);
      }
    }
    return report(workspace, options, planned, last, answers);
  } finally {
    stop.release();
    await session.provider.close();
  }
}

/** Of all that is held, where an approval lets it run now: as reviewed, and nothing stops everything. */
function digestToApprove({ plan, observeOnly }: Preview, only: ReadonlySet<string> | null): string | null {
  const isStopped = observeOnly !== null || plan.held.some(({ reason }) => STOPS.includes(reason));
  if (isStopped || only === null) return isStopped ? null : plan.digest;
  const toRelease = plan.held.filter(({ digest }) => digest !== null).flatMap(({ steps }) => steps);
  return toRelease.every(({ hash }) => only.has(hash)) ? plan.digest : null;
}

const STOPS: readonly HoldReason[] = ['Frozen', 'ObserveOnly'];

async function applied(input: PassInput, answers: Map<string, StepAnswer>): Promise<Preview> {
  let result: PassResult | null = null;
  for (let pass = 0; pass < PASSES && (result === null || result.unfinished); pass++) {
    result = await runPass({
      ...input,
      known: result?.observation.snapshot ?? input.known,
      settling: result?.settling ?? input.settling,
    });
    for (const [hash, answer] of result.answers) answers.set(hash, answer);
  }
  return result as PassResult;
}

/** Asks until the operator has yielded. Throws Failure where it does not, ProviderError where others hold it. */
async function holdLease({ lease, provider, now, signal }: PassInput): Promise<void> {
  const until = now() + YIELD_WITHIN;
  for (let told = false; ; told = true) {
    try {
      await lease.hold(provider, now(), signal);
      return;
    } catch (error) {
      if (!(error instanceof ProviderError) || error.code !== 'LeaseHeld') throw error;
      if (now() >= until) {
        throw new Failure(
          'Error',
          `LeaseHeld: another process of manager ${lease.manager} holds the lease of the vault and did not yield within 30 s (rail 10).`,
          'Run again; if it stays so, look at the operator.',
        );
      }
      if (!told) tell(`waiting for the lease of manager ${lease.manager} ...`);
      await sleep(ASK_EVERY, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

function documentOf(workspace: Workspace, seen: Preview): PlanDocument {
  return planDocument(workspace, seen, openIn(workspace, seen));
}

/** What a plan leaves open; `answers`: of the steps that ran on the way to it. */
function openIn(
  { desired }: Workspace,
  { plan }: Preview,
  answers: ReadonlyMap<string, StepAnswer> = new Map(),
): WhatIsOpen {
  return whatIsOpen(desired, { plan, answers });
}

function report(
  workspace: Workspace,
  options: ApplyOptions,
  planned: PlanDocument,
  last: Preview,
  answers: ReadonlyMap<string, StepAnswer>,
): CommandOutcome[] {
  const open = openIn(workspace, last, answers);
  const rest = planDocument(workspace, last, open);
  const known = new Map([...planned.steps, ...rest.steps].map((step) => [step.hash, step]));
  const results: StepResult[] = [...answers].map(([hash, answer]) => ({
    hash,
    kind: known.get(hash)?.kind ?? 'Step',
    key: known.get(hash)?.key ?? hash,
    ...(answer.status === 'Done' ? { status: answer.status } : answer),
  }));
  if (options.output === 'json')
    print(JSON.stringify({ ...planned, open: rest.open, results, rest }, null, 2));
  else print([...appliedLines(results), openLine(open, 'Everything is as declared.')].join('\n'));
  return outcomesOf(open, options.accept);
}
