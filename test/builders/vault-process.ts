/** `seneschal vault ...` as a child process, with a temporary folder of its own that shows what it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '#test/program/program.ts';

export class VaultProcess {
  readonly #child: ChildProcess;
  /** TMPDIR of the process. */
  readonly folder: string;
  stdout = '';
  stderr = '';
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], input?: string, folder = newFolder()) {
    this.folder = folder;
    this.#child = spawn(process.execPath, [program(), 'vault', ...args], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString('utf8');
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString('utf8');
    });
    this.ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.end(input ?? '');
  }

  /** The first line of standard output, as JSON. Rejects where the process ends before. */
  async described<T>(): Promise<T> {
    await this.#until(() => this.stdout.includes('\n'));
    return JSON.parse(this.stdout.split('\n', 1)[0] ?? '') as T;
  }

  /** Waits until standard output has the text. */
  written(text: string): Promise<void> {
    return this.#until(() => this.stdout.includes(text));
  }

  /** Waits until a line of the log has the text; the line. */
  async logged(text: string): Promise<Record<string, unknown>> {
    const lineWith = (): string | undefined => this.stderr.split('\n').find((line) => line.includes(text));
    await this.#until(() => lineWith() !== undefined);
    return JSON.parse(lineWith() ?? '{}') as Record<string, unknown>;
  }

  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGKILL'): void {
    this.#child.kill(name);
  }

  /** What is in the temporary folder. */
  left(): string[] {
    return readdirSync(this.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #until(holds: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds()) resolve();
    };
    this.#child.stdout?.on('data', look);
    this.#child.stderr?.on('data', look);
    this.#child.once('close', () => reject(new Error(`the process ended: ${this.stderr}`)));
    look();
    await promise;
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'seneschal-process-'));
}

/** Runs one command to its end. */
export async function runVault(
  args: readonly string[],
  input?: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const process = new VaultProcess(args, input);
  const code = await process.ended;
  await process[Symbol.asyncDispose]();
  return { code, stdout: process.stdout, stderr: process.stderr };
}
