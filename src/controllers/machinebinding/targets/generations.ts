/** Former Secrets of a target whose contents are Secrets of their own: pods may have been started with one. */
import type { MetadataOnly } from '#kube/kube.ts';
import type { BindingInput } from '../input.ts';
import { annotationOf, roleOf } from '../marks.ts';
import type { TargetWorld } from './target-world.ts';

/** The current one included. */
const KEPT = 3;

/** `secretName` of the target that a Secret is of, told by its name too: a copy under another one says nothing. */
export function targetNameOf(secret: MetadataOnly): string {
  const { name } = secret.metadata;
  const said = annotationOf(secret, 'target') ?? name;
  const isOfContent = name.startsWith(`${said}-`) && /^[0-9a-f]{10}$/.test(name.slice(said.length + 1));
  return isOfContent ? said : name;
}

/** @throws KubeError. The newest stay; the others are deleted, once proven ours. */
export async function pruneGenerations(
  { key, identity }: BindingInput,
  { cache, deletions }: Pick<TargetWorld, 'cache' | 'deletions'>,
  secretName: string,
  current: string,
): Promise<void> {
  const former = cache
    .ofBinding(key)
    .filter((secret) => roleOf(secret) === 'target' && targetNameOf(secret) === secretName)
    .filter(({ metadata }) => metadata.name !== current)
    .sort((a, b) => newestFirst(a.metadata.creationTimestamp, b.metadata.creationTimestamp));
  for (const secret of former.slice(KEPT - 1)) await deletions.delete(identity, secret);
}

function newestFirst(a = '', b = ''): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}
