/** Objects as the files of a folder: one for each object, or one for each kind. Pure. */
import type { CustomResource, Kind } from '#api/v1alpha1/kinds.ts';
import { documentsText, manifestText } from './manifest-text.ts';

export const SPLITS = ['kind', 'object'] as const;
export type Split = (typeof SPLITS)[number];

/** What files are called by kind: of one object, of all of them. */
const WORDS: { readonly [K in Kind]: readonly [string, string] } = {
  Organization: ['organization', 'organization'],
  Member: ['member', 'members'],
  Group: ['group', 'groups'],
  PermissionTemplate: ['template', 'templates'],
  Project: ['project', 'projects'],
  MachineBinding: ['binding', 'bindings'],
  PlanApproval: ['approval', 'approvals'],
};

/** Characters of a file of several objects at most: well below what a folder is read with. */
const LARGEST = 1 << 20;

/**
 * Texts by path, in the order of the objects. `home`: the namespace whose objects stand at the top; those of another one
 * stand in a folder of its name. `comments` stand above the Organization.
 */
export function folderFiles(
  objects: readonly CustomResource[],
  {
    split,
    home,
    comments = [],
  }: { readonly split: Split; readonly home: string; readonly comments?: readonly string[] },
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const object of objects) {
    const { kind, metadata } = object;
    const [one, all] = WORDS[kind];
    const folder = metadata.namespace === home ? '' : `${metadata.namespace}/`;
    const text = manifestText(object, kind === 'Organization' ? comments : []);
    if (kind === 'Organization') files.set(`${folder}${one}.yaml`, text);
    else if (split === 'object') files.set(`${folder}${one}-${metadata.name}.yaml`, text);
    else append(files, `${folder}${all}`, text);
  }
  return files;
}

/** To the last file of that name that has room. */
function append(files: Map<string, string>, name: string, text: string): void {
  for (let part = 1; ; part++) {
    const path = part === 1 ? `${name}.yaml` : `${name}-${part}.yaml`;
    const there = files.get(path);
    if (there !== undefined && there.length + text.length > LARGEST) continue;
    files.set(path, there === undefined ? text : documentsText([there, text]));
    return;
  }
}
