/** One pass over one binding: the Kubernetes side, that is its key Secrets and its targets (design §2, §8). */
import type { KeyObject } from 'node:crypto';
import type { Reason } from '#api/v1alpha1/conditions.ts';
import {
  type Clock,
  type EventRecorder,
  isForbidden,
  isNamespaceTerminating,
  isQuotaExceeded,
  keyOf,
  SECRETS,
} from '#kube/kube.ts';
import type { AnyReconcileError, ReconcileContext, ReconcileResult } from '#runtime/runtime.ts';
import type { KeyCounts } from '../key-metrics.ts';
import type { MachineRegistry, OrganizationView } from '../machine-registry.ts';
import { failureOf } from '../organization/pass-failure.ts';
import { MACHINE_BINDINGS, organizationKeyOf } from '../resources.ts';
import { VaultAwayError } from '../vault-circuit.ts';
import type { BindingStatusWriter } from './binding-status-writer.ts';
import { broughtProblem } from './brought.ts';
import { claimedProblem } from './contested-key.ts';
import { type BindingInput, bindingIdentity, type MachineBinding } from './input.ts';
import type { KeyPass } from './key/key-pass.ts';
import { keyPairIn } from './key/key-secrets.ts';
import { KEY_CONDITIONS, type KeyCondition } from './key/key-standing.ts';
import type { KeyOutcome } from './key/one-key-pass.ts';
import { moveProblem } from './moved-secrets.ts';
import { type PartOutcome, stalled, waiting } from './part-outcome.ts';
import {
  type BindingStatus,
  bindingStatus,
  conditionsOf,
  readinessOf,
  suspendedStatus,
  watchedStatus,
} from './readiness.ts';
import type { Seals } from './seals.ts';
import type { SecretCache } from './secret-cache.ts';
import type { BindingClient, PassDeletions, SecretDeletions } from './secret-deletion.ts';
import { syncTargets, type TargetsOutcome } from './targets/target-pass.ts';
import type { Values } from './targets/target-world.ts';

export interface BindingDependencies {
  readonly kube: BindingClient;
  readonly cache: SecretCache;
  readonly registry: MachineRegistry;
  readonly keyPass: KeyPass;
  readonly writer: BindingStatusWriter;
  readonly recorder: EventRecorder;
  readonly keyCounts: KeyCounts;
  readonly seals: Seals;
  readonly deletions: SecretDeletions;
  /** How the binding of that key asks its vault for values. */
  readonly valuesOf: (key: string, organization: string, view: OrganizationView) => Values;
  /** True only where the cache of Organizations may be believed. */
  readonly organizationIsAbsent: (key: string) => boolean;
  /** The command that lets the operator write Secrets in a namespace. */
  readonly enableCommand: (namespace: string) => string;
  /** Since when a binding has been under way without a word in its status, by UID. */
  readonly underWay: Map<string, number>;
  readonly verifiedTargets: Map<string, string>;
  /** Names of other bindings of the namespace that claim a name of a Secret. */
  readonly rivals: (binding: MachineBinding, secretName: string) => readonly string[];
  /** Domains of labels and annotations that targets may name though other controllers go by them. */
  readonly allowedMetadata: readonly string[];
  readonly clock: Clock;
}

/**
 * Work that is done within this time shows only its end: a binding without conditions is under way to
 * kstatus anyhow, and each status is a write.
 */
const GRACE_MS = 2_000;
/** The same while nobody can do anything but wait: a thousand bindings that start at once take this long. */
const LONG_GRACE_MS = 15_000;
const NOBODY_CAN_ACT: ReadonlySet<string> = new Set([
  'Progressing',
  'Sealed',
  'Unreachable',
  'VaultError',
  'WaitingForKey',
  'WaitingForOrganization',
  'WaitingForRegistration',
]);
/** A RoleBinding for writing alone changes nothing in what is watched. */
const FORBIDDEN_AGAIN_MS = 60_000;
/** When a moment of a key has come: not at once again where clocks differ, and not so late that a timer cannot count. */
const SOONEST_MS = 1_000;
const LATEST_MS = 12 * 60 * 60 * 1000;
/** From this failure on in a row a transient error shows (engineering notes, Errors). */
const SHOWN_FROM = 3;

const NOT_LOOKED_AT = { synced: null, written: [], againAfterMs: null };

