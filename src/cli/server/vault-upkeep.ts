/** `seneschal vault backup`, `vault restore`, `vault verify`: for whoever runs the server. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isPostgresUrl, openForReading } from '#vault/store/store.ts';
import { backUp } from '#vault/upkeep/backup.ts';
import { restore } from '#vault/upkeep/restore.ts';
import { examine, type Findings } from '#vault/upkeep/verification.ts';
import { jsonText } from '../terminal/answer.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { print } from '../terminal/print.ts';
import { cipherOf } from './root-keys.ts';
import { shownDatabase } from './vault-config.ts';
import { vaultConfigOf } from './vault-serve.ts';

interface BackupOptions {
  readonly config: string;
  readonly out: string;
}

/** Prints one line of JSON: the file and the audit heads that are in it. Throws Failure. */
export async function vaultBackup({ config, out }: BackupOptions): Promise<void> {
  process.umask(0o077);
  const { database } = vaultConfigOf(config);
  refusePostgres(database);
  const file = resolve(out);
  if (existsSync(file)) {
    throw new Failure('Usage', `${file} is there already; it is not overwritten.`, 'Name another --out.');
  }
  const { faults, heads } = await readable(database, () => backUp(database, file));
  if (faults.length > 0) throw unsound(database, faults, 'No backup was made. Restore an older one.');
  print(jsonText({ file, heads }, 0));
}

interface RestoreOptions {
  readonly config: string;
  readonly from: string;
  readonly force?: boolean;
}

/** Prints one line of JSON: where the former database is kept, and the heads as they are now. Throws Failure. */
export async function vaultRestore(options: RestoreOptions): Promise<void> {
  process.umask(0o077);
  const config = vaultConfigOf(options.config);
  const { database } = config;
  refusePostgres(database);
  const from = resolve(options.from);
  const cipher = await cipherOf(config);
  const force = options.force === true;
  const restored = await readable(from, () => restore({ from, database, cipher, force, now: Date.now() }));
  if (restored.done) {
    print(jsonText({ database, kept: restored.kept, heads: restored.findings.heads }, 0));
    return;
  }
  switch (restored.reason) {
    case 'InUse':
      throw new Failure('Error', `${database} is in use.`, 'Stop the vault server first.');
    case 'NotEmpty':
      throw new Failure(
        'Error',
        `${database} is not empty; it is not overwritten.`,
        'Give --force to put it aside and restore in its place.',
      );
    case 'Unsound':
      throw unsound(
        from,
        restored.findings.faults,
        'Nothing was changed. Give the root key of the backup, or take another backup.',
      );
  }
}

interface VerifyOptions {
  readonly config: string;
  readonly output: 'text' | 'json';
}

/** Throws Failure where the database cannot be read at all. */
export async function vaultVerify(options: VerifyOptions): Promise<readonly CommandOutcome[]> {
  const config = vaultConfigOf(options.config);
  const database = shownDatabase(config.database);
  const cipher = await cipherOf(config);
  const findings = await readable(config.database, async () => {
    const reader = await openForReading(config.database);
    return examine(reader, cipher).finally(() => reader.destroy());
  });
  print(options.output === 'json' ? jsonText({ database, ...findings }, 0) : told(database, findings));
  return findings.faults.length === 0 ? [] : ['Error'];
}

function told(database: string, { faults, heads, keys, values }: Findings): string {
  if (faults.length > 0) return faults.map((fault) => `${database}: ${fault}`).join('\n');
  return [
    `${database}: whole; ${heads.length} vaults, ${keys} keys and ${values} values opened`,
    ...heads.map(
      ({ vaultId, epoch, sequence, hash }) => `  ${vaultId}: head ${sequence}:${hash}, epoch ${epoch}`,
    ),
  ].join('\n');
}

function unsound(file: string, faults: readonly string[], next: string): Failure {
  return new Failure(
    'Error',
    `${file} is not whole:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    next,
  );
}

/** PostgreSQL is copied by its own tools, online and with what else is in it. */
function refusePostgres(database: string): void {
  if (!isPostgresUrl(database)) return;
  throw new Failure(
    'Usage',
    `${shownDatabase(database)} is not a file that could be copied.`,
    'Use pg_dump and pg_restore, then `seneschal vault verify --config FILE`.',
  );
}

/** SQLite's own words are about the file and not about what is in it. */
async function readable<T>(file: string, work: () => Promise<T>): Promise<T> {
  if (!isPostgresUrl(file) && !existsSync(file))
    throw new Failure('Error', `${file} is not there.`, 'Check the path.');
  try {
    return await work();
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (isPostgresUrl(file) && name !== 'MigrationError') {
      throw new Failure(
        'Error',
        `The database ${shownDatabase(file)} cannot be read: ${code ?? name}.`,
        'Check the URL. The password may also stand in PGPASSWORD or in a file that PGPASSFILE names.',
      );
    }
    if (code !== 'ERR_SQLITE_ERROR' && name !== 'MigrationError') throw error;
    throw new Failure(
      'Error',
      `${shownDatabase(file)}: ${message}.`,
      'Use a whole database of this version of the program.',
    );
  }
}
