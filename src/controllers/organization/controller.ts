/** The controller of Organizations: what wakes a pass, what is kept between passes, and its end. */
import type { DesiredOf, RunPass } from '../../engine/types.ts';
import {
  createWatcher,
  type EventRecorder,
  type KubeClient,
  type KubeObject,
  keyOf,
  type MetadataOnly,
  type ResourceType,
  refOf,
  SECRETS,
  type Watcher,
} from '../../kube/kube.ts';
import type { Clock, Controller, Manager, ReconcileContext, ReconcileResult } from '../../runtime/runtime.ts';
import type { MachineKeys } from '../machine-keys.ts';
import type { MachineRegistry } from '../machine-registry.ts';
import { organizationKeyOf, type Resource } from '../resources.ts';
import { followChanges } from './change-feed.ts';
import { secretNamesOf } from './credentials.ts';
import { DeclaredUnder } from './declared-under.ts';
import type { OrganizationStores } from './objects.ts';
import { leaveOrganization, type PassDependencies, reconcileOrganization } from './reconcile.ts';
import { type Connect, Session } from './session.ts';
import { StatusWriter } from './status-writer.ts';

/** Changes of one folder come one by one: they are waited for this long, so that one pass sees them all. */
const GATHER_MS = 100;

/** How long giving a vault's lease back may take at the end. */
const RELEASE_MS = 2_000;

/** Caches of the six kinds; all but the first have the index `organization`. */
export interface OrganizationWatchers {
  readonly organizations: Watcher<Resource<'Organization'>>;
  readonly members: Watcher<Resource<'Member'>>;
  readonly templates: Watcher<Resource<'PermissionTemplate'>>;
  readonly projects: Watcher<Resource<'Project'>>;
  readonly bindings: Watcher<Resource<'MachineBinding'>>;
  readonly approvals: Watcher<Resource<'PlanApproval'>>;
}

export interface OrganizationControllerOptions {
  readonly manager: Manager;
  readonly client: KubeClient;
  readonly watchers: OrganizationWatchers;
  readonly keys: MachineKeys;
  readonly registry: MachineRegistry;
  readonly recorder: EventRecorder;
  /** Id of the installation: with the manager's name it is the holder of the vault's lease (rail 10). */
  readonly installation: string;
  readonly connect: Connect;
  readonly desiredOf: DesiredOf;
  readonly runPass: RunPass;
  readonly enableCommand: (namespace: string) => string;
  readonly clock: Clock;
}

export class OrganizationController {
  readonly #options: OrganizationControllerOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #dependencies: PassDependencies;
  readonly #controller: Controller;
  /** Aborted when this process no longer leads. */
  #leading: AbortSignal = AbortSignal.abort();