/** Called while the binding exists. */
export async function reconcileBinding(
  world: BindingDependencies,
  binding: MachineBinding,
  context: ReconcileContext,
): Promise<ReconcileResult> {
  if (binding.spec.suspend === true) {
    const { generation } = binding.metadata;
    const status = suspendedStatus(world.writer.current(binding), generation, world.clock.now());
    await world.writer.write(binding, status, context.signal);
    return {};
  }
  const organization = organizationKeyOf(binding);
  const view = world.registry.viewOf(organization);
  if (view === undefined) return withoutOrganization(world, binding, organization, context);
  const input = gather(world, binding, organization, view, context.signal);
  const { cache } = world;
  const blocked =
    namespaceProblem(world, input) ??
    broughtProblem(input, cache) ??
    moveProblem(input, cache) ??
    claimedProblem(input, cache, (name) => world.rivals(binding, name));
  if (blocked !== undefined) return report(world, input, { key: blocked }, context);
  // Whoever only watches makes no keys and writes no values; the key is offered all the same.
  const deletions = world.deletions.ofPass(regarding(binding), context.signal);
  if (!view.acts) {
    await world.keyPass.run(input, deletions);
    const current = world.writer.current(binding);
    const status = watchedStatus(current, input.summary, binding.metadata.generation, world.clock.now());
    await world.writer.write(binding, status, context.signal);
    return {};
  }
  /** While targets are under way: what the key came to, of which nothing that stops them says anything. */
  let keyed: Results | undefined;
  try {
    const key = await world.keyPass.run(input, deletions);
    const results = { key: key.outcome, found: key, deletions };
    if (key.outcome.is !== 'done' || input.machine === undefined)
      return await report(world, input, results, context);
    keyed = results;
    const targets = await syncUnlessAway(input, input.machine, targetWorld(world, input, key, deletions));
    keyed = undefined;
    if (!(targets instanceof VaultAwayError))
      return await report(world, input, { ...results, targets }, context);
    return await reportAway(world, input, results, targets, context);
  } catch (thrown) {
    const tell = (outcome: PartOutcome) => report(world, input, stoppedBy(outcome, keyed), context);
    const forbidden = forbiddenOutcome(world, input, thrown);
    if (forbidden !== undefined) return tell(forbidden);
    const failure = failureOf(thrown, context.signal);
    const shown = shownFailure(failure, context.failures);
    if (shown !== undefined) await tell(shown);
    throw failure;
  } finally {
    await deletions.tell();
  }
}

function stoppedBy(outcome: PartOutcome, keyed: Results | undefined): Results {
  return keyed === undefined ? { key: outcome } : { ...keyed, targets: { ...NOT_LOOKED_AT, outcome } };
}

async function syncUnlessAway(...pass: Parameters<typeof syncTargets>) {
  try {
    return await syncTargets(...pass);
  } catch (error) {
    if (error instanceof VaultAwayError) return error;
    throw error;
  }
}

/** What was Ready stays so: an outage of the vault blocks no deployment, and the Organization says how old all is. */
async function reportAway(
  world: BindingDependencies,
  input: BindingInput,
  results: Results,
  away: VaultAwayError,
  context: ReconcileContext,
): Promise<ReconcileResult> {
  const { conditions } = world.writer.current(input.binding);
  if (conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true) return {};
  return report(
    world,
    input,
    { ...results, away: waiting(away.reason as Reason, away.publicMessage) },
    context,
  );
}

const regarding = (object: MachineBinding) => ({ type: MACHINE_BINDINGS, object });

function gather(
  { registry, seals }: BindingDependencies,
  binding: MachineBinding,
  organization: string,
  view: OrganizationView,
  signal: AbortSignal,
): BindingInput {
  const key = keyOf(binding.metadata);
  return {
    key,
    binding,
    identity: bindingIdentity(binding, view.provider.address),
    organization,
    view,
    summary: view.summaries.get(key),
    machine: registry.machineOf(organization, binding.spec.machineName),
    seals,
    signal,
  };
}

/** What is known of the namespace's Secrets: nothing is concluded from a cache that may not be read. */
function namespaceProblem(
  { cache, enableCommand }: BindingDependencies,
  input: BindingInput,
): PartOutcome | undefined {
  const { namespace } = input.identity;
  const secret = cache.lookup({ namespace, name: input.binding.spec.key.secretName });
  if (secret.found !== 'unknown') return undefined;
  return secret.because === 'forbidden'
    ? notEnabled(namespace, enableCommand)
    : waiting('Progressing', 'the Secrets of the namespace are being listed');
}

