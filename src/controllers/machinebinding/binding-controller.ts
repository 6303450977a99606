/** Wires the binding pass to what wakes it. */
import type { InstallationKey } from '#identity/installation-key.ts';
import {
  type Clock,
  type EventRecorder,
  type KubeClient,
  type KubeObject,
  keyOf,
  type MetadataOnly,
  type NamespaceSetWatcher,
  refOf,
  systemClock,
  type Watcher,
} from '#kube/kube.ts';
import { type Controller, classify, type Manager, type ReconcileContext } from '#runtime/runtime.ts';
import { claimedNames } from '#shaping/claimed-names.ts';
import type { KeyCounts } from '../key-metrics.ts';
import type { MachineKeys } from '../machine-keys.ts';
import type { MachineRegistry, OrganizationView } from '../machine-registry.ts';
import { MACHINE_BINDINGS, namespacesOf, ORGANIZATIONS, type Resource } from '../resources.ts';
import type { VaultCircuits } from '../vault-circuit.ts';
import { BindingNames } from './binding-names.ts';
import { type BindingDependencies, reconcileBinding } from './binding-reconcile.ts';
import { BindingStatusWriter } from './binding-status-writer.ts';
import type { MachineBinding } from './input.ts';
import { KeyPass } from './key/key-pass.ts';
import { KeyUses } from './key/key-uses.ts';
import { removeLeftovers } from './key/leftovers.ts';
import { KEY_TIMES, type KeyTimes } from './key/other-keys.ts';
import { organizationKeyIn } from './marks.ts';
import { Seals } from './seals.ts';
import { bindingKeyOf, SecretCache } from './secret-cache.ts';
import { SecretDeletions } from './secret-deletion.ts';
import { SyncBatcher } from './targets/batcher.ts';

/** What is asked of the caches of our kinds. */
type Cache<T extends KubeObject> = Pick<Watcher<T>, 'store' | 'hasSynced' | 'onChange'>;

export interface MachineBindingOptions {
  readonly manager: Pick<Manager, 'addController' | 'onLeading'>;
  readonly client: KubeClient;
  readonly bindings: Cache<MachineBinding>;
  readonly organizations: Cache<Resource<'Organization'>>;
  /** Of `createSecretWatcher`. The controller tells it which namespaces to watch. */
  readonly secrets: NamespaceSetWatcher<MetadataOnly>;
  readonly keys: MachineKeys;
  readonly registry: MachineRegistry;
  readonly recorder: EventRecorder;
  readonly installation: InstallationKey;
  /** As which the vault knows this operator: it ends no key that another one brought. */
  readonly installationId: string;
  /** Default: those of the design. */
  readonly keyTimes?: KeyTimes | undefined;
  readonly keyCounts: KeyCounts;
  readonly circuits: VaultCircuits;
  /** The command that lets the operator handle Secrets in a namespace. */
  readonly enableCommand: (namespace: string) => string;
  /** Domains of labels and annotations that targets may name though other controllers go by them. Default none. */
  readonly allowedMetadata?: readonly string[] | undefined;
  readonly clock?: Clock | undefined;
}

/** Bindings at once: a pass waits for the network nearly all of its time. */
const CONCURRENCY = 64;

/**
 * Adds the controller of MachineBindings to the manager. It watches what wakes a binding by itself: the
 * object, its Secrets, what the organization pass publishes. The watchers are the caller's to start.
 */
