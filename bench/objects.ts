/** Declarations of the size that a benchmark asks for. */

import type { Kind } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { createWatcher, type KubeClient, type KubeObject, type ResourceType } from '#kube/kube.ts';
import { apply, type Manifest } from '../demo/cluster.ts';
import type { World } from './world.ts';

const organizationRef = { name: 'bench' };
/** Objects applied at once. */
const AT_ONCE = 16;

export function object(world: World, kind: string, name: string, spec: object): Manifest {
  return {
    apiVersion: 'seneschal.dev/v1alpha1',
    kind,
    metadata: { name, namespace: world.namespace },
    spec: kind === 'Organization' ? spec : { organizationRef, ...spec },
  };
}

export function organization(world: World): Manifest {
  const { url, vaultId } = world.vault;
  return object(world, 'Organization', 'bench', {
    vault: { seneschal: { url, vaultId, credentialsSecretRef: { name: 'vault-credentials' } } },
  });
}

/** A project with that many generated secrets, `s-0` and so on. */
export function project(world: World, name: string, secrets: number): Manifest {
  return object(world, 'Project', name, {
    secrets: Array.from({ length: secrets }, (_, index) => ({
      name: `s-${index}`,
      generator: { length: 32 },
    })),
  });
}

/** A binding with targets of five keys each, all different: target i holds the secrets 5i to 5i+4. */
export function binding(world: World, name: string, projectName: string, targets: number): Manifest {
  const secrets = Array.from({ length: targets * 5 }, (_, index) => `s-${index}`);
  return object(world, 'MachineBinding', name, {
    machineName: name,
    projects: [{ name: projectName, secrets }],
    key: { secretName: `${name}-key` },
    targets: Array.from({ length: targets }, (_, target) => ({
      secretName: `${name}-${target}`,
      data: secrets.slice(target * 5, target * 5 + 5).map((secret) => ({ project: projectName, secret })),
    })),
  });
}

export async function applyAll(admin: KubeClient, objects: readonly Manifest[]): Promise<void> {
  const queue = [...objects];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await apply(admin, next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The objects of a resource in the benchmark's namespace. */
export async function list<T>(
  world: World,
  resource: string,
  version = 'seneschal.dev/v1alpha1',
): Promise<readonly T[]> {
  const root = version === 'v1' ? '/api/v1' : `/apis/${version}`;
  const path = `${root}/namespaces/${world.namespace}/${resource}`;
  const { body } = await world.admin.request({ method: 'GET', path, timeoutMs: 60_000 });
  return (body as { items: readonly T[] }).items;
}

/** An object of ours with what a benchmark reads of it. */
interface Watched extends KubeObject {
  readonly spec?: unknown;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/**
 * Waits until that many objects of a kind are Ready, by a watch: asking again and again would load the API
 * server. Gives the milliseconds that it took.
 */
export async function allReady(world: World, kind: Kind, count: number, seconds = 600): Promise<number> {
  const started = performance.now();
  const stop = new AbortController();
  const done = Promise.withResolvers<void>();
  const type = resourceType(kind) as unknown as ResourceType<Watched>;
  const watcher = createWatcher<Watched>({ client: world.admin, type, namespace: world.namespace });
  const ready = new Set<string>();
  watcher.onChange(({ object: { metadata, status } }) => {
    const isReady =
      status?.observedGeneration === metadata.generation &&
      status?.conditions?.find((condition) => condition.type === 'Ready')?.status === 'True';
    if (isReady) ready.add(metadata.name);
    else ready.delete(metadata.name);
    if (ready.size >= count) done.resolve();
  });
  watcher.start(stop.signal);
  const timer = setTimeout(() => {
    const first = watcher.store.list().find(({ metadata }) => !ready.has(metadata.name));
    const stands = JSON.stringify([first?.metadata.name, first?.status?.conditions]);
    done.reject(new Error(`${ready.size} of ${count} ${kind} are Ready after ${seconds} s; ${stands}`));
  }, seconds * 1000);
  try {
    await done.promise;
    return performance.now() - started;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