function notEnabled(
  namespace: string,
  enableCommand: (namespace: string) => string,
  again?: number,
): PartOutcome {
  return stalled(
    'NamespaceNotEnabled',
    `the operator may not handle Secrets in namespace ${namespace}. Enable it: ${enableCommand(namespace)}`,
    again,
  );
}

function forbiddenOutcome(
  world: BindingDependencies,
  input: BindingInput,
  error: unknown,
): PartOutcome | undefined {
  if (isNamespaceTerminating(error)) {
    return stalled('NamespaceTerminating', 'the namespace is being deleted; nothing is created in it');
  }
  if (isQuotaExceeded(error)) {
    return stalled(
      'NamespaceQuotaReached',
      `a ResourceQuota of namespace ${input.identity.namespace} leaves no room for a Secret; raise it, or take Secrets away`,
      FORBIDDEN_AGAIN_MS,
    );
  }
  if (!isForbidden(error)) return undefined;
  return notEnabled(input.identity.namespace, world.enableCommand, FORBIDDEN_AGAIN_MS);
}

/** Null: the status stays as it is. */
function shownFailure(failure: AnyReconcileError, failures: number): PartOutcome | undefined {
  const { reason, publicMessage } = failure;
  const outcome = {
    reason: reason as Extract<PartOutcome, { is: 'stalled' }>['reason'],
    message: publicMessage,
  };
  switch (failure.class) {
    case 'Aborted':
    case 'Conflict':
    case 'RateLimited':
      return undefined;
    case 'Transient':
    case 'Bug':
      return failures + 1 < SHOWN_FROM ? undefined : { is: 'waiting', ...outcome };
    case 'Waiting':
      return { is: 'waiting', ...outcome };
    case 'Terminal':
    case 'Held':
    case 'Auth':
      return { is: 'stalled', ...outcome };
  }
}

async function withoutOrganization(
  world: BindingDependencies,
  binding: MachineBinding,
  organization: string,
  context: ReconcileContext,
): Promise<ReconcileResult> {
  // After a restart every binding waits for the first observation; what its status says still holds.
  const known = world.writer.current(binding).conditions?.some(({ type }) => type === 'Ready') === true;
  const absent = world.organizationIsAbsent(organization);
  if (known && !absent) return {};
  const outcome = absent
    ? waiting(
        'OrganizationNotFound',
        `there is no Organization ${organization}; nothing of this binding is changed`,
      )
    : waiting('WaitingForOrganization', `Organization ${organization} is not connected to its vault yet`);
  return report(world, { binding, summary: undefined, signal: context.signal }, { key: outcome }, context);
}

interface SyncedOrNot {
  readonly synced: TargetsOutcome['synced'] | null;
}

interface Results {
  readonly key: PartOutcome;
  readonly found?: KeyOutcome | undefined;
  /** `synced` null: it was not found out which are. */
  readonly targets?: (Omit<TargetsOutcome, 'synced'> & SyncedOrNot) | undefined;
  /** Why the values were not read: the vault does not answer. */
  readonly away?: PartOutcome | undefined;
  readonly deletions?: PassDeletions | undefined;
}

/** Writes the status where it differs, and one Event for what was changed. */
async function report(
  world: BindingDependencies,
  { binding, summary, signal }: Pick<BindingInput, 'binding' | 'summary' | 'signal'>,
  { key, found, targets, away, deletions }: Results,
  { failures }: ReconcileContext,
): Promise<ReconcileResult> {
  const { writer, clock, underWay } = world;
  const { uid = '', generation } = binding.metadata;
  const now = clock.now();
  const again = [key, targets?.outcome].flatMap((part) =>
    part?.is === 'stalled' && part.againAfterMs !== undefined ? [part.againAfterMs] : [],
  );
  const wake = found?.wakeAt ?? null;
  if (wake !== null) again.push(Math.min(Math.max(wake - now, SOONEST_MS), LATEST_MS));
  if (targets !== undefined && targets.againAfterMs !== null) again.push(targets.againAfterMs);
  const later: ReconcileResult = again.length === 0 ? {} : { againAfterMs: Math.min(...again) };

  const standing = found?.standing ?? null;
  const secrets = targets?.outcome ?? away;
  const readiness = readinessOf({ summary, key, secrets, standing });
  if (readiness.is === 'reconciling' && failures === 0) {
    const since = underWay.get(uid) ?? now;
    underWay.set(uid, since);
    const grace = NOBODY_CAN_ACT.has(readiness.reason) ? LONG_GRACE_MS : GRACE_MS;
    if (now - since < grace) return { againAfterMs: grace - (now - since) };
  } else {
    underWay.delete(uid);
  }
  const previous = writer.current(binding);
  const status = bindingStatus({
    generation,
    previous: conditionsOf(previous),
    summary,
    key,
    fingerprint: found?.fingerprint ?? previous.fingerprint ?? null,
    standing,
    secrets,
    targets: targets?.synced ?? [],
    now,
  });
  // What the targets hold does not change because this pass could not look at them.
  world.keyCounts.observe(uid, toldIn(status));
  const kept =
    (targets?.synced ?? null) === null && previous.targets !== undefined
      ? { ...status, targets: previous.targets }
      : status;
  await tell(
    world,
    binding,
    readiness,
    { key, found, targets, deletions },
    await writer.write(binding, kept, signal),
    previous.conditions ?? [],
    signal,
  );
  return later;
}

