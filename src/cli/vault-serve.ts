/** `seneschal vault serve`: the real server, out of a configuration file. */
import { readFile } from 'node:fs/promises';
import { createLogger } from '../runtime/logger.ts';
import { terminationSignal } from '../runtime/termination.ts';
import { RootKey } from '../vault/crypto/root-key.ts';
import type { VaultContext } from '../vault/domain/context.ts';
import { startVaultServer } from '../vault/server.ts';
import { Failure } from './failure.ts';
import { readPrivate } from './private-files.ts';
import { ConfigError, readVaultConfig, shownDatabase, type VaultConfig } from './vault-config.ts';

/** Runs until SIGTERM or SIGINT. Throws Failure. */
export async function vaultServe(options: { readonly config: string }): Promise<void> {
  // The database makes its own files: readable by the user alone.
  process.umask(0o077);
  const stop = terminationSignal();
  const config = vaultConfigOf(options.config);
  const log = await createLogger({
    level: config.log.level,
    destination: { write: (line) => void process.stderr.write(line) },
  });
  const rootKey = await rootKeyOf(config);
  if (rootKey === null) log.warn({}, 'sealed: there is no root key, values answer 503');
  const { VaultMetrics, startHealthServer } = await import('../vault/health.ts');
  const metrics = new VaultMetrics();
  const { host, port, tls } = config.listen;
  const server = await startVaultServer({
    database: config.database,
    rootKey,
    host,
    port,
    tls:
      tls === undefined ? undefined : { cert: await readPrivate(tls.cert), key: await readPrivate(tls.key) },
    log,
    onRequest: metrics.observe,
  }).catch((error: unknown) => {
    throw cannotStart(error, `${shownDatabase(config.database)}, ${host}:${port}`);
  });
  const health =
    config.health === undefined
      ? undefined
      : await startHealthServer(config.health, metrics, () => answers(server.context));
  log.info({ host, port: server.port, tls: tls !== undefined, sealed: rootKey === null }, 'serving');
  if (!stop.aborted) await new Promise((stopped) => stop.addEventListener('abort', stopped, { once: true }));
  await health?.stop();
  await server.stop();
  log.info({}, 'stopped');
}

/** The message of the cause is left out: it may quote the URL of the database, which may hold a password. */
export function cannotStart(error: unknown, where: string): Failure {
  const { code, name } = error as NodeJS.ErrnoException;
  return new Failure(
    'Error',
    `The vault cannot start: ${code ?? name} (${where}).`,
    'Check that the port is free, and that the database can be reached: a file in a folder that may be written, ' +
      'or PostgreSQL, whose password may also stand in PGPASSWORD or in a file that PGPASSFILE names.',
  );
}

/** Reads the configuration. Throws Failure `InvalidConfiguration` with a line for each fault. */
export function vaultConfigOf(file: string): VaultConfig {
  try {
    return readVaultConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new Failure('InvalidConfiguration', error.message, 'Correct the file.');
  }
}

/** Null where there is none: the server starts sealed (V5). Throws Failure where there is one that is none. */
export async function rootKeyOf({ rootKey }: VaultConfig): Promise<RootKey | null> {
  const where = 'file' in rootKey ? rootKey.file : `$${rootKey.env}`;
  const text = 'file' in rootKey ? await textOrNull(rootKey.file) : (process.env[rootKey.env] ?? null);
  if (text === null) return null;
  try {
    return RootKey.parse(text);
  } catch {
    throw new Failure(
      'InvalidConfiguration',
      `${where} holds no root key.`,
      'It is 32 bytes in standard base64: openssl rand -base64 32.',
    );
  }
}

async function textOrNull(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Failure(
      'Error',
      `${file} cannot be read (${error.code ?? 'unknown error'}).`,
      'Correct rootKey.',
    );
  });
}

async function answers({ reader }: VaultContext): Promise<boolean> {
  await reader.selectFrom('migrations').select('number').limit(1).execute();
  return true;
}
