/** The controller of Organizations: what wakes a pass, what is kept between passes, and its end. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { type EventRecorder, type KubeClient, type KubeObject, keyOf, refOf } from '#kube/kube.ts';
import {
  type Cache,
  type Clock,
  type Controller,
  classify,
  type Logger,
  type Manager,
  type ReconcileContext,
  type ReconcileResult,
} from '#runtime/runtime.ts';
import type { KindCache } from '../kind-cache.ts';
import type { MachineKeys } from '../machine-keys.ts';
import type { MachineRegistry } from '../machine-registry.ts';
import type { OpenCounts } from '../open-metrics.ts';
import { organizationKeyOf } from '../resources.ts';
import { DeclaredUnder } from './declared-under.ts';
import { Deliveries } from './deliveries.ts';
import type { OrganizationStores } from './objects.ts';
import { type Connect, OrganizationMemory } from './organization-memory.ts';
import { leaveOrganization, type PassDependencies, reconcileOrganization } from './organization-reconcile.ts';
import { StatusWriter } from './organization-status-writer.ts';
import { VaultAddresses } from './rivals.ts';
import { type SilenceDependencies, watchSilence } from './silence-watch.ts';
import { awaitReturn } from './vault-connection.ts';
import type { AllowedMove, SealReader } from './vault-moves.ts';
import { VaultProbes } from './vault-probes.ts';

/** Changes of one folder come one by one: they are waited for this long, so that one pass sees them all. */
const GATHER_MS = 100;

/** How long until an Organization is looked for again that cannot be told to be there or not. */
const UNKNOWN_MS = 5_000;

/** How long giving a vault's lease back may take at the end. */
const RELEASE_MS = 2_000;

/** Caches of the seven kinds; all but the first have the index `organization`. */
export interface OrganizationCaches {
  readonly organizations: KindCache<'Organization'>;
  readonly members: KindCache<'Member'>;
  readonly groups: KindCache<'Group'>;
  readonly templates: KindCache<'PermissionTemplate'>;
  readonly projects: KindCache<'Project'>;
  readonly bindings: KindCache<'MachineBinding'>;
  readonly approvals: KindCache<'PlanApproval'>;
}

