/** How a pass comes to its vault and stays with it: the connection, its rivals, the lease, the long poll. */
import { requireDeclared } from '#engine/declared-address.ts';
import type { VaultLease } from '#engine/manager-lease.ts';
import { isSameAddress, type VaultAddress } from '#model/vault-address.ts';
import { type Observation, ProviderError } from '#provider/provider.ts';
import { AuthError, type Clock, TerminalError } from '#runtime/runtime.ts';
import type { MachineRegistry } from '../machine-registry.ts';
import type { Resource } from '../resources.ts';
import { followChanges } from './change-feed.ts';
import { notEnabled, readVaultAccess, type VaultAccess } from './credentials-secret.ts';
import type { CredentialsWatch } from './credentials-watch.ts';
import type { OrganizationStores } from './objects.ts';
import type { Connect, Connection, OrganizationMemory } from './organization-memory.ts';
import { rivalsOf, type VaultAddresses } from './rivals.ts';
import { asked, failed, heard, newContact } from './silence.ts';
import {
  type AllowedMove,
  moveNotAllowed,
  moveText,
  namespaceOfSeals,
  namespaceToRead,
  type SealReader,
  unreadText,
} from './vault-moves.ts';
import type { VaultProbes } from './vault-probes.ts';

export interface VaultDependencies extends CredentialsWatch {
  readonly stores: OrganizationStores;
  readonly registry: MachineRegistry;
  readonly connect: Connect;
  readonly addresses: VaultAddresses;
  /** Has the Organizations looked at again that claim one of these vaults, but for one. */
  readonly wakeClaimants: (vaultIds: readonly string[], besides: string) => void;
  /** `http://localhost` of a `vault dev` is taken too. */
  readonly allowInsecureLoopback: boolean;
  readonly sealReader: Pick<SealReader, 'of'>;
  readonly allowedMoves: readonly AllowedMove[];
  /** The command that lets the operator read Secrets in a namespace. */
  readonly enableCommand: (namespace: string) => string;
  readonly clock: Clock;
  readonly probes: VaultProbes;
}

/**
 * The connection that there is, or a new one where the credentials are others. Nothing is sent to the new one, and what
 * may not be gone on with is left. Throws EngineError `CredentialsForAnotherVault`, TerminalError `InsecureUrl`,
 * `Conflict` and `VaultMoved`, AuthError `NamespaceNotEnabled`. `not known yet`: the Secrets are being listed.
 */
export async function connect(
  dependencies: VaultDependencies,
  session: OrganizationMemory,
  organization: Resource<'Organization'>,
  signal: AbortSignal,
): Promise<Connection | 'not known yet'> {
  const access = await accessOf(dependencies, session, organization, signal);
  const { address } = access.credentials;
  const claimed = dependencies.addresses.set(session.key, address);
  if (claimed.length > 0) dependencies.wakeClaimants(claimed, session.key);
  const declared = declaredVault(organization);
  try {
    requireDeclared(organization.spec, address);
    requireSecure(dependencies, address);
    refuseRivals(dependencies, organization);
    session.awaitsSecrets = true;
    if (refuseMove(dependencies, session, organization, address) === 'not known yet') {
      session.credentialsMoved = true;
      return 'not known yet';
    }
    session.awaitsSecrets = false;
  } catch (error) {
    await session.disconnect(signal);
    throw error;
  }
  const { connection } = session;
  if (connection?.declared === declared && connection.access.mark === access.mark) return connection;
  await session.disconnect(signal);
  // What was lost was the vault of the connection before.
  dependencies.probes.heard(session.key);
  session.connection = { provider: dependencies.connect(access.credentials), access, declared };
  return session.connection;
}

/** The credentials of the connection, read anew where they may be others. */
async function accessOf(
  { client, enableCommand }: VaultDependencies,
  session: OrganizationMemory,
  organization: Resource<'Organization'>,
  signal: AbortSignal,
): Promise<VaultAccess> {
  const { connection } = session;
  if (connection?.declared === declaredVault(organization) && !session.credentialsMoved)
    return connection.access;
  const namespace = organization.metadata.namespace ?? '';
  session.credentialsMoved = false;
  try {
    return await readVaultAccess(client, namespace, organization.spec, enableCommand, signal);
  } catch (error) {
    session.credentialsMoved = true;
    throw error;
  }
}

/** Another manager is another holder: the connection ends with the name, and the lease is given back with it. */
function declaredVault({ spec }: Resource<'Organization'>): string {
  return JSON.stringify([spec.vault, spec.manager]);
}

