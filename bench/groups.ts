/**
 * What groups cost: the largest public organizations, and with `--large` one of 10,000 people. The vault is in this
 * process, `plan` a process of its own out of the bundle; its time is from its start to its end, the vault's answer
 * included.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { credentialsFiles } from '#provider/seneschal/automation-credentials.ts';
import { acceptInvite, type TestVault } from '#test/builders/vault.ts';
import { World } from '#test/integration/engine/world.ts';
import { filesOf, LARGEST, objectsIn, type Size, withTemplate } from './history/history.ts';
import { median, print } from './report.ts';
import { bundleIn } from './world.ts';

const SIZES: readonly { readonly size: Size; readonly isTarget: boolean }[] = [
  { size: LARGEST, isTarget: true },
  { size: { people: 10_000, teams: 5_000, memberships: 24_000, projects: 400 }, isTarget: false },
];
const RUNS = 7;

/** Of one process. */
interface ProcessFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-bench-'));
  try {
    const program = await bundleIn(folder);
    const sizes = process.argv.includes('--large') ? SIZES : SIZES.filter(({ isTarget }) => isTarget);
    for (const { size, isTarget } of sizes) await measure(program, folder, size, isTarget);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(program: string, folder: string, size: Size, isTarget: boolean): Promise<void> {
  await using world = await World.start();
  const files = filesOf(size, 1);
  const objects = objectsIn(files);
  const declared = join(folder, `${size.people}`);
  for (const [path, text] of files) {
    await mkdir(dirname(join(declared, path)), { recursive: true });
    await writeFile(join(declared, path), text);
  }
  const credentials = await credentialsIn(join(folder, `${size.people}-credentials`), world.vault);
  const plan = (): Promise<ProcessFigures> => processFigures(program, folder, declared, credentials);

  const fromNothing = await plan();
  const started = performance.now();
  let result = await world.pass(objects);
  const created = performance.now() - started;
  for (const { state, email } of result.observation.snapshot.state.members)
    if (state === 'Invited') await acceptInvite(world.vault, email);
  for (let again = 0; again < 10 && (again === 0 || result.writes > 0); again += 1)
    result = await world.pass(objects);

  const pass = async (of: typeof objects) => {
    world.requests.length = 0;
    const begun = performance.now();
    const { writes } = await world.pass(of);
    return { ms: performance.now() - begun, requests: world.requests.length, writes };
  };
  const idle = await repeated(() => pass(objects));
  const changed = await repeated((round) =>
    pass(withTemplate(objects, round % 2 === 0 ? 'reviewer' : 'contributor')),
  );
  await world.pass(objects);
  const asDeclared = await repeated(plan);

  const target = (text: string): { readonly target?: string } => (isTarget ? { target: text } : {});
  const { people, teams, memberships } = size;
  print(`${people} people, ${teams} groups, ${memberships} memberships`, [
    { figure: 'plan, all is as declared', value: of(asDeclared, 'seconds'), unit: 's', ...target('1 s') },
    { figure: 'plan, all is as declared: CPU', value: of(asDeclared, 'cpuSeconds'), unit: 's' },
    {
      figure: 'plan, all is as declared: peak',
      value: of(asDeclared, 'peakMiB'),
      unit: 'MiB',
      ...target('150 MiB'),
    },
    { figure: 'plan, from nothing', value: fromNothing.seconds, unit: 's' },
    { figure: 'plan, from nothing: peak', value: fromNothing.peakMiB, unit: 'MiB' },
    { figure: 'pass, from nothing: vault in the same process', value: created / 1000, unit: 's' },
    { figure: 'pass, nothing moved: requests', value: of(idle, 'requests'), ...target('1') },
    { figure: 'pass, nothing moved: writes', value: of(idle, 'writes'), ...target('0') },
    { figure: 'pass, nothing moved: time', value: of(idle, 'ms'), unit: 'ms' },
    { figure: 'pass, one member changed: requests', value: of(changed, 'requests'), ...target('5') },
    { figure: 'pass, one member changed: writes', value: of(changed, 'writes'), ...target('1') },
    { figure: 'pass, one member changed: time, vault included', value: of(changed, 'ms'), unit: 'ms' },
  ]);
}

async function credentialsIn(folder: string, { url, vaultId, identity }: TestVault): Promise<string> {
  const files = credentialsFiles({
    address: { url, vaultId },
    ca: null,
    automationId: identity.id,
    privateKey: identity.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
  await mkdir(folder, { mode: 0o700 });
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  return folder;
}

async function repeated<T>(work: (round: number) => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let round = 0; round < RUNS; round += 1) all.push(await work(round));
  return all;
}

function of<Field extends string>(all: readonly Record<Field, number>[], field: Field): number {
  return median(all.map((one) => one[field]));
}

/** What a process used, as it says itself when it ends. */
const SAYS_WHAT_IT_USED = `
import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.SENESCHAL_BENCH_USED, JSON.stringify(process.resourceUsage())));
`;

async function processFigures(
  program: string,
  folder: string,
  declared: string,
  credentials: string,
): Promise<ProcessFigures> {
  const hook = join(folder, 'used.mjs');
  const used = join(folder, 'used.json');
  await writeFile(hook, SAYS_WHAT_IT_USED);
  const started = performance.now();
  await promisify(execFile)(
    process.execPath,
    ['--import', hook, program, 'plan', declared, '--namespace', 'acme', '--credentials', credentials],
    {
      maxBuffer: 64 << 20,
      env: { ...process.env, SENESCHAL_BENCH_USED: used, XDG_CACHE_HOME: join(folder, 'cache') },
    },
  ).catch((error: { readonly code?: unknown }) => {
    // That something is to be done, or is held, is an exit code of its own.
    if (error.code !== 2 && error.code !== 3) throw error;
  });
  const seconds = (performance.now() - started) / 1000;
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(
    await readFile(used, 'utf8'),
  ) as NodeJS.ResourceUsage;
  return { seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 };
}
