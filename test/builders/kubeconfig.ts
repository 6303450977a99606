import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Fields of the one cluster and the one user of a kubeconfig. */
export interface KubeConfigParts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
}

/** Writes a kubeconfig with the cluster `prod`, the user `dev`, and a context of both; gives its path. */
export async function writeParts(folder: string, parts: KubeConfigParts): Promise<string> {
  const path = join(folder, 'config');
  const file = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'it',
    clusters: [{ name: 'prod', cluster: { server: 'https://api.example:6443', ...parts.cluster } }],
    users: [{ name: 'dev', user: parts.user ?? {} }],
    contexts: [{ name: 'it', context: { cluster: 'prod', user: 'dev', ...parts.context } }],
  };
  await writeFile(path, JSON.stringify(file), { mode: 0o600 });
  return path;
}

/** Writes a program of the shell; gives its path. */
export async function writeProgram(folder: string, name: string, lines: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${lines}\n`);
  await chmod(path, 0o755);
  return path;
}

export const EXEC_V1 = 'client.authentication.k8s.io/v1';

/** What a plugin prints. */
export function execCredential(status: object, apiVersion: string = EXEC_V1): string {
  return JSON.stringify({ apiVersion, kind: 'ExecCredential', status });
}
