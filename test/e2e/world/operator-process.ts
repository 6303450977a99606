/** The operator as a process of its own, from the bundle: what can be killed. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { testFolder } from '../../control-plane/test-cluster.ts';
import type { TestCluster } from './cluster.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const program = join(root, 'dist', 'seneschal.js');

export interface OperatorProcesses {
  /** Starts one; leader election is off, because the lease of a killed one would be waited for. */
  start(): ChildProcess;
  /** SIGKILL, and waits for the end. */
  kill(child: ChildProcess): Promise<void>;
  log(): Promise<string>;
}

/** Builds the bundle. What is started is stopped when the test ends. */
export async function operatorProcesses(cluster: TestCluster): Promise<OperatorProcesses> {
  await promisify(execFile)(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root });
  const path = join(await testFolder(), 'operator.log');
  const children = new Set<ChildProcess>();
  const kill = async (child: ChildProcess): Promise<void> => {
    children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(async () => {
    await Promise.all([...children].map(kill));
  });
  const flags = ['--kubeconfig', cluster.kubeconfig, '--namespace', cluster.system];
  return {
    kill,
    log: () => readFile(path, 'utf8'),
    start: () => {
      const file = openSync(path, 'a');
      const child = spawn(
        process.execPath,
        [
          program,
          'operator',
          ...flags,
          ...[
            '--watch-namespaces',
            cluster.namespace,
            '--health-address',
            '127.0.0.1:0',
            '--no-leader-elect',
          ],
        ],
        { stdio: ['ignore', file, file] },
      );
      closeSync(file);
      children.add(child);
      return child;
    },
  };
}
