/**
 * Clients that well-kept generators make of docs/openapi.json. The generators are kept for the next run, each in a
 * folder named after what it holds: that of TypeScript needs the compiler API of TypeScript 5, so it has a lock of its
 * own (test/clients/typescript); that of Python comes from the package index that pip is configured for.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheBase } from '#test/control-plane/resolve.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const DOCUMENT = join(ROOT, 'docs', 'openapi.json');
const TYPESCRIPT = join(ROOT, 'test', 'clients', 'typescript');
const PYTHON = join(ROOT, 'test', 'clients', 'python', 'round_trip.py');
const PYTHON_GENERATOR = 'openapi-python-client==0.29.1';
/** An export of the audit log is text to it, which has no reader of JSON by lines; nobody reads how the code is laid out. */
const PYTHON_CONFIG = `package_name_override: generated_client
post_hooks: []
content_type_overrides:
  application/x-ndjson: text/plain
  application/yaml: text/plain
`;

/** Where this is set, what cannot be installed fails the run in place of being left out. */
const IS_REQUIRED = (process.env.SENESCHAL_REQUIRE_CLIENTS ?? '') !== '';

/** Whom the client of a round trip is, and where. */
export interface RoundTripAs {
  readonly url: string;
  readonly vaultId: string;
  readonly email: string;
  readonly password: string;
}

/** Generated and compiled in a folder of its own; `run` answers what the round trip printed. */
export interface GeneratedClient {
  run(as: RoundTripAs): Promise<unknown>;
}

/** Null, said once on stderr, where the generator cannot be had. */
export function typescriptClient(folder: string): GeneratedClient | null {
  return unlessAbsent('a generated TypeScript client against the vault (npm)', () => {
    const lock = readFileSync(join(TYPESCRIPT, 'package-lock.json'));
    const name = `typescript-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`;
    const kept = keptFolder(name, (partial) => {
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
        cpSync(join(TYPESCRIPT, file), join(partial, file));
      }
      run('npm', ['ci', '--no-audit', '--no-fund'], partial);
    });
    cpSync(kept, folder, { recursive: true });
    for (const file of ['round-trip.ts', 'tsconfig.json']) cpSync(join(TYPESCRIPT, file), join(folder, file));
    const program = (tool: string): string => join(folder, 'node_modules', '.bin', tool);
    run(program('openapi-typescript'), [DOCUMENT, '-o', 'schema.ts'], folder);
    run(program('tsc'), ['-p', '.'], folder);
    return clientOf(process.execPath, [join(folder, 'round-trip.ts')], folder);
  });
}

/** Null, said once on stderr, where the generator cannot be had. */
export function pythonClient(folder: string): GeneratedClient | null {
  return unlessAbsent(
    `a generated Python client against the vault (${PYTHON_GENERATOR}, python3 with venv)`,
    () => {
      const kept = keptFolder(PYTHON_GENERATOR, (partial) => {
        run('python3', ['-m', 'venv', partial], ROOT);
        const options = ['--quiet', '--no-input', '--disable-pip-version-check'];
        run(join(partial, 'bin', 'python'), ['-m', 'pip', 'install', ...options, PYTHON_GENERATOR], ROOT);
      });
      const python = join(kept, 'bin', 'python');
      const config = join(folder, 'config.yml');
      mkdirSync(folder, { recursive: true });
      writeFileSync(config, PYTHON_CONFIG);
      run(
        python,
        [
          // A warning is an operation or a model that is left out.
          ...['-m', 'openapi_python_client', 'generate', '--fail-on-warning'],
          ...['--path', DOCUMENT, '--meta', 'none'],
          ...['--config', config, '--output-path', join(folder, 'generated_client')],
        ],
        folder,
      );
      run(python, ['-m', 'compileall', '-q', 'generated_client'], folder);
      return clientOf(python, [PYTHON], folder);
    },
  );
}

function clientOf(program: string, args: readonly string[], folder: string): GeneratedClient {
  return {
    async run({ url, vaultId, email, password }) {
      const env = { PATH: process.env.PATH, PYTHONPATH: folder };
      const asked = { URL: url, VAULT: vaultId, EMAIL: email, PASSWORD: password };
      const { stdout } = await promisify(execFile)(program, args, {
        cwd: folder,
        env: { ...env, ...asked },
        timeout: 60_000,
      });
      return JSON.parse(stdout) as unknown;
    },
  };
}

/** Made under another name first, so that a broken install never looks whole. */
function keptFolder(name: string, make: (partial: string) => void): string {
  const folder = join(cacheBase(), 'clients', name);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.${process.pid}.partial`;
  mkdirSync(partial, { recursive: true });
  try {
    make(partial);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

function run(program: string, args: readonly string[], cwd: string): void {
  execFileSync(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
}

function unlessAbsent(what: string, make: () => GeneratedClient): GeneratedClient | null {
  try {
    return make();
  } catch (error) {
    if (IS_REQUIRED) throw error;
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : '';
    process.stderr.write(`SKIPPED: ${what}, which needs a package registry. ${why}\n`);
    return null;
  }
}
