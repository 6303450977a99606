/** One PostgreSQL for the run, on loopback, in a temporary folder, gone at the end. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePorts, Processes } from '#test/control-plane/processes.ts';
import { postgresBinaries } from './binaries.ts';

/** `nobody`, as whom PostgreSQL runs where the tests run as root: it refuses to be root. */
const NOBODY = 65_534;

/** What a throw-away server may do without: a crash of the machine loses it anyway. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '300',
  log_min_messages: 'fatal',
};

export default async function setup(): Promise<() => Promise<void>> {
  const binaries = postgresBinaries();
  if (binaries === null) throw new Error('PostgreSQL is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'seneschal-postgres-'));
  const processes = new Processes(folder);
  const stop = async (): Promise<void> => {
    await processes.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await start(processes, binaries, folder);
    process.env.SENESCHAL_TEST_POSTGRES_URL = url;
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Answers the URL of the server, without a database. */
async function start(processes: Processes, binaries: string, folder: string): Promise<string> {
  const password = randomBytes(16).toString('hex');
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (process.getuid?.() === 0) {
    chmodSync(folder, 0o711);
    for (const path of [data, passwordFile]) chownSync(path, NOBODY, NOBODY);
  }
  // A locale that orders texts otherwise than by their bytes, so that what relies on the database's own is found.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en'];
  const authentication = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const [initdb = '', ...initdbArgs] = unprivileged(join(binaries, 'initdb'), [
    ...['--pgdata', data, '--no-sync'],
    ...authentication,
    ...locale,
  ]);
  execFileSync(initdb, initdbArgs, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  rmSync(passwordFile);

  const [port = 0] = await freePorts(1);
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const [postgres = '', ...args] = unprivileged(join(binaries, 'postgres'), ['-D', data, ...settings]);
  processes.start('postgres', postgres, args);
  const url = `postgres://postgres:${password}@127.0.0.1:${port}`;
  await processes.until('postgres', () => answers(`${url}/postgres`));
  return url;
}

function unprivileged(program: string, args: readonly string[]): readonly string[] {
  if (process.getuid?.() !== 0) return [program, ...args];
  return ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', program, ...args];
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
