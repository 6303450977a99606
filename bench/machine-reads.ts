/**
 * Signed reads at the vault. Clients are processes of their own; what a read costs is the CPU of the server's
 * process alone, so load of the clients on the same cores does not count. p50 and p99 are at half of 3,000 a
 * second, paced and not in bursts.
 */
import { fork } from 'node:child_process';
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKeyPair } from '#identity/key-pair.ts';
import { Processes } from '#test/control-plane/processes.ts';
import { figuresOf } from './process-figures.ts';
import { median, print, quantile } from './report.ts';
import { runSteps, startVault, type VaultProcess } from './vault-process.ts';
import { bundleIn } from './world.ts';

const MACHINES = 20;
const SECRETS = 5;
const SECONDS = 5;
const ROUNDS = 3;
/** Reads of a round; by their number and not by time, because on a busy machine the compiler comes late. */
const READS = 10_000;
const TARGET_RATE = 3_000;
/** Milliseconds in which a client compiles itself. */
const WARM_UP = 1_000;

interface Machine {
  readonly id: string;
  /** PKCS#8 PEM. */
  readonly key: string;
  readonly secrets: readonly string[];
}

/** What a client process is told; `perSecond` null: `reads` as fast as it goes, so many at once. */
interface Work {
  readonly reads: number;
  readonly port: number;
  readonly machines: readonly Machine[];
  readonly seconds: number;
  readonly atOnce: number;
  readonly perSecond: number | null;
}

interface Done {
  readonly reads: number;
  readonly failed: number;
  readonly ms: readonly number[];
  readonly elapsed: number;
}

