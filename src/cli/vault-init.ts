/** `seneschal vault init` and `vault account create`: what whoever runs the server does in its database. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SecretCipher } from '../vault/crypto/secret-cipher.ts';
import type { VaultContext } from '../vault/domain/context.ts';
import { DomainError } from '../vault/domain/domain-error.ts';
import { makeContext } from '../vault/domain/vault-context.ts';
import { createAccount } from '../vault/people/accounts.ts';
import { openStore } from '../vault/store/store.ts';
import { Failure } from './failure.ts';
import { print, tell } from './print.ts';
import { readPassword, writePrivate } from './private-files.ts';
import { shownDatabase, type VaultConfig } from './vault-config.ts';
import { found, userNameOf } from './vault-founding.ts';
import { cannotStart, rootKeyOf, vaultConfigOf } from './vault-serve.ts';

interface InitOptions {
  readonly config: string;
  readonly owner: string;
  readonly passwordFile: string;
  readonly organization: string;
  readonly plan: string;
  readonly credentials: string;
}

/** Prints one line of JSON: ids and paths, no secret. Throws Failure. */
export async function vaultInit(options: InitOptions): Promise<void> {
  const config = vaultConfigOf(options.config);
  const credentialsDir = resolve(options.credentials);
  const key = join(credentialsDir, 'private.pem');
  if (existsSync(key)) {
    throw new Failure(
      'Usage',
      `${key} is there already; it is not overwritten.`,
      'Name another --credentials.',
    );
  }
  const password = await readPassword(options.passwordFile);
  if ('file' in config.rootKey && !existsSync(config.rootKey.file)) {
    await writePrivate(config.rootKey.file, `${randomBytes(32).toString('base64')}\n`, true);
    tell(`A root key was made: ${config.rootKey.file}. Keep a copy apart from the database.`);
  }
  await inDatabase(config, async (context) => {
    const { owner, organization, plan } = options;
    const { vaultId } = await found(context, {
      owner: { email: owner, password },
      organization,
      plan,
      credentialsDir,
    });
    print(JSON.stringify({ vaultId, organization, owner, credentialsDir }));
  });
}

/** Throws Failure. */
export async function accountCreate(
  email: string,
  options: { readonly config: string; readonly passwordFile: string },
): Promise<void> {
  const config = vaultConfigOf(options.config);
  const password = await readPassword(options.passwordFile);
  await inDatabase(config, async (context) => {
    await createAccount(context, { email, userName: userNameOf(email), password });
    print(`There is an account of ${email} now.`);
  });
}

async function inDatabase(
  config: VaultConfig,
  work: (context: VaultContext) => Promise<void>,
): Promise<void> {
  // The database makes its own files: readable by the user alone.
  process.umask(0o077);
  const store = await openStore(config.database, Date.now()).catch((error: unknown) => {
    throw cannotStart(error, shownDatabase(config.database));
  });
  try {
    await work(makeContext({ store, cipher: new SecretCipher(await rootKeyOf(config)) }));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new Failure('Error', error.detail, error.next ?? 'Correct it and run again.');
  } finally {
    await store.close();
  }
}
