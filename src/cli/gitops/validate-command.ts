import { readSource } from '#source/folder.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { print } from '../terminal/print.ts';
import { checkAll, checkTargets, type FolderOptions, InvalidFolder, workspaceOf } from './workspace.ts';

/** `seneschal validate DIR`: every organization of the folder. Exits 0 or 6. */
export async function validate(folder: string, options: FolderOptions): Promise<CommandOutcome[]> {
  const source = await readSource(folder, { defaultNamespace: options.namespace });
  const organizations = new Set(
    source.objects
      .filter(({ object }) => object.kind === 'Organization')
      .map(({ object }) => object.metadata.name),
  );
  try {
    // With one Organization (or a named one) or none: the same words as plan and apply.
    if (organizations.size <= 1 || options.organization !== undefined) workspaceOf(source, folder, options);
    else checkAll(source);
    await checkTargets(source);
  } catch (error) {
    if (options.output === 'json' && error instanceof InvalidFolder) {
      print(document(false, error.problems, source.warnings));
    }
    throw error;
  }
  if (options.output === 'json') print(document(true, [], source.warnings));
  else {
    const count = source.objects.length;
    const left = source.others === 0 ? '' : `; ${source.others} of other kinds left alone`;
    print(`${folder}: ${count === 1 ? '1 object is' : `${count} objects are`} valid${left}.`);
  }
  return [];
}

function document(valid: boolean, problems: readonly unknown[], warnings: readonly unknown[]): string {
  return JSON.stringify({ schemaVersion: 1, valid, problems, warnings }, null, 2);
}