const EMPTY = createHash('sha256').update('').digest('hex');

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-bench-'));
  const processes = new Processes(folder);
  try {
    const vault = await startVault(await bundleIn(folder), processes, folder);
    const machines = await registered(vault);
    const { port } = new URL(vault.url);
    const work = {
      port: Number(port),
      machines,
      reads: READS,
      seconds: SECONDS,
      atOnce: 64,
      perSecond: null,
    };
    await inProcess(work);
    const verifications = [verificationsACpuSecond()];
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await figuresOf(vault.pid);
      const done = await inProcess(work);
      const after = await figuresOf(vault.pid);
      rounds.push({ ...done, cpu: after.cpuSeconds - before.cpuSeconds });
      verifications.push(verificationsACpuSecond());
    }
    const half = [];
    for (let round = 0; round < ROUNDS; round += 1)
      half.push(await inProcess({ ...work, perSecond: TARGET_RATE / 2 }));
    const { peakMiB } = await figuresOf(vault.pid);
    const latencies = half.flatMap(({ ms }) => ms);
    const failed = [...rounds, ...half].reduce((sum, it) => sum + it.failed, 0);
    print(`signed reads, ${MACHINES} machines, SQLite`, [
      {
        figure: 'reads a CPU-second of the server',
        value: median(rounds.map((it) => it.reads / it.cpu)),
        target: '3,000 a second on one core',
      },
      { figure: 'signatures verified a CPU-second, at the same time', value: median(verifications) },
      {
        figure: 'CPU of a read, in verifications',
        value: median(verifications) / median(rounds.map((it) => it.reads / it.cpu)),
      },
      {
        figure: 'reads a second, client on the same cores',
        value: median(rounds.map((it) => it.reads / it.elapsed)),
      },
      {
        figure: 'reads a second at half load',
        value: median(half.map((it) => it.reads / it.elapsed)),
        target: '1,500',
      },
      { figure: 'p50 at half load', value: quantile(latencies, 0.5), unit: 'ms' },
      { figure: 'p99 at half load', value: quantile(latencies, 0.99), unit: 'ms', target: '20 ms' },
      { figure: 'answers that were no value', value: failed, target: '0' },
      { figure: 'vault, peak RSS', value: peakMiB, unit: 'MiB', target: '250 MiB' },
    ]);
  } finally {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What verification alone allows, in CPU time of this thread: how fast the cores are just now, which others use too.
 */
function verificationsACpuSecond(): number {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const text = Buffer.from(
    `GET:/v1/secret/sk_a1b2c3d4e5:1711468800:${randomBytes(16).toString('base64')}:${EMPTY}`,
  );
  const signature = sign(null, text, privateKey);
  const count = 1_000;
  const before = process.threadCpuUsage();
  for (let index = 0; index < count; index += 1) verify(null, text, publicKey, signature);
  const { user, system } = process.threadCpuUsage(before);
  return count / ((user + system) / 1e6);
}

async function registered(vault: VaultProcess): Promise<Machine[]> {
  const provider = await vault.connect();
  const signal = AbortSignal.timeout(60_000);
  const owner = { manager: 'bench', installation: 'bench' };
  const { fencing } = await provider.takeLease(owner, signal);
  const fence = { ...owner, fencing };
  const names = Array.from({ length: SECRETS }, (_, index) => `s-${index}`);
  const keys = Array.from({ length: MACHINES }, () => newKeyPair());
  const access = [{ project: 'bench', secrets: names }];
  await runSteps(provider, fence, [
    { action: { kind: 'CreateProject', key: 'bench', before: null, after: { description: '' } } },
    ...names.map((name) => ({
      action: {
        kind: 'CreateSecret' as const,
        key: `bench/${name}`,
        before: null,
        after: { generator: { length: 32, charset: 'Alphanumeric' as const } },
      },
    })),
    ...keys.flatMap(({ publicKey }, index) => [
      {
        action: { kind: 'RegisterMachine' as const, key: `m-${index}`, before: null, after: {} },
        publicKey: publicKey.text,
        record: {
          kind: 'MachineBinding' as const,
          key: `m-${index}`,
          manager: owner.manager,
          origin: 'bench',
          applied: { access: [] },
          deletionPolicy: null,
          provenance: {},
          seenUnder: null,
        },
      },
      {
        action: {
          kind: 'SetMachineAccess' as const,
          key: `m-${index}`,
          before: { access: [] },
          after: { access },
        },
      },
    ]),
  ]);
  const { snapshot } = await provider.observe(null, signal);
  await provider.close();
  const secrets = snapshot.state.secrets.map(({ id }) => id);
  const ids = new Map(snapshot.state.machines.map(({ name, id }) => [name, id]));
  return keys.map(({ privateKey }, index) => ({
    id: ids.get(`m-${index}`) ?? '',
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    secrets,
  }));
}

function inProcess(work: Work): Promise<Done> {
  const { promise, resolve, reject } = Promise.withResolvers<Done>();
  const child = fork(import.meta.filename, ['client'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.once('message', (done) => resolve(done as Done));
  child.once('exit', (code) => reject(new Error(`the client ended with ${code}`)));
  child.send(work);
  return promise;
}

async function client({ port, machines, reads: wanted, seconds, atOnce, perSecond }: Work): Promise<Done> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const keys = machines.map(({ key }) => createPrivateKey(key));
  const ms: number[] = [];
  let reads = 0;
  let failed = 0;
  let next = 0;
  const begun = performance.now();
  const read = async (): Promise<void> => {
    const index = next++;
    const machine = machines[index % machines.length] as Machine;
    const secret = machine.secrets[index % machine.secrets.length];
    const started = performance.now();
    const status = await signedRead(
      agent,
      port,
      machine.id,
      keys[index % keys.length] as KeyObject,
      `/v1/secret/${secret}`,
    );
    // What the client's own start costs is not the server's: at a pace, its first second is left out.
    if (perSecond === null || started - begun > WARM_UP) ms.push(performance.now() - started);
    if (status === 200) reads += 1;
    else failed += 1;
  };
  const end = begun + seconds * 1000;
  if (perSecond === null) {
    const loop = async (): Promise<void> => {
      while (next < wanted) await read();
    };
    await Promise.all(Array.from({ length: atOnce }, loop));
  } else {
    const started = performance.now();
    const open = new Set<Promise<void>>();
    while (performance.now() < end) {
      const due = ((performance.now() - started) / 1000) * perSecond;
      for (let sent = next; sent < due; sent += 1) {
        const one = read().finally(() => open.delete(one));
        open.add(one);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(open);
  }
  agent.destroy();
  return { reads, failed, ms, elapsed: (performance.now() - begun) / 1000 };
}

function signedRead(
  agent: Agent,
  port: number,
  machineId: string,
  key: KeyObject,
  path: string,
): Promise<number> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(16).toString('base64');
  const signature = sign(null, Buffer.from(`GET:${path}:${timestamp}:${nonce}:${EMPTY}`), key).toString(
    'base64',
  );
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    'x-machine-id': machineId,
    'x-timestamp': timestamp,
    'x-nonce': nonce,
    'x-signature': signature,
  };
  request({ agent, host: '127.0.0.1', port, path, headers }, (response) => {
    response.resume();
    response.once('end', () => resolve(response.statusCode ?? 0));
    response.once('error', reject);
  })
    .once('error', reject)
    .end();
  return promise;
}

if (process.argv[2] === 'client') {
  process.once('message', (work) => {
    void client(work as Work).then((done) => process.send?.(done, () => process.exit(0)));
  });
}
