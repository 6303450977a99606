/** `seneschal vault init` and `vault account create`: what whoever runs the server does in its database. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isVaultUrl } from '#model/vault-address.ts';
import { isLoopbackUrl } from '#protocol/audience.ts';
import { ABILITIES, type Ability } from '#protocol/management.ts';
import type { VaultContext } from '#vault/act/context.ts';
import { makeContext } from '#vault/app/vault-context.ts';
import { DomainError } from '#vault/common/domain-error.ts';
import { PresentedCertificate } from '#vault/http/certificate.ts';
import { createAccount } from '#vault/sessions/accounts.ts';
import { isPostgresUrl, openStore } from '#vault/store/store.ts';
import { type Output, printAnswer } from '../terminal/answer.ts';
import { requireFreeFolder } from '../terminal/credentials-folder.ts';
import { Failure } from '../terminal/failure.ts';
import { print, tell } from '../terminal/print.ts';
import { readPassword, writePrivate } from '../terminal/private-files.ts';
import { readCertificate } from './certificate-watch.ts';
import { cipherOf } from './root-keys.ts';
import { shownDatabase, type VaultConfig, writePublicUrl } from './vault-config.ts';
import { type Founding, found, userNameOf } from './vault-founding.ts';
import { vaultConfigOf } from './vault-serve.ts';
import { catalogOf } from './vault-tiers-config.ts';

interface InitOptions {
  readonly config: string;
  readonly owner: string;
  readonly passwordFile: string;
  readonly organization: string;
  readonly tier: string;
  readonly credentials: string;
  readonly abilities: readonly (Ability | 'all')[];
  readonly projects?: readonly string[];
  readonly addresses?: readonly string[];
  readonly machineAddresses?: readonly string[];
  readonly managers?: readonly string[];
  readonly unbounded?: boolean;
  readonly publicUrl?: string;
}

/** Prints one line of JSON: ids and paths, no secret. Throws Failure. */
export async function vaultInit(options: InitOptions): Promise<void> {
  const automation = automationOf(options);
  const credentialsDir = resolve(options.credentials);
  requireFreeFolder(credentialsDir);
  const { config, publicUrl } = withPublicUrl(options);
  const { tls } = config.listen;
  const ca = tls === undefined ? null : new PresentedCertificate(await readCertificate(tls)).ca;
  const password = await readPassword(options.passwordFile);
  if ('file' in config.rootKey && !existsSync(config.rootKey.file)) {
    await writePrivate(config.rootKey.file, `${randomBytes(32).toString('base64')}\n`, true);
    tell(`A root key was made: ${config.rootKey.file}. Keep a copy apart from the database.`);
  }
  if (!isPostgresUrl(config.database)) {
    await mkdir(dirname(config.database), { recursive: true, mode: 0o700 });
  }
  await inDatabase(config, async (context) => {
    const { owner, organization, tier: plan } = options;
    const { vaultId } = await found(context, {
      owner: { email: owner, password },
      organization,
      plan,
      credentialsDir,
      automation,
      url: publicUrl,
      ca,
    });
    print(JSON.stringify({ vaultId, organization, owner, credentialsDir }));
  });
}

/** A credential without bounds reads every value once it is stolen, so that nobody makes one unawares. Throws Failure. */
function automationOf(options: InitOptions): Founding['automation'] {
  const { abilities, projects, addresses, machineAddresses, managers, unbounded = false } = options;
  const isBounded = [projects, addresses, machineAddresses].some((bound) => bound !== undefined);
  if (isBounded === unbounded) {
    throw new Failure(
      'Usage',
      unbounded
        ? '--unbounded is named beside a bound.'
        : 'Nothing says where the automation identity is bounded to: stolen, it would reach everything.',
      'Name --projects, --addresses or --machine-addresses; or --unbounded, where that is meant (SECURITY.md).',
    );
  }
  const named = abilities.filter((one) => one !== 'all');
  const given = named.length < abilities.length ? ABILITIES : named;
  return { abilities: given, projects, addresses, machineAddresses, managers };
}

/**
 * The configuration, with the address that automation signs for: written into the file where it names none yet. Throws
 * Failure where there is none, or two.
 */
function withPublicUrl({ config: file, publicUrl: given }: InitOptions): {
  readonly config: VaultConfig;
  readonly publicUrl: string;
} {
  const config = vaultConfigOf(file);
  const publicUrl = config.publicUrl ?? given;
  if (publicUrl === undefined)
    throw new Failure(
      'Usage',
      `${file} has no publicUrl, the address that the credentials lead to and that automation signs for.`,
      'Give --public-url https://HOST[:PORT]; it is written into the file.',
    );
  if (given !== undefined && given !== publicUrl)
    throw new Failure(
      'Usage',
      `--public-url ${given} is not the publicUrl ${publicUrl} of ${file}.`,
      'Leave it out, or correct the file.',
    );
  if (!isVaultUrl(publicUrl) || isLoopbackUrl(publicUrl))
    throw new Failure(
      'Usage',
      `${publicUrl} is no https:// address of this server: on another machine it is nothing or another one.`,
      'Name the host as clients do; where it does not resolve here, they take --connect-to.',
    );
  if (config.publicUrl === undefined) {
    writePublicUrl(file, publicUrl);
    tell(`publicUrl: ${publicUrl} was written into ${file}.`);
  }
  return { config: { ...config, publicUrl }, publicUrl };
}

/** Throws Failure. */
export async function accountCreate(
  email: string,
  options: { readonly config: string; readonly passwordFile: string; readonly output: Output },
): Promise<void> {
  const config = vaultConfigOf(options.config);
  if (!isPostgresUrl(config.database) && !existsSync(config.database)) {
    throw new Failure(
      'Error',
      `There is no database ${config.database} (${options.config}: database).`,
      'Correct the path, or make the vault; how is said by: seneschal vault init --help',
    );
  }
  const password = await readPassword(options.passwordFile);
  await inDatabase(config, async (context) => {
    await createAccount(context, { email, userName: userNameOf(email), password });
    printAnswer(options.output, { email }, `There is an account of ${email} now.`);
  });
}

/** Throws Failure for what the domain refuses. */
export async function inDatabase(
  config: VaultConfig,
  work: (context: VaultContext) => Promise<void>,
): Promise<void> {
  // The database makes its own files: readable by the user alone.
  process.umask(0o077);
  const store = await openStore(config.database, Date.now()).catch((error: NodeJS.ErrnoException) => {
    // The message of the cause is left out: it may quote the URL of the database, which may hold a password.
    throw new Failure(
      'Error',
      `The database ${shownDatabase(config.database)} cannot be opened: ${error.code ?? error.name}.`,
      isPostgresUrl(config.database)
        ? 'Check the URL. The password may also stand in PGPASSWORD or in a file that PGPASSFILE names.'
        : 'Check that its folder is there and may be written. What makes both is told by: seneschal vault init --help',
    );
  });
  try {
    await work(makeContext({ store, cipher: await cipherOf(config), catalog: catalogOf(config.plans) }));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new Failure('Error', error.detail, error.next ?? 'Correct it and run again.');
  } finally {
    await store.close();
  }
}
