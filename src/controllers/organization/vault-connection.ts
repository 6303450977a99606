/** How a pass comes to its vault and stays with it: the connection, its rivals, the lease, the long poll. */
import { requireDeclared } from '#engine/declared-address.ts';
import { managerOf } from '#engine/desired.ts';
import type { VaultLease } from '#engine/manager-lease.ts';
import { type Observation, ProviderError } from '#provider/provider.ts';
import { type Clock, TerminalError } from '#runtime/runtime.ts';
import type { MachineRegistry } from '../machine-registry.ts';
import { customResource, type Resource } from '../resources.ts';
import { followChanges } from './change-feed.ts';
import { readVaultAccess } from './credentials-secret.ts';
import type { CredentialsWatch } from './credentials-watch.ts';
import type { OrganizationStores } from './objects.ts';
import type { Connect, Connection, OrganizationMemory } from './organization-memory.ts';

export interface VaultDependencies extends CredentialsWatch {
  readonly stores: OrganizationStores;
  readonly registry: MachineRegistry;
  readonly connect: Connect;
  /** The command that lets the operator read Secrets in a namespace. */
  readonly enableCommand: (namespace: string) => string;
  readonly clock: Clock;
}

/**
 * The connection that there is, or a new one where the credentials are others. Nothing is sent to the new one. Throws
 * EngineError `CredentialsForAnotherVault`.
 */
export async function connect(
  { client, enableCommand, connect: make }: VaultDependencies,
  session: OrganizationMemory,
  organization: Resource<'Organization'>,
  signal: AbortSignal,
): Promise<Connection> {
  const declared = JSON.stringify(organization.spec.vault);
  const { connection } = session;
  if (connection?.declared === declared && !session.credentialsMoved) return connection;
  session.credentialsMoved = false;
  const namespace = organization.metadata.namespace ?? '';
  const access = await readVaultAccess(client, namespace, organization.spec, enableCommand, signal);
  requireDeclared(organization.spec, access.credentials.address);
  if (connection?.declared === declared && connection.access.mark === access.mark) return connection;
  await session.disconnect(signal);
  session.connection = { provider: make(access.credentials), access, declared };
  return session.connection;
}

/**
 * Two Organizations with one vault: the one at the record's origin goes on, without a record none does.
 * Throws TerminalError `Conflict` for the others.
 */
export async function refuseRivals(
  { stores }: VaultDependencies,
  session: OrganizationMemory,
  { provider }: Connection,
  organization: Resource<'Organization'>,
  signal: AbortSignal,
): Promise<void> {
  const { vaultId } = provider.address;
  const rivals = stores.organizations
    .list()
    .map(({ metadata, spec }) => ({ key: `${metadata.namespace ?? ''}/${metadata.name}`, spec }))
    .filter(({ key, spec }) => key !== session.key && spec.vault.seneschal.vaultId === vaultId);
  if (rivals.length === 0) return;
  const { snapshot } = await provider.observe(session.known, signal);
  session.known = snapshot;
  const record = snapshot.state.records.find(({ kind }) => kind === 'Organization');
  const manager = managerOf(customResource('Organization', organization));
  if (record?.manager === manager && record.origin === organization.metadata.namespace) return;
  throw new TerminalError(
    'Conflict',
    `Organization ${rivals.map(({ key }) => key).join(', ')} names the same vault ${vaultId}. ` +
      'Delete one of them, or give it a vault of its own.',
  );
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
  { clock, registry, leading, wake }: VaultDependencies,
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
    from: { epoch, revision, secretRevision: volatile.secretRevision },
    listener: {
      moved: () => wake(session.key, 'at once'),
      secretsMoved: (moved: Parameters<MachineRegistry['moveSecrets']>[1]) =>
        registry.moveSecrets(session.key, moved),
      reachable: () => wake(session.key, 'at once'),
    },
  };
  session.follow(leading(), (signal) => followChanges(options, signal));
}
