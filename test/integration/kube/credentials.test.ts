import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import {
  HttpKubeClient,
  inClusterConfig,
  KubeConfigError,
  loadKubeConfig,
  NAMESPACES,
  SECRETS,
} from '#kube/kube.ts';
import { grantInCluster } from '#test/control-plane/access.ts';
import {
  adminClient,
  testClient,
  testFolder,
  testNamespace,
  testServiceAccount,
} from '#test/control-plane/test-cluster.ts';

async function tokenOf(kubeconfig: string): Promise<string> {
  const headers = await (await loadKubeConfig({ path: kubeconfig })).credentials.headers();
  return String(headers.authorization).slice('Bearer '.length);
}

describe('who we are to the API server', () => {
  test('in a pod: token and CA from files; a token that was replaced is read when the old one is refused', async () => {
    const admin = await adminClient();
    const namespace = await testNamespace(admin);
    const account = await testServiceAccount(admin, namespace, 'pod');
    await grantInCluster(admin, `read-${namespace}`, { kind: 'ServiceAccount', namespace, name: 'pod' }, [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
    ]);
    const config = await loadKubeConfig({ path: inject('adminKubeconfig') });
    const folder = await testFolder();
    await writeFile(join(folder, 'token'), 'not-valid-any-more');
    await writeFile(join(folder, 'ca.crt'), (await config.credentials.tls()).ca ?? '');
    await writeFile(join(folder, 'namespace'), namespace);
    const env = {
      KUBERNETES_SERVICE_HOST: config.server.hostname,
      KUBERNETES_SERVICE_PORT: config.server.port,
    };
    const codes: number[] = [];
    const pod = await inClusterConfig({ env, folder });
    expect(pod.namespace).toBe(namespace);
    const client = new HttpKubeClient({ config: pod, onRequest: ({ code }) => codes.push(code) });

    await expect(client.get(NAMESPACES, { name: namespace })).rejects.toMatchObject({ code: 401 });
    // As kubelet does it: a new file takes the place of the old one.
    await writeFile(join(folder, 'token.new'), await tokenOf(account));
    await rename(join(folder, 'token.new'), join(folder, 'token'));
    expect((await client.get(NAMESPACES, { name: namespace })).metadata.name).toBe(namespace);
    // The refused call was sent again once, with the new token; before, there was nothing new to send.
    expect(codes).toEqual([401, 401, 200]);
    await client.close();
  });

  test('a token file is read again after a minute, without waiting for a refusal', async () => {
    const folder = await testFolder();
    for (const [name, text] of [
      ['token', 'first\n'],
      ['ca.crt', 'ca-1'],
      ['namespace', 'n'],
    ] as const)
      await writeFile(join(folder, name), text);
    let now = 0;
    const { credentials } = await inClusterConfig({
      env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
      folder,
      now: () => now,
    });
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer first' });
    const tls = await credentials.tls();
    await writeFile(join(folder, 'token'), 'second');
    now = 59_000;
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer first' });
    expect(await credentials.tls()).toBe(tls);
    await writeFile(join(folder, 'ca.crt'), 'ca-2');
    now = 60_000;
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer second' });
    expect((await credentials.tls()).ca).toBe('ca-2');
  });

  test('a kubeconfig user with an exec plugin logs in by it', async () => {
    const kubeconfig = inject('adminKubeconfig');
    const folder = await testFolder();
    const file = JSON.parse(await readFile(kubeconfig, 'utf8')) as { users: { user: object }[] };
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: await tokenOf(kubeconfig) },
    };
    await writeFile(join(folder, 'credential.json'), JSON.stringify(credential));
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'cat',
      args: [join(folder, 'credential.json')],
      interactiveMode: 'Never',
    };
    file.users[0]!.user = { exec };
    await writeFile(join(folder, 'config'), JSON.stringify(file));
    const client = await testClient(join(folder, 'config'));
    expect(await client.find(SECRETS, { namespace: 'default', name: 'none' })).toBeUndefined();
  });

  test('a user who impersonates acts as the other', async () => {
    const folder = await testFolder();
    const file = JSON.parse(await readFile(inject('adminKubeconfig'), 'utf8')) as {
      users: { user: object }[];
    };
    Object.assign(file.users[0]!.user, { as: 'carol@acme.example', 'as-groups': ['acme:one', 'acme:two'] });
    await writeFile(join(folder, 'config'), JSON.stringify(file));
    const client = await testClient(join(folder, 'config'));
    const review = await client.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    });
    const { username, groups } = (
      review.body as { status: { userInfo: { username: string; groups: string[] } } }
    ).status.userInfo;
    expect(username).toBe('carol@acme.example');
    expect(groups).toEqual(expect.arrayContaining(['acme:one', 'acme:two']));
  });

  test('a kubeconfig that makes no sense is named, and none of its text', async () => {
    const folder = await testFolder();
    const path = join(folder, 'config');
    await writeFile(path, 'users: [{token: hunter2');
    const error = await loadKubeConfig({ path }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeConfigError);
    expect(String(error)).toContain(path);
    expect(String(error) + String((error as Error).cause)).not.toContain('hunter2');
    await expect(loadKubeConfig({ path: join(folder, 'absent') })).rejects.toThrow('cannot be read');
  });

  test('several files of KUBECONFIG are merged, and the first to name an entry wins', async () => {
    const folder = await testFolder();
    const file = (name: string, server: string, current?: string) =>
      writeFile(
        join(folder, name),
        `${current === undefined ? '' : `current-context: ${current}\n`}clusters: [{name: c, cluster: {server: "${server}"}}]\ncontexts: [{name: ${name}, context: {cluster: c, user: u, namespace: ${name}}}]\nusers: [{name: u, user: {}}]\n`,
      );
    await file('one', 'https://one.example:6443');
    await file('two', 'https://two.example:6443', 'two');
    const config = await loadKubeConfig({
      env: { KUBECONFIG: `${join(folder, 'one')}:${join(folder, 'two')}` },
    });
    expect([config.server.href, config.namespace]).toEqual(['https://one.example:6443/', 'two']);
  });
});
