/** Processes of machines that read throughout a test, and what they say of it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { inject, onTestFinished } from 'vitest';
import { localhostCertificate } from '#test/builders/certificate.ts';
import type { Identity, Routes, Said, Start } from './reading-process.ts';

const PROGRAM = new URL('./reading-process.ts', import.meta.url);

interface Process {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly ended: Promise<void>;
  /** Called once it goes by other routes. */
  routed: () => void;
}

export class Readers {
  readonly #namespace: string;
  readonly #processes: Process[] = [];
  #routes: Routes;
  /** Reads that were answered with the value, by `<kind> at <host name>`. */
  readonly answered = new Map<string, number>();
  /** What went wrong, without what was read. */
  readonly failed: string[] = [];

  constructor(namespace: string, routes: Routes) {
    this.#namespace = namespace;
    this.#routes = routes;
    onTestFinished(() => this.end());
  }

  /** A process whose machines read one after the other and again, until the end. */
  start(kind: string, machines: readonly Identity[]): void {
    const child = spawn(process.execPath, [PROGRAM.pathname], { stdio: ['pipe', 'pipe', 'inherit'] });
    const one: Process = { child, ended: this.#listen(kind, child, () => one.routed()), routed: () => {} };
    this.#processes.push(one);
    const start: Start = {
      kubeconfig: inject('adminKubeconfig'),
      namespace: this.#namespace,
      ca: localhostCertificate().cert,
      machines,
      routes: this.#routes,
    };
    tell(one, start);
  }

  /** Names lead elsewhere from now on; resolves once nobody reads where they led before. */
  async lead(routes: Routes): Promise<void> {
    this.#routes = routes;
    await Promise.all(
      this.#processes.map((one) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        one.routed = resolve;
        tell(one, routes);
        return Promise.race([promise, one.ended]);
      }),
    );
  }

  async end(): Promise<void> {
    for (const { child } of this.#processes) child.stdin.end();
    await Promise.all(this.#processes.map(({ ended }) => ended));
  }

  async #listen(kind: string, child: Process['child'], routed: () => void): Promise<void> {
    const exit = once(child, 'exit');
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as Said;
      if ('routed' in said) routed();
      else if ('failed' in said) this.failed.push(`${kind}: ${said.failed}`);
      else this.#count(`${kind} at ${said.host}`);
    }
    const [code, signal] = (await exit) as [number | null, string | null];
    if (code !== 0) this.failed.push(`${kind}: the process ended with ${code ?? signal}`);
  }

  #count(what: string): void {
    this.answered.set(what, (this.answered.get(what) ?? 0) + 1);
  }
}

function tell({ child }: Process, what: Start | Routes): void {
  child.stdin.write(`${JSON.stringify(what)}\n`);
}
