/**
 * One pass over one organization: the vault side of everything that is declared for it (design §2).
 *
 * Decides rail 9: that a deleted Organization changes nothing in the vault.
 */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import type { VaultLease } from '#engine/manager-lease.ts';
import { runPass } from '#engine/pass.ts';
import type { DesiredResult, PassResult } from '#engine/pass-types.ts';
import { traceOf } from '#engine/traced.ts';
import { type EventRecorder, keyOf } from '#kube/kube.ts';
import type { VaultAddress } from '#model/vault-address.ts';
import type { Snapshot } from '#provider/provider.ts';
import type { AnyReconcileError, Clock, ReconcileContext, ReconcileResult } from '#runtime/runtime.ts';
import type { MachineKeys } from '../machine-keys.ts';
import type { OpenCounts } from '../open-metrics.ts';
import { customResource, namespacesOf, type Resource, resourceType } from '../resources.ts';
import { readApprovalsProvenSince } from './approval-proof.ts';
import { bindingSummaries } from './binding-summaries.ts';
import { isUnreached } from './change-feed.ts';
import { watchCredentials } from './credentials-watch.ts';
import type { DeclaredUnder } from './declared-under.ts';
import type { Deliveries } from './deliveries.ts';
import { noteExecuted } from './executed.ts';
import { formerOrganization, mayTakeOver, notTakenOver } from './former-organization.ts';
import { viewIsFresh } from './fresh-view.ts';
import { declarationsOf, type OrganizationObjects, objectsNaming } from './objects.ts';
import type { Connection, OrganizationMemory } from './organization-memory.ts';
import type { StatusWriter } from './organization-status-writer.ts';
import { eventsOf } from './pass-events.ts';
import { failedStatusOf, failureOf } from './pass-failure.ts';
import { failed, heard, newContact } from './silence.ts';
import { orphanStatusesOf } from './statuses/orphan.ts';
import { withoutStale } from './statuses/silent.ts';
import { type StatusPatch, statusesOf } from './statuses/statuses.ts';
import { suspendedStatusOf } from './statuses/suspended.ts';
import { awaitReturn, connect, follow, holdLease, type VaultDependencies } from './vault-connection.ts';
import { isMoveAllowed } from './vault-moves.ts';

export interface PassDependencies extends VaultDependencies {
  /** Rail 6. */
  readonly isComplete: (namespace: string) => boolean;
  readonly declaredUnder: DeclaredUnder;
  readonly deliveries: Deliveries;
  readonly keys: MachineKeys;
  readonly writer: StatusWriter;
  readonly recorder: EventRecorder;
  readonly openCounts: OpenCounts;
}

/** A new Organization may be on its way, as in a folder that is just being applied. */
const ABSENT_FOR_MS = 2_000;
/** How long the lease is left to the command line that asked for it, before the operator asks again. */
const YIELD_MS = 2_000;
/** The Secrets of its namespace are being listed; the end of it wakes the Organization. */
const LISTING_MS = 5_000;
/** A3: the anchor is written along with other changes or hourly. */
const ANCHOR_MS = 60 * 60 * 1000;
/** What was left over in a pass that wrote nothing waits a moment: a lost lease, a fault of the vault. */
const LEFT_OVER_MS = 1_000;

/** Called while the Organization exists: connects, plans, executes, publishes and writes what changed. */
export async function reconcileOrganization(
  dependencies: PassDependencies,
  session: OrganizationMemory,
  organization: Resource<'Organization'>,
  { signal, failures }: ReconcileContext,
): Promise<ReconcileResult> {
  const { stores, writer, clock } = dependencies;
  const objects = withNewestStatuses(writer, { ...objectsNaming(stores, session.key), organization });
  try {
    if (organization.spec.suspend === true) return await suspend(dependencies, session, objects, signal);
    const yielded = session.yieldUntil - clock.now();
    if (yielded > 0) return { againAfterMs: yielded };
    session.contact ??= newContact(clock.now());
    watchCredentials(dependencies, session, organization);
    const connection = await connect(dependencies, session, objects.organization, signal);
    if (connection === 'not known yet') return { againAfterMs: LISTING_MS };
    const { address } = connection.access.credentials;
    const input = await gather(dependencies, objects, address, { known: session.known, signal });
    const lease = session.leaseOf(input.desired.manager);
    const held = await holdLease(lease, connection, objects.organization, clock, signal);
    if (held === 'yielded') return { againAfterMs: YIELD_MS };
    const executed = noteExecuted(connection.provider, session.log.executed(objects));
    const result = await runPass({
      ...input,
      provider: executed.provider,
      known: session.known,
      anchor: session.anchorOf(address) ?? anchorOf(objects.organization, address),
      anchorDue: anchorIsDue(session, clock),
      settling: session.settling,
      settle: true,
      lease,
      only: null,
      now: () => clock.now(),
      signal,
      confirmLosses: () => confirmLosses(dependencies, organization, signal),
      trace: traceOf((delivery, into) => dependencies.deliveries.read(delivery, into, signal)),
    });
    // A process before this one had it by another name: it is this installation's to give back.
    if (await lease.releaseFormer(connection.provider, result.observation.volatile.lease, signal))
      return { againAfterMs: 0 };
    session.log.passed(objects, result);
    session.passed(result, address);
    session.contact = heard(clock.now());
    dependencies.probes.heard(session.key);
    follow(dependencies, session, connection, lease, result.observation);
    const usedApprovals = [...session.usedApprovals];
    const changed = await session.writing(async () => {
      const patches = statusesOf(
        withNewestStatuses(writer, objects),
        input.desired,
        { ...result, usedApprovals, address },
        clock.now(),
      );
      dependencies.openCounts.observe(session.key, openCountsOf(patches));
      publish(dependencies, session, connection, objects.organization, result, lease, patches);
      const differing = writer.changed(patches, anchorIsDue(session, clock)).map(withoutStale);
      await writer.write(differing, signal);
      return differing;
    });
    if (changed.some(({ kind }) => kind === 'Organization')) session.anchorWrittenAt = clock.now();
    for (const name of usedApprovals) session.usedApprovals.delete(name);
    await tell(dependencies, objects, executed.steps, changed, signal);
    // The engine has given the lease back.
    if (result.observation.volatile.yieldRequested) session.yieldUntil = clock.now() + YIELD_MS;
    return lookAgain(session, objects.organization, address, result, clock.now());
  } catch (thrown) {
    const failure = failureOf(thrown, signal);
    if (isUnreached(thrown)) awaitReturn(dependencies, session);
    await reportFailure(dependencies, session, objects, failure, { signal, failures });
    throw failure;
  }
}

