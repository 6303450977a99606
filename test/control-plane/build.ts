import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KUBERNETES_VERSION } from './version.ts';

const PACKAGES = [
  'k8s.io/kubernetes/cmd/kube-apiserver',
  'k8s.io/kubernetes/cmd/kubectl',
  'k8s.io/kubernetes/cmd/kube-controller-manager',
  'go.etcd.io/etcd/server/v3',
];

/** Once a line of progress is printed this often, nobody thinks that it hangs. */
const PROGRESS_MS = 15_000;

export async function goIsThere(env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('go', ['version'], { stdio: 'ignore', env });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

/**
 * Builds what is missing in `folder` from the Go modules of this folder's go.mod. Each program is
 * built under a temporary name and renamed, so an interrupted build leaves nothing that looks whole;
 * a lock keeps two runs from building twice.
 */
export async function buildPrograms(folder: string, print: (line: string) => void): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unlock = await lock(join(folder, 'build.lock'), print);
  try {
    let told = false;
    for (const [index, name] of PACKAGES.entries()) {
      const program = programName(name);
      const path = join(folder, program);
      if (await exists(path)) continue;
      if (!told) {
        print(
          `control plane: building ${KUBERNETES_VERSION} from Go modules, once (about 6 minutes on two cores)`,
        );
      }
      told = true;
      await buildProgram(name, path, (seconds, done) =>
        print(
          `control plane: ${index + 1}/${PACKAGES.length} ${program} ${done ? 'built in' : 'building,'} ${seconds} s`,
        ),
      );
    }
  } finally {
    await unlock();
  }
}

async function buildProgram(
  name: string,
  path: string,
  progress: (seconds: number, done: boolean) => void,
): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  const [major, minor] = KUBERNETES_VERSION.slice(1).split('.');
  const version = 'k8s.io/component-base/version';
  const flags = `-s -w -X ${version}.gitVersion=${KUBERNETES_VERSION} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  progress(0, false);
  const timer = setInterval(() => progress(seconds(), false), PROGRESS_MS);
  const child = spawn('go', ['build', '-trimpath', '-ldflags', flags, '-o', partial, name], {
    cwd: import.meta.dirname,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  const stopChild = () => child.kill('SIGTERM');
  process.once('exit', stopChild);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`go build ${name} failed:\n${errors}`);
    await rename(partial, path);
    progress(seconds(), true);
  } finally {
    clearInterval(timer);
    process.removeListener('exit', stopChild);
    await rm(partial, { force: true });
  }
}

/** etcd's package is named after its version: the program is not. */
function programName(name: string): string {
  return name.startsWith('go.etcd.io/') ? 'etcd' : basename(name);
}

/** A folder that one process can make; a lock whose process is gone is taken over. */
async function lock(path: string, print: (line: string) => void): Promise<() => Promise<void>> {
  let told = false;
  for (;;) {
    try {
      await mkdir(path);
      await writeFile(join(path, 'pid'), String(process.pid));
      return () => rm(path, { recursive: true, force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(join(path, 'pid'), 'utf8').catch(() => ''));
    const age =
      Date.now() -
      (await stat(path).then(
        (it) => it.mtimeMs,
        () => Date.now(),
      ));
    if (holder > 0 ? !isAlive(holder) : age > 10_000) {
      await rm(path, { recursive: true, force: true });
      continue;
    }
    if (!told) print(`control plane: waiting for the build that process ${holder} is doing`);
    told = true;
    await sleep(1_000);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
