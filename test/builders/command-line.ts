/** The command line as a child process, at a vault of `seneschal vault dev`, which is another. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll } from 'vitest';
import { program, runFolder } from '#test/program/program.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `seneschal` with these arguments to its end. */
export function seneschal(...args: readonly string[]): Promise<Ran> {
  return seneschalIn({}, ...args);
}

/** The same with these variables in its environment, beside those of the test. */
export function seneschalIn(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ran> {
  const options = { timeout: 50_000, env: { ...process.env, ...environment } };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program(), ...args], options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

/** A folder of files; paths may have folders in them. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = runFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Gives the commands of this test file a session of their own, until its end; answers the path of its file. */
export function ownSession(): string {
  const path = join(folderWith({}), 'session.json');
  beforeAll(() => {
    process.env.SENESCHAL_SESSION = path;
  });
  afterAll(() => {
    delete process.env.SENESCHAL_SESSION;
  });
  return path;
}

export function copyOfExample(): string {
  const folder = runFolder();
  cpSync(join(import.meta.dirname, '../../examples/acme'), folder, { recursive: true });
  return folder;
}

/**
 * What the first commit of a folder holds is approved once, in the vault; `approve` gives the approval of a digest.
 * `options` lead to the vault.
 */
export async function approveFirstCommit(
  folder: string,
  options: readonly string[],
  approve: (digest: string) => Promise<unknown>,
): Promise<void> {
  const { stdout } = await seneschal('plan', folder, ...options, '-o', 'json');
  await approve((JSON.parse(stdout) as { digest: string }).digest);
}

export interface DevVault {
  readonly url: string;
  readonly vaultId: string;
  readonly owner: { readonly email: string; readonly passwordFile: string };
  readonly people: readonly { readonly email: string; readonly passwordFile: string }[];
  readonly credentialsDir: string;
  /** Options of plan and apply that lead to it. */
  readonly options: readonly string[];
  /** Options of approve, freeze and thaw, as the owner. */
  readonly asOwner: readonly string[];
  stop(): Promise<void>;
}

export async function startDevVault(): Promise<DevVault> {
  const folder = runFolder();
  const child = spawn(
    process.execPath,
    [program(), 'vault', 'dev', '-o', 'json', '--dir', folder, '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const described = JSON.parse(await firstLine(child)) as Omit<DevVault, 'options' | 'asOwner' | 'stop'>;
  const { url, vaultId, credentialsDir, owner } = described;
  const address = ['--url', url, '--vault', vaultId];
  return {
    ...described,
    options: ['--credentials', credentialsDir],
    asOwner: [...address, '--as', owner.email, '--password-file', owner.passwordFile],
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the vault ended before it was ready');
}
