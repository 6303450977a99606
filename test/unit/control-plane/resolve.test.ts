import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { cacheFolder, NoControlPlaneError, resolveControlPlane } from '#test/control-plane/resolve.ts';

let folder: string;
const silent = () => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seneschal-test-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function programs(where: string, ...names: string[]): Promise<void> {
  await mkdir(where, { recursive: true });
  for (const name of names) {
    await writeFile(join(where, name), '');
    await chmod(join(where, name), 0o755);
  }
}

describe('where a control plane comes from', () => {
  test('an existing cluster goes before everything else', async () => {
    const env = { SENESCHAL_TEST_KUBECONFIG: '/some/config', KUBEBUILDER_ASSETS: folder };
    expect(await resolveControlPlane(silent, env)).toEqual({ from: 'existing', kubeconfig: '/some/config' });
  });

  test('then the folder of envtest, with or without a controller manager', async () => {
    await programs(folder, 'etcd', 'kube-apiserver', 'kubectl');
    const found = await resolveControlPlane(silent, { KUBEBUILDER_ASSETS: folder });
    expect(found).toMatchObject({ from: 'assets', programs: { kubeControllerManager: undefined } });
  });

  test('a folder of envtest that lacks a program is an error, not a reason to build', async () => {
    await programs(folder, 'etcd');
    await expect(resolveControlPlane(silent, { KUBEBUILDER_ASSETS: folder })).rejects.toThrow(
      'KUBEBUILDER_ASSETS',
    );
  });

  test('then the cache, which is named after release and machine', async () => {
    const env = { SENESCHAL_CACHE_DIR: folder, PATH: '' };
    expect(cacheFolder(env)).toMatch(/control-plane\/v1\.\d+\.\d+-\w+-\w+$/);
    expect(cacheFolder({ XDG_CACHE_HOME: '/x' })).toMatch(/^\/x\/seneschal\//);
    await programs(cacheFolder(env), 'etcd', 'kube-apiserver', 'kubectl', 'kube-controller-manager');
    expect(await resolveControlPlane(silent, env)).toMatchObject({ from: 'cache' });
  });

  test('without any of them and without Go: one message that names the three ways', async () => {
    const env = { SENESCHAL_CACHE_DIR: folder, PATH: folder };
    await programs(cacheFolder(env), 'etcd', 'kube-apiserver', 'kubectl');
    const error = await resolveControlPlane(silent, env).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoControlPlaneError);
    for (const way of ['install Go', 'KUBEBUILDER_ASSETS', 'SENESCHAL_TEST_KUBECONFIG'])
      expect(String(error)).toContain(way);
  });
});
