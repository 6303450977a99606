import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

/**
 * Children that outlive nothing: they are stopped by pid, and a guard stops them and removes the
 * folder if this process is killed with SIGKILL (the guard reads a pipe that ends when we do).
 */
export class Processes {
  readonly #folder: string;
  readonly #children: { name: string; child: ChildProcess; log: string }[] = [];
  readonly #guard: ChildProcess;

  constructor(folder: string) {
    this.#folder = folder;
    const script = [
      "trap '' INT TERM HUP",
      'pids=""',
      'while read -r word; do [ "$word" = done ] && exit 0; pids="$pids $word"; done',
      'kill $pids 2>/dev/null',
      'sleep 1',
      'kill -9 $pids 2>/dev/null',
      'rm -rf -- "$0"',
    ].join('\n');
    // Groups of their own: Ctrl-C reaches us alone, and we stop the children in order.
    this.#guard = spawn('sh', ['-c', script, folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.#guard.unref();
    // The guard may be gone when a line is written to it; that is no reason to fail.
    this.#guard.stdin?.on('error', () => undefined);
  }

  /** Starts a program; its output goes to `<folder>/<name>.log`. */
  start(name: string, program: string, args: readonly string[]): void {
    const log = `${this.#folder}/${name}.log`;
    const file = openSync(log, 'a');
    const child = spawn(program, args, { stdio: ['ignore', file, file], detached: true });
    closeSync(file);
    child.unref();
    child.once('error', () => undefined);
    if (child.pid !== undefined) this.#guard.stdin?.write(`${child.pid}\n`);
    this.#children.push({ name, child, log });
  }

  pid(name: string): number | undefined {
    return this.#children.findLast((it) => it.name === name)?.child.pid;
  }

  /**
   * Asks again and again until it is so, every 50 ms.
   * @throws with the end of the program's log, if it stopped or `timeoutMs` went by.
   */
  async until(name: string, isSo: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
    const entry = this.#children.findLast((it) => it.name === name);
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (await isSo()) return;
      const stopped = entry === undefined || entry.child.exitCode !== null || entry.child.signalCode !== null;
      if (stopped || Date.now() > deadline) {
        const log = await readFile(entry?.log ?? '', 'utf8').catch(() => '');
        const end = log.trimEnd().split('\n').slice(-15).join('\n');
        throw new Error(`${name} ${stopped ? 'stopped' : 'is not ready'}; the end of its log:\n${end}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Stops all, last started first, and lets the guard go. */
  async stop(): Promise<void> {
    for (const { child } of this.#children.reverse()) await stopChild(child);
    this.#children.length = 0;
    this.#guard.stdin?.end('done\n');
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.kill('SIGTERM');
  // The API server drains its watches for a while; there is nothing here that is worth the wait.
  const timer = setTimeout(() => child.kill('SIGKILL'), 1_500);
  await ended;
  clearTimeout(timer);
}

/** Ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}
