/**
 * The public Python client of the machine plane, as its users install it: from the package index that pip is
 * configured for, unmodified, into a virtual environment that is kept for the next run.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheBase } from '#test/control-plane/resolve.ts';

const PACKAGE = 'sikkerkey==1.3.0';
/** Its one dependency, which it pins to nothing. */
const DEPENDENCY = 'cryptography==48.0.0';

/** Where this is set, what cannot be installed fails the run in place of being left out. */
const IS_REQUIRED = (process.env.SENESCHAL_REQUIRE_CLIENTS ?? '') !== '';

/** The interpreter that has the client; null, said once on stderr, where it cannot be had. */
export function pythonWithClient(): string | null {
  try {
    const version = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
    const folder = join(cacheBase(), 'clients', `${PACKAGE}-python${version}`);
    if (!existsSync(folder)) install(folder);
    return join(folder, 'bin', 'python');
  } catch (error) {
    if (IS_REQUIRED) throw error;
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : '';
    process.stderr.write(
      `SKIPPED: the public Python client against the vault (${PACKAGE}): it takes python3 (3.10 or later, with venv) ` +
        `and a package index that pip can reach. ${why}\n`,
    );
    return null;
  }
}

/** Under another name first, so that a broken install never looks whole; a virtual environment may be renamed. */
function install(folder: string): void {
  const partial = `${folder}.${process.pid}.partial`;
  mkdirSync(join(folder, '..'), { recursive: true });
  try {
    const run = (program: string, ...args: string[]): Buffer =>
      execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 300_000 });
    run('python3', '-m', 'venv', partial);
    run(
      join(partial, 'bin', 'python'),
      ...['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'],
      ...['--only-binary=:all:', PACKAGE, DEPENDENCY],
    );
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

export const CLIENT_SCRIPT = join(import.meta.dirname, 'client.py');

/** Runs the script with a task; what it prints, a JSON value. Rejects with what it said on stderr. */
export async function runClient(
  python: string,
  task: object,
  environment: Readonly<Record<string, string>>,
): Promise<unknown> {
  const { stdout } = await promisify(execFile)(python, ['-I', CLIENT_SCRIPT, JSON.stringify(task)], {
    env: { PATH: process.env.PATH, ...environment },
    timeout: 60_000,
  });
  return JSON.parse(stdout) as unknown;
}
