/** Copies of Secrets as backups and tools make them, and what the operator told of Secrets that it deletes or leaves. */
import { EVENTS, SECRETS, type Secret } from '#kube/kube.ts';
import type { World } from './world.ts';

/** What a backup keeps of a Secret: everything but what the API server gives. */
export function kept({ metadata, ...rest }: Secret): Secret {
  const { name, namespace, labels, annotations } = metadata;
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels },
      annotations: { ...annotations },
    },
  };
}

/** Makes a copy of a Secret of the world, under another name or in another namespace; gives what is stored. */
export async function copyOf(
  world: World,
  name: string,
  to: { readonly name?: string; readonly namespace?: string },
): Promise<Secret> {
  const secret = await world.secret(name);
  if (secret === undefined) throw new Error(`there is no Secret ${name}`);
  const copy = kept(secret);
  return world.admin.create(SECRETS, { ...copy, metadata: { ...copy.metadata, ...to } });
}

interface Told {
  readonly type: string;
  readonly note: string;
}

/** Events of the namespace that tell of Secrets. */
export async function deletionEvents({ admin, namespace }: World): Promise<Told[]> {
  const { items } = await admin.list(EVENTS, { namespace });
  return items.map(({ type = '', note = '' }) => ({ type, note }));
}