/** Throws TerminalError `InsecureUrl` for a vault of this machine, unless whoever runs the operator allows it. */
function requireSecure({ allowInsecureLoopback }: VaultDependencies, { url }: VaultAddress): void {
  if (url.startsWith('https://') || allowInsecureLoopback) return;
  throw new TerminalError(
    'InsecureUrl',
    `The credentials lead to ${url}: an operator takes https:// alone, and the http://localhost of a ` +
      '`seneschal vault dev` where it runs with --allow-insecure-loopback.',
  );
}

/** Throws TerminalError `Conflict`. */
function refuseRivals(
  { stores, addresses }: VaultDependencies,
  organization: Resource<'Organization'>,
): void {
  const own = addresses.claimOf(organization);
  const others = stores.organizations.list().map((other) => addresses.claimOf(other));
  const rivals = rivalsOf(own, others);
  if (rivals.length === 0) return;
  throw new TerminalError(
    'Conflict',
    `Organization ${rivals.join(', ')} has the same vault ${own.vaultId}. ` +
      'Delete one of them, or give it a vault of its own.',
  );
}

/**
 * Throws TerminalError `VaultMoved`, and AuthError `NamespaceNotEnabled` where Secrets may not be listed that could tell. Not
 * known yet, as for a moment after each start, is nothing to tell anybody. A connection that there is goes on meanwhile.
 */
function refuseMove(
  { sealReader, allowedMoves, enableCommand }: VaultDependencies,
  { key, connection }: OrganizationMemory,
  { status }: Resource<'Organization'>,
  address: VaultAddress,
): 'go on' | 'not known yet' {
  const connectedTo = (status as { readonly vault?: VaultAddress } | undefined)?.vault ?? null;
  const seals = sealReader.of(key, address, connectedTo);
  const whereabouts = { organization: key, address, connectedTo, seals };
  const move = moveNotAllowed(whereabouts, allowedMoves);
  if (move !== null) throw new TerminalError('VaultMoved', moveText(key, move));
  const unread = namespaceToRead(whereabouts, allowedMoves);
  if (unread === null) return 'go on';
  const { namespace, because } = unread;
  if (connection !== null && isSameAddress(connection.access.credentials.address, address)) return 'go on';
  if (because === 'unknown') return 'not known yet';
  if (namespace === namespaceOfSeals(key)) throw notEnabled(namespace, enableCommand);
  throw new AuthError('NamespaceNotEnabled', unreadText(whereabouts, namespace, enableCommand(namespace)));
}

/**
 * Takes the lease unless it is held: values are synced only by its holder. Another manager that holds it is no
 * error, the pass then only reads. `yielded`: the command line of the same manager has it for a moment, which is
 * no reason to tell anybody.
 */
export async function holdLease(
  lease: VaultLease,
  { provider }: Connection,
  organization: Resource<'Organization'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<'held' | 'not held' | 'yielded'> {
  if (organization.spec.management === 'Observe') {
    await lease.release(provider, signal);
    return 'not held';
  }
  try {
    await lease.hold(provider, clock.now(), signal);
    return 'held';
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.code !== 'ManagementConflict' && error.code !== 'LeaseHeld') throw error;
    lease.lost();
    return error.code === 'LeaseHeld' ? 'yielded' : 'not held';
  }
}

/** Starts the long poll of the session's vault unless it runs. */
export function follow(
  { clock, registry, leading, wake, probes }: VaultDependencies,
  session: OrganizationMemory,
  { provider }: Connection,
  lease: VaultLease,
  { snapshot, volatile }: Observation,
): void {
  const { epoch, revision } = snapshot.state;
  const options = {
    provider,
    lease,
    clock,
    rest: (ms: number, signal: AbortSignal) => session.rest(clock, ms, signal),
    from: { epoch, revision, secretRevision: volatile.secretRevision, volatile },
    listener: {
      asked: (waits: number) => {
        session.contact = asked(session.contact ?? newContact(clock.now()), clock.now(), waits);
      },
      heard: () => {
        session.contact = heard(clock.now());
        probes.heard(session.key);
      },
      failed: (isUnreached: boolean) => {
        if (session.contact !== null) session.contact = failed(session.contact);
        if (isUnreached) awaitReturn({ probes, wake }, session);
      },
      moved: () => wake(session.key, 'at once'),
      secretsMoved: (moved: Parameters<MachineRegistry['moveSecrets']>[1]) =>
        registry.moveSecrets(session.key, moved),
      reachable: () => wake(session.key, 'at once'),
    },
  };
  session.follow(leading(), (signal) => followChanges(options, signal));
}

/** The vault was not reached: once it answers, what hangs is let go and a pass comes at once, whatever it had backed off to. */
export function awaitReturn(
  { probes, wake }: Pick<VaultDependencies, 'probes' | 'wake'>,
  session: OrganizationMemory,
): void {
  const { connection } = session;
  if (connection === null) return;
  probes.lost(session.key, connection.provider, () => {
    session.back();
    wake(session.key, 'at once');
  });
}
