/** The operator as a process of its own, from the bundle: what can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { program } from '#test/program/program.ts';
import type { TestCluster } from './cluster.ts';

export interface OperatorProcesses {
  /** Starts one; leader election is off, because the lease of a killed one would be waited for. */
  start(): ChildProcess;
  /** SIGKILL, and waits for the end. */
  kill(child: ChildProcess): Promise<void>;
  log(): Promise<string>;
}

/** What is started is stopped when the test ends. `environment`: beside that of the tests. */
export async function operatorProcesses(
  cluster: TestCluster,
  environment: Readonly<Record<string, string>> = {},
): Promise<OperatorProcesses> {
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
          program(),
          'operator',
          ...flags,
          ...[
            '--watch-namespaces',
            cluster.namespace,
            '--health-address',
            '127.0.0.1:0',
            '--no-leader-elect',
            '--allow-insecure-loopback',
          ],
        ],
        { stdio: ['ignore', file, file], env: { ...process.env, ...environment } },
      );
      closeSync(file);
      children.add(child);
      return child;
    },
  };
}