/** While a pass ran, a status of these objects may have been written beside it. */
function withNewestStatuses(writer: StatusWriter, objects: OrganizationObjects): OrganizationObjects {
  return {
    ...writer.freshest(objects),
    organization: writer.one('Organization', objects.organization),
  };
}

/**
 * Called while there is no such Organization, or it is being deleted: stops managing. Nothing in the vault
 * changes (rail 9), and nothing of the cluster waits for it.
 */
export async function leaveOrganization(
  dependencies: PassDependencies,
  session: OrganizationMemory,
  organization: Resource<'Organization'> | undefined,
  { signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const { stores, writer, clock, registry, openCounts } = dependencies;
  registry.withdraw(session.key);
  openCounts.forget(session.key);
  dependencies.probes.heard(session.key);
  session.contact = null;
  await session.end(signal);
  if (organization !== undefined) return {};
  const objects = writer.freshest(objectsNaming(stores, session.key));
  const patches = writer.changed(orphanStatusesOf(objects, clock.now()), false);
  if (patches.length === 0) return {};
  session.absentSince ??= clock.now();
  const remaining = session.absentSince + ABSENT_FOR_MS - clock.now();
  if (remaining > 0) return { againAfterMs: remaining };
  await writer.write(patches, signal);
  return {};
}

async function suspend(
  dependencies: PassDependencies,
  session: OrganizationMemory,
  objects: OrganizationObjects,
  signal: AbortSignal,
): Promise<ReconcileResult> {
  const { writer, registry, clock, openCounts } = dependencies;
  registry.withdraw(session.key);
  openCounts.forget(session.key);
  session.contact = null;
  dependencies.probes.heard(session.key);
  await session.disconnect(signal);
  await session.writing(() => {
    const object = writer.one('Organization', objects.organization);
    const status = suspendedStatusOf(object, clock.now());
    return writer.write(writer.changed([{ kind: 'Organization', object, status }], false), signal);
  });
  return {};
}

/** Says in the status what keeps the organization from being managed, and lets go of what failed. */
async function reportFailure(
  dependencies: PassDependencies,
  session: OrganizationMemory,
  objects: OrganizationObjects,
  failure: AnyReconcileError,
  { signal, failures }: Pick<ReconcileContext, 'signal' | 'failures'>,
): Promise<void> {
  const { writer, registry, clock } = dependencies;
  if (session.contact !== null) session.contact = failed(session.contact);
  // Credentials may be others by now: they are read again at the next try.
  if (failure.class === 'Auth') await session.disconnect(signal);
  if (failure.class === 'Auth' || failure.class === 'Terminal') registry.withdraw(session.key);
  const changed = await session.writing(async () => {
    const object = writer.one('Organization', objects.organization);
    const status = failedStatusOf(object, failure, failures, clock.now());
    const differing =
      status === null ? [] : writer.changed([{ kind: 'Organization', object, status }], false);
    await writer.write(differing, signal);
    return differing;
  });
  await tell(dependencies, objects, [], changed, signal);
}

/** Everything that is declared, in one value. */
async function gather(
  dependencies: PassDependencies,
  objects: OrganizationObjects,
  address: VaultAddress,
  { known, signal }: { readonly known: Snapshot | null; readonly signal: AbortSignal },
) {
  const { client, keys, declaredUnder } = dependencies;
  const organization = customResource('Organization', objects.organization);
  const uids = await declaredUnder.read(objects.organization, signal);
  const machineKeys = new Map(
    objects.bindings.flatMap(({ metadata }) => {
      const key = keys.keyOf(metadata.namespace ?? '', metadata.name, address);
      return key === null ? [] : [[keyOf(metadata), key] as const];
    }),
  );
  const declared = desiredOf(organization, declarationsOf(objects), {
    // Where the UIDs cannot be read, it cannot be told what was seen declared here: nothing is lost.
    complete: namespacesOf(objects.organization).every(dependencies.isComplete) && uids !== undefined,
    seenUnder: uids ?? null,
    machineKeys,
  });
  const { desired, findings } = await withoutFormer(client, organization, declared, {
    vaultId: address.vaultId,
    known,
    signal,
  });
  const planApprovals: readonly CustomResource<'PlanApproval'>[] = objects.approvals.map((object) =>
    customResource('PlanApproval', object),
  );
  const unused = planApprovals.some(
    ({ status }) => (status as { state?: string } | undefined)?.state !== 'Used',
  );
  return {
    organization,
    desired,
    findings,
    planApprovals,
    approvalsProvenSince: unused ? await readApprovalsProvenSince(client, signal) : null,
  };
}

/** Nothing is taken over from a manager whose Organization is in this cluster still. */
async function withoutFormer(
  client: PassDependencies['client'],
  organization: CustomResource<'Organization'>,
  declared: DesiredResult,
  {
    vaultId,
    known,
    signal,
  }: { readonly vaultId: string; readonly known: Snapshot | null; readonly signal: AbortSignal },
): Promise<DesiredResult> {
  const { takeOver } = declared.desired;
  if (takeOver === null || !mayTakeOver(declared.desired, known?.state ?? null)) return declared;
  const former = await formerOrganization(client, organization, takeOver, signal);
  if (former === null) return declared;
  const { desired, finding } = notTakenOver(declared.desired, vaultId, former);
  return { desired, findings: [...declared.findings, finding] };
}

function publish(
  { registry, allowedMoves }: PassDependencies,
  session: OrganizationMemory,
  { provider, access }: Connection,
  organization: Resource<'Organization'>,
  { observation, observeOnly }: PassResult,
  lease: VaultLease,
  patches: readonly StatusPatch[],
): void {
  registry.publish(session.key, {
    provider,
    caCertificate: access.credentials.ca,
    acts:
      organization.spec.management !== 'Observe' &&
      observeOnly === null &&
      lease.fence !== null &&
      observation.volatile.freeze === null,
    mayMove: isMoveAllowed(allowedMoves, session.key, access.credentials.address),
    state: observation.snapshot.state,
    summaries: bindingSummaries(patches),
  });
}

async function tell(
  { recorder }: PassDependencies,
  objects: OrganizationObjects,
  executed: Parameters<typeof eventsOf>[1],
  changed: readonly StatusPatch[],
  signal: AbortSignal,
): Promise<void> {
  for (const { kind, object, ...event } of eventsOf(objects, executed, changed))
    await recorder.record({ ...event, regarding: { type: resourceType(kind), object } }, signal);
}

/** Rail 1: fresh reads say that what is absent is absent, under the same Organization, namespace and CRDs. */
async function confirmLosses(
  { client, stores, declaredUnder }: PassDependencies,
  organization: Resource<'Organization'>,
  signal: AbortSignal,
): Promise<boolean> {
  return (
    (await declaredUnder.confirm(organization, signal)) &&
    (await viewIsFresh(client, stores, namespacesOf(organization), signal))
  );
}

function lookAgain(
  session: OrganizationMemory,
  organization: Resource<'Organization'>,
  address: VaultAddress,
  result: PassResult,
  now: number,
): ReconcileResult {
  if (result.unfinished) return { againAfterMs: result.writes > 0 ? 0 : LEFT_OVER_MS };
  const anchor = anchorOf(organization, address);
  const moments = [
    ...(session.yieldUntil > now ? [session.yieldUntil] : []),
    ...(result.wakeAt === null ? [] : [result.wakeAt]),
    ...(anchor?.hash === result.observation.volatile.head.hash ? [] : [session.anchorWrittenAt + ANCHOR_MS]),
  ];
  return moments.length === 0 ? {} : { againAfterMs: Math.max(0, Math.min(...moments) - now) };
}

/** As the status of the Organization says it. */
function openCountsOf(patches: readonly StatusPatch[]): Readonly<Record<string, number>> {
  const status = patches.find(({ kind }) => kind === 'Organization')?.status;
  return (status?.open ?? {}) as Readonly<Record<string, number>>;
}

function anchorIsDue(session: OrganizationMemory, clock: Clock): boolean {
  return clock.now() - session.anchorWrittenAt >= ANCHOR_MS;
}

/** A3: of the same vault, wherever it is; another one's log leads to no head of this one. */
function anchorOf({ status }: Resource<'Organization'>, { vaultId }: VaultAddress): PassResult['anchor'] {
  const { auditHead, vault } = (status ?? {}) as {
    readonly auditHead?: PassResult['anchor'];
    readonly vault?: VaultAddress;
  };
  return vault === undefined || vault.vaultId === vaultId ? (auditHead ?? null) : null;
}