  constructor(options: OrganizationControllerOptions) {
    this.#options = options;
    const { client, watchers, manager, keys } = options;
    const writer = new StatusWriter(client);
    const declaredUnder = new DeclaredUnder(client);
    this.#dependencies = {
      ...options,
      stores: storesOf(watchers),
      cachesSynced: () => Object.values(watchers).every((watcher) => watcher.hasSynced()),
      declaredUnder,
      writer,
      follow: (session, connection, lease, { snapshot, beside }) =>
        session.follow(this.#leading, (signal) =>
          followChanges(
            {
              provider: connection.provider,
              lease,
              clock: options.clock,
              from: {
                epoch: snapshot.state.epoch,
                revision: snapshot.state.revision,
                secretRevision: beside.secretRevision,
              },
              listener: {
                moved: () => this.#controller.enqueue(session.key),
                secretsMoved: (moved) => options.registry.moveSecrets(session.key, moved),
                reachable: () => this.#controller.enqueue(session.key),
              },
            },
            signal,
          ),
        ),
      watchCredentials: (session, organization) => this.#watchCredentials(session, organization),
    };
    this.#controller = manager.addController({
      name: 'Organization',
      reconcile: (key, context) => this.#reconcile(key, context),
      onStart: (enqueue) => {
        for (const { metadata } of watchers.organizations.store.list()) enqueue(keyOf(metadata));
        // Objects without an Organization say so.
        for (const key of this.#namedOrganizations()) enqueue(key, { afterMs: GATHER_MS });
      },
    });
    manager.onLeading((signal) => {
      this.#leading = signal;
    });
    this.#wakeOnChanges(writer, declaredUnder);
    keys.onChange((namespace, name) => {
      const binding = watchers.bindings.store.get({ namespace, name });
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
    const { watchers, clock, installation } = this.#options;
    const organization = watchers.organizations.store.get(refOf(key));
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = new Session(key, installation, clock.now());
      this.#sessions.set(key, session);
    }
    if (organization !== undefined && organization.metadata.deletionTimestamp === undefined) {
      session.absentSince = null;
      return reconcileOrganization(this.#dependencies, session, organization, context);
    }
    const result = await leaveOrganization(this.#dependencies, session, organization, context);
    if (result.againAfterMs === undefined) this.#sessions.delete(key);
    return result;
  }

  #wake(key: string): void {
    this.#controller.enqueue(key, { afterMs: GATHER_MS });
  }

  #namedOrganizations(): ReadonlySet<string> {
    const { members, templates, projects, bindings, approvals } = this.#options.watchers;
    const stores = [members, templates, projects, bindings, approvals].map(({ store }) => store);
    return new Set(stores.flatMap((store) => store.list().map((object) => organizationKeyOf(object))));
  }

  #wakeOnChanges(writer: StatusWriter, declaredUnder: DeclaredUnder): void {
    const { organizations, members, templates, projects, bindings, approvals } = this.#options.watchers;
    organizations.onChange((change) => {
      if (change.type === 'modified' && !isDeclaredAnew(change.object, change.previous)) return;
      const { object } = change;
      if (change.type === 'deleted') writer.forget('Organization', object.metadata);
      this.#wake(keyOf(object.metadata));
      // Those that shared its vault may be alone now.
      const { vaultId } = object.spec.vault.seneschal;
      for (const other of organizations.store.list())
        if (other.spec.vault.seneschal.vaultId === vaultId) this.#wake(keyOf(other.metadata));
    });
    const wakeOf = (watcher: Watcher<Resource<'Member'>>, kind: Resource['kind'] & string): void =>
      watcher.onChange((change) => {
        if (change.type === 'modified') {
          if (!isDeclaredAnew(change.object, change.previous)) return;
          this.#wake(organizationKeyOf(change.previous));
        }
        if (change.type === 'deleted') writer.forget(kind, change.object.metadata);
        this.#wake(organizationKeyOf(change.object));
      });
    // All of them name their Organization the same way.
    wakeOf(members, 'Member');
    wakeOf(templates as unknown as typeof members, 'PermissionTemplate');
    wakeOf(projects as unknown as typeof members, 'Project');
    wakeOf(bindings as unknown as typeof members, 'MachineBinding');
    wakeOf(approvals as unknown as typeof members, 'PlanApproval');
    for (const watcher of Object.values(this.#options.watchers) as readonly Watcher[])
      watcher.onState(() => {
        // A CRD that went away may come back with another UID.
        if (watcher.state !== 'live') declaredUnder.forgetCrds();
        for (const { metadata } of organizations.store.list()) this.#wake(keyOf(metadata));
      });
  }

  #watchCredentials(session: Session, organization: Resource<'Organization'>): void {
    const { client } = this.#options;
    const { namespace } = organization.metadata;
    session.watchSecrets(secretNamesOf(organization.spec), this.#leading, (name, signal) => {
      const watcher = createWatcher<MetadataOnly>({
        client,
        type: SECRETS as ResourceType<KubeObject>,
        namespace,
        fieldSelector: `metadata.name=${name}`,
        metadataOnly: true,
      });
      watcher.onChange(({ type, object: { metadata } }) => {
        const seen = `${metadata.uid}/${metadata.resourceVersion}`;
        if (type !== 'deleted' && session.connection?.access.mark.includes(seen) === true) return;
        session.credentialsMoved = true;
        this.#wake(session.key);
      });
      watcher.start(signal);
    });
  }
}

function storesOf(watchers: OrganizationWatchers): OrganizationStores {
  return {
    organizations: watchers.organizations.store,
    members: watchers.members.store,
    templates: watchers.templates.store,
    projects: watchers.projects.store,
    bindings: watchers.bindings.store,
    approvals: watchers.approvals.store,
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