async function tell(
  { recorder }: BindingDependencies,
  object: MachineBinding,
  readiness: ReturnType<typeof readinessOf>,
  { found, targets, deletions }: Results,
  statusChanged: boolean,
  previous: readonly { readonly type: string; readonly reason: string }[],
  signal: AbortSignal,
): Promise<void> {
  const changes: string[] = [];
  if (found?.issued === true)
    changes.push(`the key ${shortOf(found.fingerprint)} was issued${placeText(found)}`);
  if ((targets?.written.length ?? 0) > 0)
    changes.push(`Secrets ${listOf(targets?.written ?? [])} were written`);
  const deleted = deletions?.takeUntold() ?? [];
  if (deleted.length > 0) changes.push(`Secrets ${deleted.join(', ')}, needed no more, were deleted`);
  if (changes.length > 0) {
    const action = found?.issued === true ? 'IssueKey' : 'SyncSecrets';
    const note = changes.join('; ');
    await recorder.record(
      { regarding: regarding(object), type: 'Normal', reason: 'Succeeded', action, note },
      signal,
    );
  }
  const { is, reason, message } = readiness;
  for (const type of KEY_CONDITIONS) {
    const note = found?.standing?.[type];
    if (note === undefined || previous.some((condition) => condition.type === type)) continue;
    await recorder.record(
      { regarding: regarding(object), type: 'Warning', reason: type, action: 'RotateKey', note },
      signal,
    );
  }
  const stalledBefore = previous.find(({ type }) => type === 'Stalled')?.reason;
  if (is === 'stalled' && statusChanged && stalledBefore !== reason) {
    await recorder.record(
      { regarding: regarding(object), type: 'Warning', reason, action: 'Reconcile', note: message },
      signal,
    );
  }
}

function targetWorld(
  world: BindingDependencies,
  input: BindingInput,
  key: KeyOutcome,
  deletions: PassDeletions,
) {
  const { kube, cache, registry } = world;
  return {
    kube,
    cache,
    deletions,
    values: world.valuesOf(input.key, input.organization, input.view),
    privateKey: () => mountedPrivateKey(world, input, key),
    hasSecret: (project: string, name: string) => registry.hasSecret(input.organization, project, name),
    sawVersions: (versions: readonly { id: string; version: number }[]) =>
      registry.moveSecrets(input.organization, versions),
    verified: world.verifiedTargets,
    rivals: (secretName: string) => world.rivals(input.binding, secretName),
    allowedMetadata: world.allowedMetadata,
  };
}

/** Read only when values are read: the key that pods use, or the one in hand from mounting it. */
async function mountedPrivateKey(
  { kube }: BindingDependencies,
  { identity, binding, signal }: BindingInput,
  key: KeyOutcome,
): Promise<KeyObject | undefined> {
  if (key.keys !== undefined) return key.keys.privateKey;
  const ref = { namespace: identity.namespace, name: binding.spec.key.secretName };
  const secret = await kube.find(SECRETS, ref, { signal });
  return secret === undefined ? undefined : keyPairIn(secret)?.privateKey;
}

function placeText({ movedFrom, followed }: Pick<KeyOutcome, 'movedFrom' | 'followed'>): string {
  if (movedFrom !== null) return `, in the place of one for ${movedFrom.vaultId} at ${movedFrom.url}`;
  return followed === null ? '' : `, in the place of ${shortOf(followed)}`;
}

function toldIn({ conditions = [] }: BindingStatus): KeyCondition[] {
  return KEY_CONDITIONS.filter((told) => conditions.some(({ type }) => type === told));
}

function shortOf(fingerprint: string | null): string {
  return (fingerprint ?? '').slice(0, 12);
}

function listOf(names: readonly string[]): string {
  return names.length <= 5
    ? names.join(', ')
    : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
