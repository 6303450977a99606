/** Where values lie in a cluster, as the bindings of a folder declare it: no vault knows targets. */
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import type { DeclaredCopy } from '#questions/explain.ts';
import { copiesIn } from '#shaping/copies.ts';
import { declaredSecrets } from '#shaping/selection.ts';
import { readFolder } from '#source/folder.ts';

/** By `project/secret`. What of the folder cannot be read is left out: a question is not an apply. */
export async function declaredCopies(
  folder: string,
  namespace: string,
): Promise<Map<string, (DeclaredCopy & { readonly machine: string })[]>> {
  const { objects } = await readFolder(folder, { defaultNamespace: namespace });
  const copies = new Map<string, (DeclaredCopy & { readonly machine: string })[]>();
  for (const { object } of objects) {
    if (object.kind !== 'MachineBinding') continue;
    const { metadata, spec } = object as CustomResource<'MachineBinding'>;
    for (const target of spec.targets ?? []) {
      for (const { name: path, key } of copiesIn(target, declaredSecrets(spec))) {
        const copy = {
          machine: spec.machineName,
          binding: `${metadata.namespace}/${metadata.name}`,
          secretName: `${metadata.namespace}/${target.secretName}`,
          key,
        };
        copies.set(path, [...(copies.get(path) ?? []), copy]);
      }
    }
  }
  return copies;
}