export function addMachineBindingController(options: MachineBindingOptions): Controller {
  const { client, bindings, organizations, secrets, registry, keys, recorder } = options;
  const clock = options.clock ?? systemClock;
  const cache = new SecretCache(secrets, clock);
  const names = new BindingNames();
  const seals = new Seals(options.installation);
  const deletions = new SecretDeletions({ kube: client, cache, seals, recorder });
  const writer = new BindingStatusWriter(client);
  const underWay = new Map<string, number>();
  /** Aborted when this process no longer leads: calls to the vault are shared by many passes. */
  let leading = AbortSignal.abort();
  options.manager.onLeading((signal) => {
    leading = signal;
  });
  const keyPass = new KeyPass({
    ...{ kube: client, cache, offered: keys, clock },
    installation: options.installationId,
    times: options.keyTimes ?? KEY_TIMES,
    uses: new KeyUses(clock, () => leading),
  });
  const batchers = new WeakMap<OrganizationView['provider'], SyncBatcher>();
  const world: BindingDependencies = {
    kube: client,
    cache,
    registry,
    keyPass,
    writer,
    underWay,
    clock,
    recorder,
    keyCounts: options.keyCounts,
    seals,
    deletions,
    enableCommand: options.enableCommand,
    verifiedTargets: new Map(),
    allowedMetadata: options.allowedMetadata ?? [],
    rivals: (binding, secretName) => {
      const { namespace = '', name } = binding.metadata;
      return rivalsIn(bindings, names.ofSecret(namespace, secretName), secretName).filter(
        (other) => other !== name,
      );
    },
    organizationIsAbsent: (key) =>
      organizations.hasSynced() && organizations.store.get(refOf(key)) === undefined,
    valuesOf: (key, organization, { provider }) => {
      const batcher = batchers.get(provider) ?? new SyncBatcher(provider, clock, () => leading);
      batchers.set(provider, batcher);
      const circuit = options.circuits.of(organization);
      return {
        check: () => circuit.check(key),
        sync: (claim, isPatient) => circuit.through(key, () => batcher.sync(claim, isPatient)),
      };
    },
  };

  /** Events of what a binding left behind are its Organization's once it is gone. */
  const aboutLeftovers = (namespace: string, name: string, binding: MachineBinding | undefined) => {
    if (binding !== undefined) return { type: MACHINE_BINDINGS, object: binding };
    const secret = cache.ofBinding(`${namespace}/${name}`)[0];
    const object = secret && organizations.store.get(refOf(organizationKeyIn(secret)));
    return object === undefined
      ? { type: MACHINE_BINDINGS, object: { metadata: { namespace, name } } }
      : { type: ORGANIZATIONS, object };
  };

  const reconcile = async (key: string, context: ReconcileContext) => {
    const { namespace = '', name } = refOf(key);
    const binding = bindings.store.get({ namespace, name });
    // Without the CRD, or before the first list, a missing object proves nothing.
    if (!bindings.hasSynced()) return {};
    if (binding === undefined) {
      keys.forget(namespace, name);
      options.circuits.forget(key);
    }
    const ofLeftovers = deletions.ofPass(aboutLeftovers(namespace, name, binding), context.signal);
    try {
      const machineName = binding?.spec.machineName;
      await removeLeftovers(world, { namespace, name }, machineName, ofLeftovers, context.signal);
    } catch (error) {
      throw classify(error, context.signal);
    } finally {
      await ofLeftovers.tell();
    }
    return binding === undefined ? {} : reconcileBinding(world, binding, context);
  };

  const controller = options.manager.addController({
    name: 'MachineBinding',
    reconcile,
    concurrency: CONCURRENCY,
    onStart: (enqueue) => {
      for (const { metadata } of bindings.store.list()) enqueue(keyOf(metadata));
      for (const secret of secrets.store.list()) enqueue(bindingKeyOf(secret));
    },
  });
  options.circuits.onWake((key) => controller.enqueue(key));
  const forget = (uid: string): void => {
    keyPass.forget(uid);
    writer.forget(uid);
    underWay.delete(uid);
    options.keyCounts.forget(uid);
  };
  wakeByObjects(options, controller, names, forget);
  wakeBySecretsAndVault(options, controller, names, cache);
  return controller;
}

