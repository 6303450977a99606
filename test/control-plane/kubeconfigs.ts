import { writeFile } from 'node:fs/promises';

/** What a kubeconfig needs to know of a cluster. */
export interface Cluster {
  readonly server: string;
  /** PEM. */
  readonly ca: string;
}

/** A kubeconfig as JSON, which is YAML, with a token. */
export function tokenKubeconfig(cluster: Cluster, token: string): string {
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'test',
      clusters: [
        {
          name: 'test',
          cluster: {
            server: cluster.server,
            'certificate-authority-data': Buffer.from(cluster.ca).toString('base64'),
          },
        },
      ],
      users: [{ name: 'test', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    },
    null,
    2,
  );
}

/** Writes it readable for nobody else; gives the path. */
export async function writeKubeconfig(path: string, text: string): Promise<string> {
  await writeFile(path, text, { mode: 0o600 });
  return path;
}
