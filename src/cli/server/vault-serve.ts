/** `seneschal vault serve`: the real server, out of a configuration file. */

import { keepHeapSmall } from '#runtime/heap.ts';
import { createLogger } from '#runtime/logger.ts';
import { terminationSignal } from '#runtime/termination.ts';
import type { VaultContext } from '#vault/act/context.ts';
import { startVaultServer, type VaultServer } from '#vault/app/server.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { faultFields, type ServerLog } from '#vault/common/server-log.ts';
import { CertificateError } from '#vault/http/certificate.ts';
import { keysOfOthers } from '#vault/upkeep/root-key-rotation.ts';
import { Failure } from '../terminal/failure.ts';
import { CertificateWatch, readCertificate } from './certificate-watch.ts';
import { rootKeysOf } from './root-keys.ts';
import {
  audiencesOf,
  ConfigError,
  readVaultConfig,
  shownDatabase,
  type VaultConfig,
} from './vault-config.ts';
import { outgoingOf } from './vault-outgoing-config.ts';
import { catalogOf } from './vault-tiers-config.ts';

/** Runs until SIGTERM or SIGINT. Throws Failure. */
export async function vaultServe(options: { readonly config: string }): Promise<void> {
  // The database makes its own files: readable by the user alone.
  process.umask(0o077);
  keepHeapSmall();
  const stop = terminationSignal();
  const config = vaultConfigOf(options.config);
  const log = await createLogger({
    level: config.log.level,
    destination: { write: (line) => void process.stderr.write(line) },
  });
  const { rootKey, previousRootKeys } = await rootKeysOf(config);
  if (rootKey === null) log.warn({}, 'sealed: there is no root key, values answer 503');
  const audiences = audiencesOf(config);
  if (audiences.size === 0) log.warn({}, 'automation is refused: publicUrl names no address of this server');
  const { VaultMetrics, startHealthServer } = await import('#vault/app/health.ts');
  const metrics = new VaultMetrics();
  const { host, port, tls } = config.listen;
  const certificate = tls === undefined ? undefined : await readCertificate(tls);
  const server = await startVaultServer({
    database: config.database,
    rootKey,
    previousRootKeys,
    host,
    port,
    tls: certificate,
    rates: config.rates,
    network: {
      trustedProxies: new AddressList(config.trustedProxies),
      publicUrl: config.publicUrl ?? null,
      audiences,
    },
    outgoing: await outgoingOf(config),
    catalog: catalogOf(config.plans),
    log,
    onRequest: metrics.observe,
    onOutgoing: metrics.outgoing,
  }).catch((error: unknown) => {
    if (error instanceof CertificateError) throw unusable(error);
    throw cannotStart(error, `${shownDatabase(config.database)}, ${host}:${port}`);
  });
  const health =
    config.health === undefined
      ? undefined
      : await startHealthServer(config.health, metrics, () => unready(server.context));
  await warnOfOthers(server.context, log);
  const watch =
    tls === undefined || certificate === undefined
      ? null
      : new CertificateWatch(tls, certificate, (changed) => server.presentCertificate(changed), log);
  const onHangUp = (): void => {
    void changeRootKeys(options.config, server, log);
    void watch?.look();
  };
  process.on('SIGHUP', onHangUp);
  log.info({ host, port: server.port, tls: tls !== undefined, sealed: rootKey === null }, 'serving');
  if (!stop.aborted) await new Promise((stopped) => stop.addEventListener('abort', stopped, { once: true }));
  process.off('SIGHUP', onHangUp);
  await watch?.stop();
  await health?.stop();
  await server.stop();
  log.info({}, 'stopped');
}

function unusable(error: CertificateError): Failure {
  return new Failure(
    'InvalidConfiguration',
    `listen.tls cannot be used: ${error.message}.`,
    'Name the files of a certificate and of its key, in PEM.',
  );
}

/** The message of the cause is left out: it may quote the URL of the database, which may hold a password. */
function cannotStart(error: unknown, where: string): Failure {
  const { code, name } = error as NodeJS.ErrnoException;
  return new Failure(
    'Error',
    `The vault cannot start: ${code ?? name} (${where}).`,
    'Check that the port is free, and that the database can be reached: a file in a folder that may be written, ' +
      'or PostgreSQL, whose password may also stand in PGPASSWORD or in a file that PGPASSFILE names.',
  );
}

/** On SIGHUP: the root keys as the configuration names them now. What is wrong with it changes nothing. */
async function changeRootKeys(file: string, server: VaultServer, log: ServerLog): Promise<void> {
  try {
    const { rootKey, previousRootKeys } = await rootKeysOf(vaultConfigOf(file));
    await server.holdRootKeys(rootKey, previousRootKeys);
    log.info({ sealed: rootKey === null, previous: previousRootKeys.length }, 'root keys were read anew');
    await warnOfOthers(server.context, log);
  } catch (error) {
    const why = error instanceof Failure ? { why: error.message } : faultFields(error);
    log.error(why, 'root keys stay as they were');
  }
}

async function warnOfOthers(context: VaultContext, log: ServerLog): Promise<void> {
  const keys = context.cipher.isSealed ? 0 : await keysOfOthers(context);
  if (keys > 0)
    log.warn({ keys }, 'keys are wrapped by a root key that is not configured: their values answer 503');
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

/** Throws where the store does not answer. */
async function unready({ reader, cipher }: VaultContext): Promise<string | null> {
  await reader.selectFrom('migrations').select('number').limit(1).execute();
  return cipher.isSealed ? 'sealed: there is no root key' : null;
}