export interface OrganizationControllerOptions {
  readonly manager: Manager;
  readonly client: KubeClient;
  readonly caches: OrganizationCaches;
  readonly keys: MachineKeys;
  readonly registry: MachineRegistry;
  readonly recorder: EventRecorder;
  /** Id of the installation: with the manager's name it is the holder of the vault's lease (rail 10). */
  readonly installation: string;
  readonly connect: Connect;
  readonly openCounts: OpenCounts;
  /** Told whenever the vault of an organization answers. */
  readonly vaultAnswered: (organization: string) => void;
  readonly allowInsecureLoopback: boolean;
  readonly sealReader: SealReader;
  readonly allowedMoves: readonly AllowedMove[];
  readonly enableCommand: (namespace: string) => string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class OrganizationController {
  readonly #options: OrganizationControllerOptions;
  readonly #sessions = new Map<string, OrganizationMemory>();
  readonly #addresses = new VaultAddresses();
  readonly #dependencies: PassDependencies;
  readonly #controller: Controller;
  /** Aborted when this process no longer leads. */
  #leading: AbortSignal = AbortSignal.abort();

  constructor(options: OrganizationControllerOptions) {
    this.#options = options;
    const { client, caches, manager, keys } = options;
    const writer = new StatusWriter(client);
    const declaredUnder = new DeclaredUnder(client);
    this.#dependencies = {
      ...options,
      stores: storesOf(caches),
      isComplete: (namespace) => Object.values(caches).every((cache) => cache.isComplete(namespace)),
      declaredUnder,
      deliveries: new Deliveries(client, options.clock),
      writer,
      leading: () => this.#leading,
      probes: new VaultProbes(options.clock, () => this.#leading, options.vaultAnswered),
      addresses: this.#addresses,
      wakeClaimants: (vaultIds, besides) => this.#wakeClaimants(vaultIds, besides),
      wake: (key, when) => (when === 'soon' ? this.#wake(key) : this.#controller.enqueue(key)),
    };
    this.#controller = manager.addController({
      name: 'Organization',
      reconcile: (key, context) => this.#reconcile(key, context),
      onStart: (enqueue) => {
        for (const { metadata } of caches.organizations.store.list()) enqueue(keyOf(metadata));
        // Objects without an Organization say so.
        for (const key of this.#namedOrganizations()) enqueue(key, { afterMs: GATHER_MS });
      },
    });
    manager.onLeading((signal) => {
      this.#leading = signal;
      void watchSilence(this.#silence(writer), signal);
    });
    this.#wakeOnChanges(writer, declaredUnder);
    options.sealReader.onChange((isOf) => {
      for (const { key, awaitsSecrets } of this.#sessions.values())
        if (awaitsSecrets && isOf(key)) this.#wake(key);
    });
    keys.onChange((namespace, name) => {
      const binding = caches.bindings.store.get({ namespace, name });
      if (binding !== undefined) this.#wake(organizationKeyOf(binding));
    });
  }

  /** Gives the leases of the vaults back. After the manager's run has ended. */
  async close(): Promise<void> {
    const signal = AbortSignal.timeout(RELEASE_MS);
    await Promise.all([...this.#sessions.values()].map((session) => session.end(signal)));
    this.#sessions.clear();
  }

  async #reconcile(key: string, context: ReconcileContext): Promise<ReconcileResult> {
    const { caches, clock, installation, log } = this.#options;
    const organization = caches.organizations.store.get(refOf(key));
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = new OrganizationMemory(key, installation, clock.now(), log);
      this.#sessions.set(key, session);
    }
    if (organization !== undefined && organization.metadata.deletionTimestamp === undefined) {
      session.absentSince = null;
      return reconcileOrganization(this.#dependencies, session, organization, context);
    }
    // A list that may not be read, or a CRD that is gone, says nothing about the object.
    if (organization === undefined && !caches.organizations.isComplete(refOf(key).namespace ?? '')) {
      return { againAfterMs: UNKNOWN_MS };
    }
    const result = await leaveOrganization(this.#dependencies, session, organization, context);
    if (result.againAfterMs === undefined) {
      this.#sessions.delete(key);
      this.#addresses.forget(key);
    }
    return result;
  }

  #silence(writer: StatusWriter): SilenceDependencies {
    const { clock, log, manager } = this.#options;
    return {
      stores: this.#dependencies.stores,
      writer,
      clock,
      isBusy: () => manager.hasReady,
      sessions: () => this.#sessions.values(),
      wake: (key) => this.#controller.enqueue(key),
      lost: (session) => awaitReturn(this.#dependencies, session),
      onFailure: (error) =>
        log.warn(
          { reason: classify(error, this.#leading).reason },
          'a status that says how old it is was not written',
        ),
    };
  }

  #wakeClaimants(vaultIds: readonly (string | null)[], besides: string): void {
    for (const organization of this.#options.caches.organizations.store.list()) {
      const { key, vaultId } = this.#addresses.claimOf(organization);
      if (key !== besides && vaultId !== null && vaultIds.includes(vaultId)) this.#wake(key);
    }
  }

  #wake(key: string): void {
    this.#controller.enqueue(key, { afterMs: GATHER_MS });
  }

  #namedOrganizations(): ReadonlySet<string> {
    const { members, groups, templates, projects, bindings, approvals } = this.#options.caches;
    const stores = [members, groups, templates, projects, bindings, approvals].map(({ store }) => store);
    return new Set(stores.flatMap((store) => store.list().map((object) => organizationKeyOf(object))));
  }

  #wakeOnChanges(writer: StatusWriter, declaredUnder: DeclaredUnder): void {
    const { organizations, members, groups, templates, projects, bindings, approvals } = this.#options.caches;
    organizations.onChange((change) => {
      if (change.type === 'modified' && !isDeclaredAnew(change.object, change.previous)) return;
      const { object } = change;
      if (change.type === 'deleted') writer.forget('Organization', object.metadata);
      this.#wake(keyOf(object.metadata));
      // Those that shared its vault may be alone now.
      const { key, vaultId } = this.#addresses.claimOf(object);
      const before = change.type === 'modified' ? change.previous.spec.vault.seneschal.vaultId : undefined;
      this.#wakeClaimants([vaultId, before ?? null], key);
    });
    const wakeOf = <K extends Exclude<Kind, 'Organization'>>(cache: KindCache<K>): void =>
      cache.onChange((change) => {
        if (change.type === 'modified') {
          if (!isDeclaredAnew(change.object, change.previous)) return;
          this.#wake(organizationKeyOf(change.previous));
        }
        if (change.type === 'deleted') writer.forget(cache.kind, change.object.metadata);
        this.#wake(organizationKeyOf(change.object));
      });
    wakeOf(members);
    wakeOf(groups);
    wakeOf(templates);
    wakeOf(projects);
    wakeOf(bindings);
    wakeOf(approvals);
    for (const cache of Object.values(this.#options.caches) as readonly Cache[])
      cache.onState(() => {
        // A CRD that went away may come back with another UID.
        declaredUnder.forgetCrds();
        for (const { metadata } of organizations.store.list()) this.#wake(keyOf(metadata));
      });
  }
}

function storesOf(caches: OrganizationCaches): OrganizationStores {
  return {
    organizations: caches.organizations.store,
    members: caches.members.store,
    groups: caches.groups.store,
    templates: caches.templates.store,
    projects: caches.projects.store,
    bindings: caches.bindings.store,
    approvals: caches.approvals.store,
  };
}

/** Our own status writes come back as changes; they wake nobody. */
function isDeclaredAnew(object: KubeObject, previous: KubeObject): boolean {
  const declaration = ({ metadata }: KubeObject): string =>
    JSON.stringify([
      metadata.uid,
      metadata.generation,
      metadata.deletionTimestamp,
      metadata.labels,
      metadata.annotations,
    ]);
  return declaration(object) !== declaration(previous);
}
