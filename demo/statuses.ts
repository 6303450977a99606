import type { World } from './world.ts';

/** An object of ours with what the demo shows of its status. */
export interface Reconciled {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly email?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The objects of some kinds in the team's namespace. */
export async function objectsOf(world: World, kinds: readonly string[]): Promise<Reconciled[]> {
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const path = `/apis/seneschal.dev/v1alpha1/namespaces/${world.namespace}/${kind.toLowerCase()}s`;
      const { body } = await world.admin.request({ method: 'GET', path });
      return (body as { items: Omit<Reconciled, 'kind'>[] }).items.map((item) => ({ ...item, kind }));
    }),
  );
  return lists.flat();
}

/** Those that are not Ready for their present generation. */
export function notReady(objects: readonly Reconciled[]): Reconciled[] {
  return objects.filter(
    ({ metadata, status }) =>
      status?.observedGeneration !== metadata.generation ||
      status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True',
  );
}

/** A row of the table of statuses: object, Ready, reason, what else there is to say. */
export function readyRow({ kind, metadata, status }: Reconciled): string[] {
  const conditions = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const more = conditions
    .filter(({ type }) => type !== 'Ready')
    .map(({ type, status: state, reason }) => (state === 'True' ? type : `${type}=${state}/${reason}`))
    .join(' ');
  return [`${kind}/${metadata.name}`, ready?.status ?? 'Unknown', ready?.reason ?? '-', more];
}
