/** The operator, put together: one client, one set of caches, two controllers, one leader. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Kind } from '#api/v1alpha1/kinds.ts';
import {
  createEventRecorder,
  createLeaderElector,
  HttpKubeClient,
  type KubeClient,
  type KubeConfig,
  type KubeError,
  type RequestRecord,
  systemClock,
} from '#kube/kube.ts';
import { connect as connectVault } from '#provider/seneschal/seneschal.ts';
import type { ConnectTo } from '#provider/seneschal/vault-agent.ts';
import { createLogger, createManager, createMetrics, type Logger, serveHealth } from '#runtime/runtime.ts';
import { countKeys } from './key-metrics.ts';
import { createKindCache, type KindCache } from './kind-cache.ts';
import { loggedRecorder } from './logged-recorder.ts';
import { MachineKeys } from './machine-keys.ts';
import { MachineRegistry } from './machine-registry.ts';
import { addMachineBindingController } from './machinebinding/binding-controller.ts';
import { leaseInstallation, loadInstallation } from './machinebinding/installation.ts';
import type { KeyTimes } from './machinebinding/key/other-keys.ts';
import { createSealReader } from './machinebinding/seal-reader.ts';
import { Seals } from './machinebinding/seals.ts';
import { createSecretWatcher } from './machinebinding/secret-cache.ts';
import { countOpen } from './open-metrics.ts';
import { BY_ORGANIZATION, organizationIndex } from './organization/objects.ts';
import { type OrganizationCaches, OrganizationController } from './organization/organization-controller.ts';
import type { Connect } from './organization/organization-memory.ts';
import type { AllowedMove } from './organization/vault-moves.ts';
import { VaultCircuits } from './vault-circuit.ts';
import { countVaultRequests } from './vault-metrics.ts';

export interface OperatorOptions {
  readonly config: KubeConfig;
  /** The operator's own: of its lease and of the Secret of the installation. */
  readonly namespace: string;
  /** Null: all. */
  readonly watchNamespaces: readonly string[] | null;
  readonly healthAddress: { readonly host: string; readonly port: number };
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined;
  /** False: leads at once, for a process that is alone. */
  readonly leaderElect: boolean;
  /** Takes the `http://localhost` of a `vault dev` too; left out: https:// alone. */
  readonly allowInsecureLoopback?: boolean | undefined;
  /** Which Organizations may go on at another address than that of their Secrets; left out: none. */
  readonly allowedMoves?: readonly AllowedMove[] | undefined;
  /** When keys that nobody holds go and are told of; left out: as the design says. */
  readonly keyTimes?: KeyTimes | undefined;
  /** Domains of labels and annotations that targets may set though other controllers go by them; left out: none. */
  readonly allowedMetadata?: readonly string[] | undefined;
  /** A tunnel to the vaults. */
  readonly connectTo?: ConnectTo | undefined;
  readonly onKubeRequest?: ((record: RequestRecord) => void) | undefined;
  readonly onVaultRequest?: ((route: string, status: number) => void) | undefined;
  /** Default: standard output. */
  readonly log?: Logger | undefined;
}

const LEASE = 'seneschal-operator';
const SERVICE_ACCOUNT = 'seneschal-operator';
const CONTROLLER = 'seneschal.dev/operator';

/**
 * Runs until the signal is aborted (`stopped`) or the lease is lost (`lease-lost`: the process should end with
 * a code other than 0). Throws KubeError where the API server cannot be asked for the installation's key.
 */
export async function runOperator(
  options: OperatorOptions,
  signal: AbortSignal,
): Promise<'stopped' | 'lease-lost'> {
  const log = options.log ?? (await createLogger({ level: options.logLevel }));
  const metrics = await createMetrics();
  const countVault = await countVaultRequests(metrics.registry);
  const openCounts = await countOpen(metrics.registry);
  const keyCounts = await countKeys(metrics.registry);
  const client = new HttpKubeClient({
    config: options.config,
    userAgent: 'seneschal-operator',
    onRequest: (record) => {
      metrics.countKubeRequest(record);
      options.onKubeRequest?.(record);
    },
  });
  try {
    const installation = await loadInstallation(client, options.namespace, signal);
    const holder = await leaseInstallation(client, installation, signal);
    const instance = `${hostname()}-${randomBytes(4).toString('hex')}`;
    const elector = options.leaderElect
      ? createLeaderElector({ client, namespace: options.namespace, name: LEASE, identity: instance })
      : undefined;
    const manager = createManager({ elector, log, metrics });
    const onFailure = (error: KubeError): void => log.warn({ reason: error.reason }, error.publicMessage);
    const caches = cachesOf(client, options.watchNamespaces, onFailure);
    for (const cache of Object.values(caches)) manager.addWatcher(cache);
    const secrets = manager.addWatcher(createSecretWatcher({ client, onFailure }));
    const recorder = createEventRecorder({ client, controller: CONTROLLER, instance });
    const shared = {
      client,
      recorder,
      keys: new MachineKeys(),
      registry: new MachineRegistry(),
      clock: systemClock,
      enableCommand: (namespace: string) => enableCommand(options.namespace, namespace),
    };
    const circuits = new VaultCircuits(systemClock, log);
    const organizations = new OrganizationController({
      ...shared,
      manager,
      caches,
      installation: holder,
      openCounts,
      vaultAnswered: (organization) => circuits.answered(organization),
      log,
      allowInsecureLoopback: options.allowInsecureLoopback === true,
      allowedMoves: options.allowedMoves ?? [],
      sealReader: createSealReader({ secrets, bindings: caches.bindings, seals: new Seals(installation) }),
      connect: connector(options.connectTo, (route, status) => {
        countVault(route, status);
        options.onVaultRequest?.(route, status);
      }),
    });
    addMachineBindingController({
      ...shared,
      recorder: loggedRecorder(recorder, log),
      manager,
      bindings: caches.bindings,
      organizations: caches.organizations,
      secrets,
      installation,
      installationId: holder,
      keyCounts,
      keyTimes: options.keyTimes,
      circuits,
      allowedMetadata: options.allowedMetadata,
    });
    const health = await serveHealth(options.healthAddress, { ready: () => manager.ready(), metrics });
    log.info({ health: `${health.host}:${health.port}`, installation: holder }, 'starting');
    try {
      return await manager.run(signal);
    } finally {
      await organizations.close();
      await health.close();
    }
  } finally {
    await client.close();
  }
}

function cachesOf(
  client: KubeClient,
  namespaces: readonly string[] | null,
  onFailure: (error: KubeError) => void,
): OrganizationCaches {
  const of = <K extends Exclude<Kind, 'Organization'>>(kind: K): KindCache<K> =>
    createKindCache(kind, {
      client,
      namespaces,
      onFailure,
      indexers: { [BY_ORGANIZATION]: organizationIndex },
    });
  return {
    organizations: createKindCache('Organization', { client, namespaces, onFailure }),
    members: of('Member'),
    groups: of('Group'),
    templates: of('PermissionTemplate'),
    projects: of('Project'),
    bindings: of('MachineBinding'),
    approvals: of('PlanApproval'),
  };
}

function connector(
  connectTo: ConnectTo | undefined,
  onRequest: (route: string, status: number) => void,
): Connect {
  return (credentials) => connectVault({ ...credentials, connectTo, onRequest });
}

function enableCommand(own: string, namespace: string): string {
  return (
    `kubectl create rolebinding seneschal-secrets --namespace ${namespace} ` +
    `--clusterrole seneschal-secrets --serviceaccount ${own}:${SERVICE_ACCOUNT}`
  );
}
