/** Writes statuses by server-side apply: what differs, once a pass, some at a time. */
import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { isNotFound, type KubeClient } from '#kube/kube.ts';
import { type Condition, sameConditions } from '#runtime/runtime.ts';
import { type Resource, resourceType } from '../resources.ts';
import type { OrganizationObjects } from './objects.ts';
import { objectKey } from './statuses/problems.ts';
import type { StatusPatch } from './statuses/statuses.ts';

const STATUS_MANAGER = 'seneschal-organization';

/** Status writes at once. */
const CONCURRENCY = 8;

/** Of a binding's status the organization pass owns these; of the other kinds' everything. */
const BINDING_FIELDS = new Set(['machineId', 'grantedSecrets']);
const BINDING_CONDITIONS = new Set(['Registered', 'Granted', 'Stale']);

/** These move with every act in the vault: written along with something else, or hourly (A3). */
const VOLATILE = new Set(['auditHead', 'lastPlannedRevision']);

type Fields = Readonly<Record<string, unknown>>;

export class StatusWriter {
  readonly #client: KubeClient;
  /** What was written and has perhaps not come back through the watch yet. */
  readonly #written = new Map<string, Resource>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** The objects with their newest status: the cache may be older than our own last write. */
  freshest<O extends Omit<OrganizationObjects, 'organization'>>(objects: O): O {
    const of =
      <K extends Kind>(kind: K) =>
      (object: Resource<K>): Resource<K> =>
        this.one(kind, object);
    return {
      ...objects,
      members: objects.members.map(of('Member')),
      groups: objects.groups.map(of('Group')),
      templates: objects.templates.map(of('PermissionTemplate')),
      projects: objects.projects.map(of('Project')),
      bindings: objects.bindings.map(of('MachineBinding')),
      approvals: objects.approvals.map(of('PlanApproval')),
    };
  }

  one<K extends Kind>(kind: K, object: Resource<K>): Resource<K> {
    const key = objectKey(kind, object.metadata);
    const written = this.#written.get(key);
    if (written === undefined) return object;
    if (written.metadata.uid === object.metadata.uid && isNewer(written, object))
      return { ...object, status: written.status };
    this.#written.delete(key);
    return object;
  }

  /** Those of the patches that say something else than the object does. */
  changed(patches: readonly StatusPatch[], withVolatile: boolean): readonly StatusPatch[] {
    return patches.filter((patch) => differs(patch, withVolatile));
  }

  /** Applies them. An object that is gone meanwhile is left; the first other error is thrown after all were tried. */
  async write(patches: readonly StatusPatch[], signal: AbortSignal): Promise<void> {
    const queue = [...patches];
    const errors: unknown[] = [];
    const worker = async (): Promise<void> => {
      for (let patch = queue.shift(); patch !== undefined; patch = queue.shift()) {
        try {
          await this.#apply(patch, signal);
        } catch (error) {
          if (!isNotFound(error)) errors.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, queue.length) }, worker));
    if (errors.length > 0) throw errors[0];
  }

  async #apply({ kind, object, status }: StatusPatch, signal: AbortSignal): Promise<void> {
    const { namespace, name } = object.metadata;
    const applied = await this.#client.applyStatus(resourceType(kind), { namespace, name }, status, {
      fieldManager: STATUS_MANAGER,
      force: true,
      signal,
    });
    // They are larger than the rest of the answer, and only who wrote when is asked of them.
    const { managedFields: _, ...metadata } = applied.metadata;
    this.#written.set(objectKey(kind, object.metadata), {
      metadata,
      spec: object.spec,
      status: applied.status,
    });
  }

  forget(kind: Kind, at: { namespace?: string | undefined; name: string }): void {
    this.#written.delete(objectKey(kind, at));
  }
}

/** Resource versions of one resource grow as numbers do (KEP-5504). */
function isNewer(a: Resource, b: Resource): boolean {
  try {
    return BigInt(a.metadata.resourceVersion ?? '0') > BigInt(b.metadata.resourceVersion ?? '0');
  } catch {
    return false;
  }
}

function differs({ kind, object, status }: StatusPatch, withVolatile: boolean): boolean {
  const before = (object.status ?? {}) as Fields;
  const owned = (field: string): boolean =>
    field !== 'conditions' &&
    (kind !== 'MachineBinding' || BINDING_FIELDS.has(field)) &&
    (withVolatile || kind !== 'Organization' || !VOLATILE.has(field));
  const conditions = ((before.conditions ?? []) as readonly Condition[]).filter(
    ({ type }) => kind !== 'MachineBinding' || BINDING_CONDITIONS.has(type),
  );
  // A new binding that only waits for its key and its turn: both pass within seconds, and each status is a write.
  // Where they do not, Ready says so, which the binding pass writes.
  if (kind === 'MachineBinding' && conditions.length === 0 && status.conditions.some(isUnderWay))
    return false;
  if (!sameConditions(conditions, status.conditions)) return true;
  const fields = new Set([...Object.keys(before), ...Object.keys(status)].filter(owned));
  return [...fields].some((field) => !isDeepStrictEqual(before[field], status[field]));
}

const UNDER_WAY: ReadonlySet<string> = new Set(['Progressing', 'WaitingForKey', 'WaitingForRegistration']);

function isUnderWay({ type, status, reason }: Condition): boolean {
  return type === 'Registered' && status === 'False' && UNDER_WAY.has(reason);
}
