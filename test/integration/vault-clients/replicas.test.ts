import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityBundle } from '#identity/bundle.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { CLIENT_SCRIPT, pythonWithClient } from './python-client.ts';

const python = pythonWithClient();

const REPLICAS = 5;
const CHANGES = 20;
/** How much faster time runs for the vault and the clients: they poll each fifteen seconds. */
const SPEED = 30;

describe.skipIf(python === null)('five processes of the public Python client with one identity', () => {
  let vault: TestVault;
  let secret: string;
  let home: string;
  const replicas: Replica[] = [];
  const began = Date.now();

  beforeEach(async () => {
    vault = await startTestVault({ clock: { now: () => began + (Date.now() - began) * SPEED } });
    secret = (await setValues(vault, { 'web/cookie': 'v0' }))['web/cookie'] ?? '';
    const { id, keys } = await newMachine(vault, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    home = join(vault.folder, 'home');
    const folder = join(home, 'vaults', vault.vaultId);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const facts = { machineId: id, machineName: 'web', vaultId: vault.vaultId, apiUrl: vault.url };
    const bundle = identityBundle({ ...facts, mountPath: folder, caCertificate: null }, keys);
    for (const [file, content] of Object.entries(bundle)) {
      writeFileSync(join(folder, file), content, { mode: 0o600 });
    }
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
    await vault[Symbol.asyncDispose]();
  });

  for (const [where, source] of [
    ['one address', () => '127.0.0.1'],
    ['five addresses', (n: number) => `127.0.0.${n + 1}`],
  ] as const) {
    it(`each see each of ${CHANGES} changes, from ${where}`, async () => {
      for (let n = 0; n < REPLICAS; n += 1) {
        const task = { do: 'replica', secret, source: source(n), began: began / 1000, speed: SPEED };
        replicas.push(new Replica(python ?? '', task, home));
      }
      for (let n = 0; n <= CHANGES; n += 1) {
        if (n > 0) await setValues(vault, { 'web/cookie': `v${n}` });
        await Promise.all(replicas.map((replica) => replica.saw(`v${n}`)));
      }
      const rows = await vault.context.reader.selectFrom('poll_sources').select('source').execute();
      const addresses = new Set(Array.from({ length: REPLICAS }, (_, n) => source(n)));
      expect(new Set(rows.map((row) => row.source))).toEqual(addresses);
    }, 120_000);
  }
});

/** A process of the client, and the values that it told. */
class Replica {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #seen = new Set<string>();
  #told = Promise.withResolvers<void>();
  #exited = false;

  constructor(interpreter: string, task: object, home: string) {
    this.#child = spawn(interpreter, ['-I', CLIENT_SCRIPT, JSON.stringify(task)], {
      env: { PATH: process.env.PATH, SIKKERKEY_HOME: home },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.#child.stdout });
    lines.on('line', (line) => {
      this.#seen.add(JSON.parse(line) as string);
      this.#tell();
    });
    lines.on('close', () => {
      this.#exited = true;
      this.#tell();
    });
  }

  /** Resolves once it told the value. Rejects where it ended before. */
  async saw(value: string): Promise<void> {
    while (!this.#seen.has(value)) {
      if (this.#exited) throw new Error(`a client ended before it saw ${value}`);
      await this.#told.promise;
    }
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }

  #tell(): void {
    this.#told.resolve();
    this.#told = Promise.withResolvers();
  }
}
