/**
 * An organization as large as the design asks for: 10,000 members, 1,000 projects, 50,000 secrets, 10,000 machines.
 * The snapshot of its automation and what it costs others meanwhile; the 304; an export of 500 secrets.
 */
import { createPrivateKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { transform } from 'esbuild';
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import { SecretValue } from '#model/secret-value.ts';
import { audienceOf } from '#protocol/audience.ts';
import { automationPayload, bodyHash, HEADERS, machinePayload, signPayload } from '#protocol/signing.ts';
import { Processes } from '#test/control-plane/processes.ts';
import type { Act } from '#vault/act/context.ts';
import { makeContext } from '#vault/app/vault-context.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { machineNamed, registerMachine, setMachineAccess } from '#vault/machines/machines.ts';
import { createProject, projectNamed } from '#vault/projects/projects.ts';
import { setSecret } from '#vault/secrets/secrets.ts';
import { openStore } from '#vault/store/store.ts';
import { figuresOf } from './process-figures.ts';
import { median, print, quantile } from './report.ts';
import { type MadeVault, runSteps, startVault, type VaultProcess } from './vault-process.ts';
import { bundleIn } from './world.ts';

const MEMBERS = 10_000;
const PROJECTS = 1_000;
const SECRETS_EACH = 50;
const MACHINES = 10_000;
const EXPORTED = 500;
const ROUNDS = 5;

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-bench-'));
  const blockedFile = join(folder, 'blocked');
  process.env.SENESCHAL_BENCH_BLOCKED = blockedFile;
  const processes = new Processes(folder);
  try {
    const reader = newKeyPair();
    let readerId = '';
    const vault = await startVault(await bundleIn(folder), processes, folder, {
      fill: async (made) => {
        readerId = await filled(made, reader);
      },
      flags: ['--import', await eventLoopIn(folder)],
    });
    const blocked = async (): Promise<number> => {
      await rm(blockedFile, { force: true });
      process.kill(vault.pid, 'SIGUSR2');
      for (;;) {
        const text = await readFile(blockedFile, 'utf8').catch(() => '');
        if (text !== '') return Number(text);
        await sleep(5);
      }
    };
    const ask = await automationOf(vault);
    const base = (await figuresOf(vault.pid)).rssMiB;
    const snapshots: Timed[] = [];
    const stalls: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await changed(vault, round);
      await blocked();
      const before = await figuresOf(vault.pid);
      snapshots.push(await ask('GET', '/snapshot'));
      stalls.push(await blocked());
      cpu.push((await figuresOf(vault.pid)).cpuSeconds - before.cpuSeconds);
    }
    const etag = snapshots.at(-1)?.etag ?? '';
    const again: Timed[] = [];
    for (let round = 0; round < 50; round += 1) {
      again.push(await ask('GET', '/snapshot', undefined, { 'if-none-match': etag }));
    }
    const kept = await ask('GET', '/snapshot');
    const exports: Timed[] = [];
    for (let round = 0; round < 20; round += 1) exports.push(await exported(vault, readerId, reader));
    const { peakMiB } = await figuresOf(vault.pid);
    print('10,000 members, 1,000 projects, 50,000 secrets, 10,000 machines, SQLite', [
      { figure: 'snapshot, bytes', value: (snapshots[0]?.bytes ?? 0) / 1e6, unit: 'MB' },
      {
        figure: 'snapshot after a change',
        value: median(snapshots.map(({ ms }) => ms)),
        unit: 'ms',
        target: '1,000 ms',
      },
      {
        figure: 'snapshot, to its first byte',
        value: median(snapshots.map(({ firstMs }) => firstMs)),
        unit: 'ms',
      },
      { figure: 'CPU of the vault for it', value: median(cpu) * 1000, unit: 'ms' },
      { figure: 'event loop busy at a stretch (CPU)', value: median(stalls), unit: 'ms', target: '50 ms' },
      { figure: 'the same, longest', value: Math.max(...stalls), unit: 'ms' },
      { figure: 'snapshot, nothing changed, whole', value: kept.ms, unit: 'ms' },
      { figure: '304, p50', value: median(again.map(({ ms }) => ms)), unit: 'ms', target: '5 ms' },
      {
        figure: '304, p99',
        value: quantile(
          again.map(({ ms }) => ms),
          0.99,
        ),
        unit: 'ms',
      },
      {
        figure: 'answers that were no 304',
        value: again.filter(({ status }) => status !== 304).length,
        target: '0',
      },
      {
        figure: `export of ${EXPORTED} secrets, p50`,
        value: median(exports.map(({ ms }) => ms)),
        unit: 'ms',
        target: '50 ms',
      },
      { figure: 'export, first', value: exports[0]?.ms ?? 0, unit: 'ms' },
      { figure: 'vault, RSS before', value: base, unit: 'MiB' },
      { figure: 'vault, peak RSS', value: peakMiB, unit: 'MiB', target: '250 MiB' },
    ]);
  } finally {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** As JavaScript: what Node needs to read TypeScript would count as the vault's memory, 18 MiB. */
async function eventLoopIn(folder: string): Promise<string> {
  const file = join(folder, 'event-loop.mjs');
  const text = await readFile(join(import.meta.dirname, 'event-loop.ts'), 'utf8');
  await writeFile(file, (await transform(text, { loader: 'ts' })).code);
  return file;
}

interface Timed {
  readonly status: number;
  readonly etag: string;
  readonly bytes: number;
  readonly ms: number;
  readonly firstMs: number;
}

async function timed(url: string, init: RequestInit): Promise<Timed> {
  const started = performance.now();
  const response = await fetch(url, init);
  const firstMs = performance.now() - started;
  const bytes = (await response.arrayBuffer()).byteLength;
  const etag = response.headers.get('etag') ?? '';
  return { status: response.status, etag, bytes, firstMs, ms: performance.now() - started };
}

type Ask = (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Timed>;

async function automationOf({ url, vaultId, credentialsDir }: VaultProcess): Promise<Ask> {
  const id = (await readFile(join(credentialsDir, 'automation-id'), 'utf8')).trim();
  const key = createPrivateKey(await readFile(join(credentialsDir, 'private.pem'), 'utf8'));
  return (method, path, body, headers = {}) => {
    const target = `/api/v1/vaults/${vaultId}${path}`;
    const text = body === undefined ? '' : JSON.stringify(body);
    const signed = { method, target, ...fresh(), bodyHash: bodyHash(text) };
    return timed(`${url}${target}`, {
      method,
      ...(text === '' ? {} : { body: text }),
      headers: {
        [HEADERS.automation]: id,
        [HEADERS.audience]: audienceOf(url),
        [HEADERS.timestamp]: signed.timestamp,
        [HEADERS.nonce]: signed.nonce,
        [HEADERS.signature]: signPayload(key, automationPayload(audienceOf(url), signed, {})),
        ...headers,
      },
    });
  };
}

function exported({ url }: VaultProcess, id: string, { privateKey }: KeyPair): Promise<Timed> {
  const target = '/v1/secrets/export';
  const signed = { method: 'POST', target, ...fresh(), bodyHash: bodyHash('') };
  return timed(`${url}${target}`, {
    method: 'POST',
    headers: {
      [HEADERS.machine]: id,
      [HEADERS.timestamp]: signed.timestamp,
      [HEADERS.nonce]: signed.nonce,
      [HEADERS.signature]: signPayload(privateKey, machinePayload(signed)),
    },
  });
}

function fresh(): { timestamp: string; nonce: string } {
  return { timestamp: String(Math.floor(Date.now() / 1000)), nonce: crypto.randomUUID() };
}

/** One project more, so that nothing of the last snapshot can be used. */
async function changed(vault: VaultProcess, round: number): Promise<void> {
  const provider = await vault.connect();
  const signal = AbortSignal.timeout(60_000);
  const owner = { manager: 'bench', installation: `bench-${round}` };
  const { fencing } = await provider.takeLease(owner, signal);
  const fence = { ...owner, fencing };
  const action = {
    kind: 'CreateProject',
    key: `new-${round}`,
    before: null,
    after: { description: '' },
  } as const;
  await runSteps(provider, fence, [{ action }]);
  await provider.releaseLease(fence, signal);
  await provider.close();
}

/** Puts the organization into the database, in acts of some thousand; answers the id of the machine that exports. */
async function filled({ database, rootKey, vaultId }: MadeVault, reader: KeyPair): Promise<string> {
  const store = await openStore(database, Date.now());
  const key = RootKey.parse(await readFile(rootKey, 'utf8'));
  const context = makeContext({ store, cipher: new SecretCipher(key) });
  const inActs = async (count: number, work: (act: Act, index: number) => Promise<void>): Promise<void> => {
    for (let from = 0; from < count; from += 1_000) {
      await context.act(vaultId, { type: 'system' }, async (act) => {
        for (let index = from; index < Math.min(from + 1_000, count); index += 1) await work(act, index);
        await act.audit({ action: 'vault.restored', subject: { kind: 'Vault', key: vaultId } });
      });
    }
  };
  const project = (index: number): string => `project-${index}`;
  const secret = (index: number): string => `secret-${index}`;
  const someSecrets = Array.from({ length: 5 }, (_, index) => secret(index));
  await inActs(PROJECTS - 1, async (act, index) => void (await createProject(act, project(index), '')));
  await inActs((PROJECTS - 1) * SECRETS_EACH, async (act, index) => {
    const row = await projectNamed(act, project(index % (PROJECTS - 1)));
    await setSecret(act, row, secret(Math.floor(index / (PROJECTS - 1))), new SecretValue(`value ${index}`));
  });
  await inActs(MEMBERS - 1, async (act, index) => {
    await act.db
      .insertInto('members')
      .values({
        id: act.ids.make('mem'),
        vault_id: vaultId,
        account_id: null,
        email: `person-${index}@acme.example`,
        user_name: `person-${index}`,
        role: 'Member',
        state: 'Active',
        template_id: null,
        project_scope: null,
        created_at: act.now,
        joined_at: act.now,
      })
      .execute();
  });
  let readerId = '';
  await inActs(MACHINES, async (act, index) => {
    const name = `machine-${index}`;
    const keys = index === 0 ? reader : newKeyPair();
    const id = await registerMachine(act, name, keys.publicKey);
    const all = Array.from({ length: SECRETS_EACH }, (_, number) => secret(number));
    const access =
      index === 0
        ? Array.from({ length: EXPORTED / SECRETS_EACH }, (_, at) => ({ project: project(at), secrets: all }))
        : [{ project: project(index % (PROJECTS - 1)), secrets: someSecrets }];
    await setMachineAccess(act, await machineNamed(act, name), access);
    if (index === 0) readerId = id;
  });
  await store.close();
  return readerId;
}
