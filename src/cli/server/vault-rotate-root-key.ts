/** `seneschal vault rotate-root-key`: every key under the root key of the configuration. */

import { resolve } from 'node:path';
import { shellWord } from '#model/shell-word.ts';
import { keysOfOthers, rotateRootKey } from '#vault/upkeep/root-key-rotation.ts';
import { Failure } from '../terminal/failure.ts';
import { print, tell } from '../terminal/print.ts';
import { rootKeyIn } from './root-keys.ts';
import { inDatabase } from './vault-init.ts';
import { vaultConfigOf } from './vault-serve.ts';

interface Options {
  readonly config: string;
  readonly newRootKey?: string;
}

/** Prints one line of JSON. Throws Failure. */
export async function vaultRotateRootKey(options: Options): Promise<void> {
  const config = vaultConfigOf(options.config);
  const expected = options.newRootKey === undefined ? undefined : await idOf(options.newRootKey);
  await inDatabase(config, async (context) => {
    const { rootKeyId } = context.cipher;
    if (rootKeyId === null) {
      throw new Failure(
        'InvalidConfiguration',
        'The configuration has no root key.',
        'Name the new one as rootKey.',
      );
    }
    if (expected !== undefined && expected !== rootKeyId) {
      throw new Failure(
        'InvalidConfiguration',
        'The new root key is not the rootKey of the configuration, so a server that runs by it could not read on.',
        'Name it as rootKey and the old one under previousRootKeys, send the server SIGHUP, and run again.',
      );
    }
    const others = await keysOfOthers(context);
    if (others > 0) {
      throw new Failure(
        'InvalidConfiguration',
        `${others} keys are wrapped by a root key that the configuration does not name.`,
        'Name the old root key under previousRootKeys.',
      );
    }
    const { rewrapped, broken } = await rotateRootKey(context);
    print(JSON.stringify({ rootKeyId, rewrapped, broken }));
    if (broken.length > 0) {
      throw new Failure(
        'Error',
        `${broken.length} keys do not open: they were changed or moved.`,
        `See what it says: seneschal vault verify --config ${shellWord(options.config)}`,
      );
    }
    tell(
      'The database needs no previous root key any more. Backups from before still do: keep it with them.',
    );
  });
}

async function idOf(source: string): Promise<string> {
  const [, env] = /^env:(.+)$/.exec(source) ?? [];
  const key = await rootKeyIn(env === undefined ? { file: resolve(source) } : { env });
  if (key === null)
    throw new Failure('Usage', `--new-root-key ${source} is absent.`, 'Name a file, or env:NAME.');
  return key.id;
}
