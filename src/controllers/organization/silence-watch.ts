/** Says in statuses that a vault is not heard, and takes it back, a few objects a second and behind everything else. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { refOf } from '#kube/kube.ts';
import { type Clock, pause } from '#runtime/runtime.ts';
import type { Resource } from '../resources.ts';
import { type OrganizationObjects, type OrganizationStores, objectsNaming } from './objects.ts';
import type { OrganizationMemory } from './organization-memory.ts';
import type { StatusWriter } from './organization-status-writer.ts';
import { hearingOf, isStale, type VaultContact } from './silence.ts';
import { saysStale, silentStatusOf, staleStatusOf } from './statuses/silent.ts';
import type { StatusPatch } from './statuses/statuses.ts';

/** How often it is looked, and how much is written then. */
const EVERY_MS = 1_000;
const WRITES = 50;
/** Once all objects say it, they are looked through this seldom: there may be new ones. */
const AGAIN_MS = 60_000;

export interface SilenceDependencies {
  readonly stores: OrganizationStores;
  readonly writer: Pick<StatusWriter, 'one' | 'changed' | 'write'>;
  readonly sessions: () => Iterable<OrganizationMemory>;
  readonly clock: Clock;
  /** Whether any controller has something to do that nobody does yet. */
  readonly isBusy: () => boolean;
  /** A pass says that the vault is heard again. */
  readonly wake: (organization: string) => void;
  /** The vault is not heard: it may hang, with nothing that failed yet. */
  readonly lost: (session: OrganizationMemory) => void;
  /** A write that failed; it is tried again a moment later. */
  readonly onFailure: (error: unknown) => void;
}

/** Looks until the signal is aborted. Never rejects. */
export async function watchSilence(dependencies: SilenceDependencies, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(dependencies.clock, EVERY_MS, signal);
    if (signal.aborted) return;
    await lookOnce(dependencies, signal).catch(dependencies.onFailure);
  }
}

/** One look at all organizations of this process: at most `WRITES` statuses are written. */
export async function lookOnce(dependencies: SilenceDependencies, signal: AbortSignal): Promise<void> {
  let left = WRITES;
  for (const session of dependencies.sessions()) {
    left -= await session.writing(() => writeSome(dependencies, session, left, signal));
    if (left <= 0) return;
  }
}

/** How many were written, at most `limit`. */
async function writeSome(
  dependencies: SilenceDependencies,
  session: OrganizationMemory,
  limit: number,
  signal: AbortSignal,
): Promise<number> {
  const { stores, writer, isBusy } = dependencies;
  const organization = stores.organizations.get(refOf(session.key));
  if (session.contact === null || organization === undefined) return 0;
  const now = dependencies.clock.now();
  const own = ownPatches(dependencies, session, session.contact, organization, now);
  const stale = stalePatches(dependencies, session, session.contact, limit - own.length, now);
  // One after the other: whatever else this process has to do goes on between two of them.
  for (const patch of own) await writer.write([patch], signal);
  let written = own.length;
  for (const patch of stale) {
    // What is left is found again at the next look.
    if (isBusy()) break;
    await writer.write([patch], signal);
    written += 1;
  }
  return written;
}

/** Of the Organization itself; a pass takes it back, for which it is woken. */
function ownPatches(
  { writer, wake, lost }: SilenceDependencies,
  session: OrganizationMemory,
  contact: VaultContact,
  organization: Resource<'Organization'>,
  now: number,
): readonly StatusPatch[] {
  const object = writer.one('Organization', organization);
  const status = silentStatusOf(object, contact, now);
  if (hearingOf(contact, now) !== 'Heard') lost(session);
  if (status !== null) {
    session.isSaidSilent = true;
    return writer.changed([{ kind: 'Organization', object, status }], false);
  }
  if (session.isSaidSilent && contact.answered && hearingOf(contact, now) === 'Heard') {
    session.isSaidSilent = false;
    wake(session.key);
  }
  return [];
}

/**
 * Of the other kinds, as many as may be written now. With none left, or other work to do, nothing is looked at, and nothing
 * taken for said.
 */
function stalePatches(
  { stores, writer, isBusy }: SilenceDependencies,
  session: OrganizationMemory,
  contact: VaultContact,
  limit: number,
  now: number,
): readonly StatusPatch[] {
  if (limit === 0 || isBusy()) return [];
  const stale = isStale(contact, now);
  if (stale ? now < session.allSaidStaleUntil : !session.maySayStale) return [];
  const patches: StatusPatch[] = [];
  for (const [kind, one] of othersOf(objectsNaming(stores, session.key))) {
    if (patches.length === limit) break;
    const object = writer.one(kind, one);
    if (saysStale(object) === stale) continue;
    patches.push({ kind, object, status: staleStatusOf(kind, object, contact, now) });
  }
  session.maySayStale = stale || patches.length > 0;
  session.allSaidStaleUntil = stale && patches.length === 0 ? now + AGAIN_MS : 0;
  return patches;
}

type Other = Exclude<Kind, 'Organization'>;

function* othersOf(
  objects: Omit<OrganizationObjects, 'organization'>,
): Generator<readonly [Other, Resource<Other>]> {
  for (const one of objects.members) yield ['Member', one];
  for (const one of objects.groups) yield ['Group', one];
  for (const one of objects.templates) yield ['PermissionTemplate', one];
  for (const one of objects.projects) yield ['Project', one];
  for (const one of objects.bindings) yield ['MachineBinding', one];
}