/** A binding is woken by itself, by its Organization that comes or goes, and by what becomes of its namespace. */
function wakeByObjects(
  { bindings, organizations, secrets }: MachineBindingOptions,
  controller: Controller,
  names: BindingNames,
  forget: (uid: string) => void,
): void {
  const namespaces = new Map<string, Set<string>>();
  const watchNamespace = (namespace: string, why: string): void => {
    const reasons = namespaces.get(namespace) ?? new Set();
    reasons.add(why);
    if (namespaces.has(namespace)) return;
    namespaces.set(namespace, reasons);
    secrets.setNamespaces(namespaces.keys());
  };

  bindings.onChange((change) => {
    const { object } = change;
    const key = keyOf(object.metadata);
    names.note(change.type, object);
    // Our own statuses come back as changes too; only what a person declares changes what is to be done.
    if (change.type === 'modified' && !declaresOtherwise(change.previous, object)) return;
    const specs = change.type === 'modified' ? [object.spec, change.previous.spec] : [object.spec];
    for (const name of new Set(specs.flatMap((spec) => [...claimedNames(spec)]))) {
      // What was in the way of another binding may be no longer, or is now.
      for (const other of names.ofSecret(object.metadata.namespace ?? '', name)) controller.enqueue(other);
    }
    if (change.type === 'deleted') forget(object.metadata.uid ?? '');
    else watchNamespace(object.metadata.namespace ?? '', key);
    controller.enqueue(key);
  });
  // What a binding left behind is looked for where its Organization is, also after the last binding went.
  organizations.onChange(({ type, object }) => {
    if (type !== 'deleted')
      for (const namespace of namespacesOf(object)) watchNamespace(namespace, 'organization');
    if (type === 'modified') return;
    for (const key of names.ofOrganization(keyOf(object.metadata))) controller.enqueue(key);
  });
  secrets.onState((namespace) => {
    for (const { metadata } of bindings.store.list(namespace)) controller.enqueue(keyOf(metadata));
  });
}

/** It is woken by its Secrets, and by what the organization pass publishes of the vault. */
function wakeBySecretsAndVault(
  { bindings, organizations, secrets, registry }: MachineBindingOptions,
  controller: Controller,
  names: BindingNames,
  cache: SecretCache,
): void {
  const enqueueOrphans = (organization: string): void => {
    const object = organizations.store.get(refOf(organization));
    const namespaces = object === undefined ? [refOf(organization).namespace ?? ''] : namespacesOf(object);
    for (const secret of namespaces.flatMap((namespace) => cache.inNamespace(namespace))) {
      const key = bindingKeyOf(secret);
      if (bindings.store.get(refOf(key)) === undefined) controller.enqueue(key);
    }
  };

  cache.onNews((secret) => controller.enqueue(bindingKeyOf(secret)));
  secrets.onChange(({ type, object }) => {
    // Whoever claims its name too may have it now.
    if (type !== 'deleted') return;
    const { metadata } = object;
    const own = bindingKeyOf(object);
    for (const key of names.ofSecret(metadata.namespace ?? '', metadata.name))
      if (key !== own) controller.enqueue(key);
  });
  registry.onChange((organization, machineNames) => {
    for (const machineName of machineNames) {
      for (const key of names.ofMachine(organization, machineName)) controller.enqueue(key);
      if (registry.machineOf(organization, machineName) === undefined) enqueueOrphans(organization);
    }
  });
  registry.onView((organization) => {
    for (const key of names.ofOrganization(organization)) controller.enqueue(key);
    enqueueOrphans(organization);
  });
}

/** Names of those that claim the name of a Secret now. */
function rivalsIn(
  bindings: MachineBindingOptions['bindings'],
  keys: readonly string[],
  secretName: string,
): readonly string[] {
  return keys
    .flatMap((key) => bindings.store.get(refOf(key)) ?? [])
    .filter(({ spec }) => claimedNames(spec).has(secretName))
    .map(({ metadata }) => metadata.name)
    .sort();
}

function declaresOtherwise(before: MachineBinding, after: MachineBinding): boolean {
  return (
    before.metadata.uid !== after.metadata.uid || before.metadata.generation !== after.metadata.generation
  );
}
