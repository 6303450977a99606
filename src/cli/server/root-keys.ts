/** The root keys that a configuration names: out of files, the environment, or a command (V5). */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { RootKey } from '#vault/crypto/root-key.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { Failure } from '../terminal/failure.ts';
import type { RootKeySource, VaultConfig } from './vault-config.ts';

export interface RootKeys {
  /** Null where there is none: the server starts sealed (V5). */
  readonly rootKey: RootKey | null;
  readonly previousRootKeys: readonly RootKey[];
}

/** Throws Failure where a key is none, a command fails, or a previous key is absent. */
export async function rootKeysOf(
  config: Pick<VaultConfig, 'rootKey' | 'previousRootKeys'>,
): Promise<RootKeys> {
  const previousRootKeys: RootKey[] = [];
  for (const source of config.previousRootKeys) {
    const key = await rootKeyIn(source);
    if (key === null) {
      throw new Failure(
        'InvalidConfiguration',
        `${named(source)} is absent.`,
        'Take it out of previousRootKeys, or bring it back.',
      );
    }
    previousRootKeys.push(key);
  }
  return { rootKey: await rootKeyIn(config.rootKey), previousRootKeys };
}

/** Throws Failure. */
export async function cipherOf(config: VaultConfig): Promise<SecretCipher> {
  const { rootKey, previousRootKeys } = await rootKeysOf(config);
  return new SecretCipher(rootKey, previousRootKeys);
}

/** Null where the file or the variable is absent. Throws Failure where what is there is no root key. */
export async function rootKeyIn(source: RootKeySource): Promise<RootKey | null> {
  const text = await textOf(source);
  if (text === null) return null;
  try {
    return RootKey.parse(text);
  } catch {
    throw new Failure(
      'InvalidConfiguration',
      `${named(source)} holds no root key.`,
      'It is 32 bytes in standard base64: openssl rand -base64 32.',
    );
  }
}

/** The source as messages name it: of a command the program alone, for its arguments may be secret. */
function named(source: RootKeySource): string {
  if ('file' in source) return source.file;
  return 'env' in source ? `$${source.env}` : `The command ${source.command[0]}`;
}

async function textOf(source: RootKeySource): Promise<string | null> {
  if ('env' in source) return process.env[source.env] ?? null;
  if ('command' in source) return printedBy(source);
  return readFile(source.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    const why = error.code ?? 'unknown error';
    throw new Failure('Error', `${source.file} cannot be read (${why}).`, 'Correct rootKey.');
  });
}

/** How long a command has, in milliseconds: it may ask a key service. */
const COMMAND_TIMEOUT = 30_000;

/** Nothing that the command prints is ever shown. */
function printedBy(source: { readonly command: readonly string[] }): Promise<string> {
  const [program = '', ...args] = source.command;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(program, args, { timeout: COMMAND_TIMEOUT, maxBuffer: 4096 }, (error, stdout) => {
    if (error === null) return resolve(stdout);
    const why =
      error.killed === true
        ? `no end within ${COMMAND_TIMEOUT / 1000} s`
        : `${error.code ?? 'unknown error'}`;
    reject(
      new Failure(
        'Error',
        `The command ${program} gave no root key (${why}).`,
        'Run it by hand as the user of the server.',
      ),
    );
  });
  child.stdin?.end();
  return promise;
}
