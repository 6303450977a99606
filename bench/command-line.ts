/** What a command costs from its start to its end: CPU of the whole process, user and system. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes } from '#test/control-plane/processes.ts';
import { median, print } from './report.ts';
import { startVault } from './vault-process.ts';
import { bundleIn } from './world.ts';

const RUNS = 15;
const example = join(import.meta.dirname, '../examples/acme');

export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seneschal-bench-'));
  const processes = new Processes(folder);
  try {
    const program = await bundleIn(folder);
    const vault = await startVault(program, processes, folder);
    const acme = join(folder, 'acme');
    cpSync(example, acme, { recursive: true });
    const file = join(acme, 'organization.yaml');
    const text = readFileSync(file, 'utf8').replace(/vaultId: .*/, `vaultId: ${vault.vaultId}`);
    writeFileSync(file, text.replace(/url: .*/, `url: ${vault.url}`));
    const cpu = cpuOf(program, { XDG_CACHE_HOME: join(folder, 'cache') });
    print('Command line', [
      { figure: '--help', ...cpu('--help'), target: '0.08 s' },
      { figure: 'validate, the example', ...cpu('validate', acme), target: '0.17 s' },
      {
        figure: 'plan, the example',
        ...cpu('plan', acme, '--credentials', vault.credentialsDir),
        target: '0.19 s',
      },
    ]);
  } finally {
    await processes.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The median of runs after a first one, which leaves what was compiled for the others. */
function cpuOf(program: string, environment: Readonly<Record<string, string>>) {
  return (...args: string[]) => {
    const runs = Array.from({ length: RUNS + 1 }, () => cpuSeconds([program, ...args], environment));
    return { value: median(runs.slice(1)), unit: 's' };
  };
}

/** `times` of a shell prints what its children took, `0m0.05s 0m0.01s`, in its second line. */
function cpuSeconds(args: readonly string[], environment: Readonly<Record<string, string>>): number {
  const script = '"$@" >/dev/null 2>&1; times';
  const env = { ...process.env, ...environment };
  delete env.NODE_COMPILE_CACHE;
  const output = execFileSync('sh', ['-c', script, 'sh', process.execPath, ...args], {
    encoding: 'utf8',
    env,
  });
  const taken = (output.split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g);
  return [...taken].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
