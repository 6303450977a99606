/** The folder that an identity is written to by this command line: it loads as it lies there. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../terminal/failure.ts';
import { writePrivate } from '../terminal/private-files.ts';
import { type CommandInput, option } from './person-command.ts';

export const BUNDLE_FLAGS = [
  {
    flags: '--out <folder>',
    description: 'where its files are written; nothing is overwritten',
    required: true,
  },
  {
    flags: '--mount-path <path>',
    description: 'where pods will see the files; left out, they are read where they are written',
  },
] as const;

export interface BundleFolder {
  /** What the vault is told: where the private key will be found. */
  readonly mountPath: string;
  /**
   * Writes each file, readable by the user alone; their paths. Throws Failure where one is there already.
   */
  write(bundle: Readonly<Record<string, string>> | null): Promise<string[]>;
}

/** Asked before the machine or its key is made: an identity that cannot be written is lost. Throws Failure `Usage`. */
export function bundleFolder(given: CommandInput): BundleFolder {
  const folder = option(given, 'out') ?? '';
  const file = join(folder, 'identity.json');
  if (existsSync(file)) {
    throw new Failure('Usage', `${file} is there already; it is not overwritten.`, 'Name another --out.');
  }
  return {
    mountPath: option(given, 'mountPath') ?? resolve(folder),
    write: (bundle) => writeFiles(folder, bundle ?? {}),
  };
}

async function writeFiles(folder: string, bundle: Readonly<Record<string, string>>): Promise<string[]> {
  const files: string[] = [];
  for (const [name, content] of Object.entries(bundle)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(name)) {
      throw new Failure('Error', 'The vault answered a file of a name that is none.', 'Check --url.');
    }
    const file = join(folder, name);
    await writePrivate(file, content, true).catch((error: NodeJS.ErrnoException) => {
      throw new Failure(
        'Error',
        `${file} cannot be written (${error.code ?? error.name}); the machine is made, its key is not kept anywhere.`,
        'Revoke the machine and make it anew with another --out.',
      );
    });
    files.push(file);
  }
  return files;
}
