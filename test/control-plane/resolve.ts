import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms, goIsThere } from './build.ts';
import { KUBERNETES_VERSION } from './version.ts';

/** The programs of a control plane; the controller manager may be absent (envtest does not ship it). */
export interface Programs {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubectl: string;
  readonly kubeControllerManager: string | undefined;
}

export type Resolved =
  | { readonly from: 'existing'; readonly kubeconfig: string }
  | { readonly from: 'assets' | 'cache' | 'build'; readonly programs: Programs };

/** There is no cluster, no program and no Go: what the message says is all that can be done. */
export class NoControlPlaneError extends Error {
  constructor() {
    super(
      [
        'A Kubernetes API server is needed, and none of the three ways to get one is there:',
        '  1. install Go 1.26 or later: the control plane is then built once from source and cached (about 6 minutes);',
        '  2. set KUBEBUILDER_ASSETS to a folder with kube-apiserver, etcd and kubectl (setup-envtest use -p path);',
        '  3. set SENESCHAL_TEST_KUBECONFIG to the kubeconfig of a throw-away cluster in which you are admin.',
      ].join('\n'),
    );
    this.name = 'NoControlPlaneError';
  }
}

/**
 * Finds a control plane, in the order: an existing cluster, envtest's folder, the cache, a build.
 * `print` gets progress, one line at a time.
 * @throws NoControlPlaneError
 */
export async function resolveControlPlane(
  print: (line: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Resolved> {
  const kubeconfig = env.SENESCHAL_TEST_KUBECONFIG;
  if (kubeconfig !== undefined && kubeconfig !== '') {
    print(`control plane: the existing cluster of SENESCHAL_TEST_KUBECONFIG`);
    return { from: 'existing', kubeconfig };
  }
  const assets = env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== '') {
    const programs = await programsIn(assets);
    if (programs === undefined) {
      throw new Error('KUBEBUILDER_ASSETS is set, but its folder lacks kube-apiserver, etcd or kubectl');
    }
    return { from: 'assets', programs };
  }
  const folder = cacheFolder(env);
  const cached = await programsIn(folder);
  if (cached?.kubeControllerManager !== undefined) return { from: 'cache', programs: cached };
  if (!(await goIsThere(env))) throw new NoControlPlaneError();
  await buildPrograms(folder, print);
  const built = await programsIn(folder);
  if (built?.kubeControllerManager === undefined) throw new Error('the build left a program out');
  return { from: 'build', programs: built };
}

/** Where runs of the suite keep for the next one what takes long to get. */
export function cacheBase(env: NodeJS.ProcessEnv = process.env): string {
  return (
    env.SENESCHAL_CACHE_DIR || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'seneschal')
  );
}

/** Where programs of this release and machine type are kept. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const machine = process.arch === 'x64' ? 'amd64' : process.arch;
  return join(cacheBase(env), 'control-plane', `${KUBERNETES_VERSION}-${process.platform}-${machine}`);
}

async function programsIn(folder: string): Promise<Programs | undefined> {
  const names = ['etcd', 'kube-apiserver', 'kubectl', 'kube-controller-manager'] as const;
  const [etcd, kubeApiserver, kubectl, kubeControllerManager] = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return access(path, constants.X_OK).then(
        () => path,
        () => undefined,
      );
    }),
  );
  if (etcd === undefined || kubeApiserver === undefined || kubectl === undefined) return undefined;
  return { etcd, kubeApiserver, kubectl, kubeControllerManager };
}
