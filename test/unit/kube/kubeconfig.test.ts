import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KubeConfigError, loadKubeConfig } from '#kube/kube.ts';
import { EXEC_V1, execCredential, type KubeConfigParts, writeParts } from '#test/builders/kubeconfig.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

async function load(parts: KubeConfigParts, files: Readonly<Record<string, string>> = {}) {
  const folder = await testFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return loadKubeConfig({ path: await writeParts(folder, parts) });
}

/** Prints the credential, whatever it is asked. */
const echo = (status: object, apiVersion = EXEC_V1) => ({
  apiVersion,
  command: 'echo',
  args: [execCredential(status, apiVersion)],
  interactiveMode: 'Never',
});

interface Row extends KubeConfigParts {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly headers?: object;
  readonly tls?: object;
}

const READ: readonly Row[] = [
  { name: 'nothing of a user', headers: {} },
  { name: 'a token', user: { token: 't' }, headers: { authorization: 'Bearer t' } },
  {
    name: 'a token file, from the folder of the kubeconfig',
    user: { tokenFile: 'token.txt' },
    files: { 'token.txt': 'from-file\n' },
    headers: { authorization: 'Bearer from-file' },
  },
  {
    name: 'a token file before a token',
    user: { token: 't', tokenFile: 'token.txt' },
    files: { 'token.txt': 'from-file' },
    headers: { authorization: 'Bearer from-file' },
  },
  {
    name: 'a client certificate as data',
    user: { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
    headers: {},
    tls: { cert: 'cert', key: 'key' },
  },
  {
    name: 'a client certificate as files',
    user: { 'client-certificate': 'c.pem', 'client-key': 'k.pem' },
    files: { 'c.pem': 'cert', 'k.pem': 'key' },
    headers: {},
    tls: { cert: 'cert', key: 'key' },
  },
  {
    name: 'a client certificate beside a token',
    user: { token: 't', 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') },
    headers: { authorization: 'Bearer t' },
    tls: { cert: 'cert', key: 'key' },
  },
  {
    name: 'username and password',
    user: { username: 'dev', password: 'p:w' },
    headers: { authorization: `Basic ${base64('dev:p:w')}` },
  },
  {
    name: 'as, as-uid and as-groups',
    user: { token: 't', as: 'carol', 'as-uid': '7', 'as-groups': ['a', 'b'] },
    headers: {
      authorization: 'Bearer t',
      'impersonate-user': 'carol',
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b'],
    },
  },
  {
    name: 'as-user-extra, with names escaped for a header',
    user: { as: 'carol', 'as-user-extra': { 'acme.example/team é%': ['x', 'y'] } },
    headers: {
      'impersonate-user': 'carol',
      'impersonate-extra-acme.example%2Fteam%20%C3%A9%25': ['x', 'y'],
    },
  },
  {
    name: 'a certificate authority as data',
    cluster: { 'certificate-authority-data': base64('ca') },
    tls: { ca: 'ca' },
  },
  {
    name: 'a certificate authority as a file',
    cluster: { 'certificate-authority': 'ca.pem' },
    files: { 'ca.pem': 'ca' },
    tls: { ca: 'ca' },
  },
  {
    name: 'tls-server-name',
    cluster: { 'tls-server-name': 'api.internal' },
    tls: { serverName: 'api.internal' },
  },
  {
    name: 'insecure-skip-tls-verify',
    cluster: { 'insecure-skip-tls-verify': true },
    tls: { insecureSkipVerify: true },
  },
  {
    name: 'disable-compression, which is never asked for',
    cluster: { 'disable-compression': true },
    tls: {},
  },
  {
    name: 'extensions, which are notes of other tools',
    cluster: { extensions: [{ name: 'minikube', extension: { version: 'v1' } }] },
    user: { extensions: [] },
    context: { extensions: [] },
    headers: {},
    tls: {},
  },
  { name: 'an exec plugin', user: { exec: echo({ token: 't' }) }, headers: { authorization: 'Bearer t' } },
  {
    name: 'an exec plugin of v1beta1, whose interactiveMode has a default',
    user: { exec: { ...echo({ token: 't' }, V1BETA1), interactiveMode: undefined } },
    headers: { authorization: 'Bearer t' },
  },
  {
    name: 'an exec plugin for a user who impersonates',
    user: { exec: echo({ token: 't' }), as: 'carol' },
    headers: { authorization: 'Bearer t', 'impersonate-user': 'carol' },
  },
  {
    name: 'fields that are null or empty, as absent',
    user: { token: 't', username: '', password: null, exec: null, 'as-groups': null },
    cluster: { 'proxy-url': '', 'certificate-authority': null },
    headers: { authorization: 'Bearer t' },
    tls: {},
  },
];

const exec = (more: object) => ({ user: { exec: { ...echo({ token: 'hunter2' }), ...more } } });

const REFUSED: readonly (KubeConfigParts & { name: string; message: string; next: string })[] = [
  {
    name: 'proxy-url',
    cluster: { 'proxy-url': 'http://hunter2@proxy.example' },
    message: 'cluster prod asks for a proxy (proxy-url), which is not supported',
    next: 'Reach the API server directly',
  },
  {
    name: 'auth-provider',
    user: { 'auth-provider': { name: 'oidc', config: { 'client-secret': 'hunter2' } } },
    message: 'user dev has an auth-provider, which Kubernetes has removed',
    next: 'Use an exec plugin: gke-gcloud-auth-plugin for gcp, kubelogin for azure',
  },
  {
    name: 'an unknown field of a user',
    user: { 'token-file': 'hunter2' },
    message: 'user dev has a field that is not known: token-file',
    next: 'Correct its name',
  },
  {
    name: 'an unknown field of a cluster',
    cluster: { ca: 'hunter2' },
    message: 'cluster prod has a field that is not known: ca',
    next: 'Correct its name',
  },
  {
    name: 'an unknown field of a context',
    context: { ns: 'hunter2' },
    message: 'context it has a field that is not known: ns',
    next: 'Correct its name',
  },
  {
    name: 'an unknown field of exec',
    ...exec({ shell: 'hunter2' }),
    message: 'user dev has a field that is not known: exec.shell',
    next: 'Correct its name',
  },
  {
    name: 'a field that every object inherits',
    user: { constructor: 'hunter2' },
    message: 'user dev has a field that is not known: constructor',
    next: 'Correct its name',
  },
  {
    name: 'a token that YAML reads as a number',
    user: { token: 1234 },
    message: 'user dev has token of another type',
    next: 'token must be a text (quote it)',
  },
  {
    name: 'a flag that is a text',
    cluster: { 'insecure-skip-tls-verify': 'hunter2' },
    message: 'cluster prod has insecure-skip-tls-verify of another type',
    next: 'must be true or false',
  },
  {
    name: 'groups that are no list',
    user: { as: 'carol', 'as-groups': 'hunter2' },
    message: 'user dev has as-groups of another type',
    next: 'as-groups must be a list of texts',
  },
  {
    name: 'args that are numbers',
    ...exec({ args: [8080] }),
    message: 'user dev has exec.args of another type',
    next: 'exec.args must be a list of texts',
  },
  {
    name: 'env without a name',
    ...exec({ env: [{ value: 'hunter2' }] }),
    message: 'user dev has exec.env of another type',
    next: 'exec.env must be a list of objects with the texts name and value',
  },
  {
    name: 'an exec plugin of v1alpha1',
    ...exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
    message: 'user dev has an exec.apiVersion that is not supported',
    next: `Set exec.apiVersion to ${EXEC_V1} or ${V1BETA1}`,
  },
  {
    name: 'an exec plugin without a command',
    ...exec({ command: '' }),
    message: 'user dev has no exec.command',
    next: 'Name the plugin there',
  },
  {
    name: 'an exec plugin that must have somebody who types',
    ...exec({ interactiveMode: 'Always' }),
    message: 'user dev has exec.interactiveMode Always',
    next: 'set exec.interactiveMode to Never or IfAvailable',
  },
  {
    name: 'an exec plugin of v1 without interactiveMode',
    ...exec({ interactiveMode: undefined }),
    message: 'user dev has no exec.interactiveMode that is known',
    next: 'Set exec.interactiveMode to Never or IfAvailable',
  },
  {
    name: 'an exec plugin beside a token',
    user: { exec: echo({ token: 'hunter2' }), token: 'hunter2' },
    message: 'user dev has exec and token',
    next: 'Keep exec or the other',
  },
  {
    name: 'an exec plugin beside a client certificate',
    user: { exec: echo({}), 'client-certificate-data': 'hunter2', 'client-key-data': 'hunter2' },
    message: 'user dev has exec and client-certificate',
    next: 'Keep exec or the other',
  },
  {
    name: 'a password beside a token',
    user: { token: 'hunter2', username: 'dev', password: 'hunter2' },
    message: 'user dev has username and token',
    next: 'Keep one of them',
  },
  {
    name: 'a user name without a password',
    user: { username: 'hunter2' },
    message: 'user dev has username without password',
    next: 'Add password',
  },
  {
    name: 'a password without a user name',
    user: { password: 'hunter2' },
    message: 'user dev has password without username',
    next: 'Add username',
  },
  {
    name: 'a client certificate without its key',
    user: { 'client-certificate-data': 'hunter2' },
    message: 'user dev has client-certificate-data without client-key or client-key-data',
    next: 'Add client-key',
  },
  {
    name: 'a key without its client certificate',
    user: { 'client-key': 'hunter2' },
    message: 'user dev has client-key without client-certificate or client-certificate-data',
    next: 'Add client-certificate',
  },
  {
    name: 'a client certificate twice',
    user: { 'client-certificate': 'c', 'client-certificate-data': 'hunter2', 'client-key': 'k' },
    message: 'user dev has client-certificate and client-certificate-data',
    next: 'Keep one of them',
  },
  {
    name: 'a certificate authority twice',
    cluster: { 'certificate-authority': 'c', 'certificate-authority-data': 'hunter2' },
    message: 'cluster prod has certificate-authority and certificate-authority-data',
    next: 'Keep one of them',
  },
  {
    name: 'a certificate authority that is not asked',
    cluster: { 'certificate-authority-data': 'hunter2', 'insecure-skip-tls-verify': true },
    message: 'cluster prod has insecure-skip-tls-verify and certificate-authority-data',
    next: 'Remove insecure-skip-tls-verify',
  },
  {
    name: 'groups of nobody',
    user: { 'as-groups': ['hunter2'] },
    message: 'user dev has as-groups without as',
    next: 'Add as',
  },
  {
    name: 'a cluster without a server',
    cluster: { server: '' },
    message: 'cluster prod names no server',
    next: 'Set server to https://',
  },
  {
    name: 'a server without a scheme',
    cluster: { server: 'hunter2:6443' },
    message: 'cluster prod names no server',
    next: 'Set server to https://',
  },
  {
    name: 'a context of a cluster that is not there',
    context: { cluster: 'staging' },
    message: 'has no cluster staging',
    next: 'The clusters that it has: prod',
  },
  {
    name: 'a context of a user who is not there',
    context: { user: 'ops' },
    message: 'has no user ops',
    next: 'The users that it has: dev',
  },
];

describe('of a kubeconfig is read', () => {
  test.each(READ)('$name', async ({ files, headers, tls, ...parts }) => {
    const { credentials } = await load(parts, files);
    if (headers !== undefined) expect(await credentials.headers()).toEqual(headers);
    if (tls !== undefined) expect(await credentials.tls()).toEqual(tls);
  });

  test('the cluster for an exec plugin that asks for it, with the extension that is the plugin’s', async () => {
    const { credentials } = await load({
      cluster: {
        'tls-server-name': 'api.internal',
        'certificate-authority-data': base64('ca'),
        'disable-compression': true,
        extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'acme' } }],
      },
      user: {
        exec: {
          ...echo({}),
          command: 'sh',
          // The token is what it was told, without the quotes that would end the text.
          args: [
            '-c',
            `printf '${execCredential({ token: '%s' })}' "$(printf '%s' "$KUBERNETES_EXEC_INFO" | base64 | tr -d '\\n')"`,
          ],
          provideClusterInfo: true,
        },
      },
    });
    const { authorization } = await credentials.headers();
    const told = Buffer.from(String(authorization).slice('Bearer '.length), 'base64').toString('utf8');
    expect(JSON.parse(told).spec.cluster).toEqual({
      server: 'https://api.example:6443',
      'tls-server-name': 'api.internal',
      'certificate-authority-data': base64('ca'),
      'disable-compression': true,
      config: { audience: 'acme' },
    });
  });

  test('an entry that no chosen context names may say what it likes', async () => {
    const folder = await testFolder();
    const path = await writeParts(folder, { user: { token: 't' } });
    const more = `{"users": [{"name": "other", "user": {"auth-provider": {"name": "gcp"}}}]}`;
    await writeFile(join(folder, 'more'), more);
    const config = await loadKubeConfig({ env: { KUBECONFIG: `${path}:${join(folder, 'more')}` } });
    expect(await config.credentials.headers()).toEqual({ authorization: 'Bearer t' });
  });

  test('a list may name files that are not there, as long as one is (as kubectl has it)', async () => {
    const folder = await testFolder();
    const path = await writeParts(folder, { user: { token: 't' } });
    const [gone, lost] = [join(folder, 'gone'), join(folder, 'lost')];
    const config = await loadKubeConfig({ env: { KUBECONFIG: `${gone}:${path}:${lost}` } });
    expect(await config.credentials.headers()).toEqual({ authorization: 'Bearer t' });
    await expect(loadKubeConfig({ env: { KUBECONFIG: `${gone}:${lost}` } })).rejects.toThrow(gone);
    await expect(loadKubeConfig({ env: { KUBECONFIG: `${path}:${folder}` } })).rejects.toThrow(
      'cannot be read',
    );
  });
});

describe('of a kubeconfig is refused by its name and the next step, and no value is told', () => {
  test.each(REFUSED)('$name', async ({ message, next, name: _, ...parts }) => {
    const error = await load(parts).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KubeConfigError);
    const refused = error as KubeConfigError;
    expect(refused.message).toMatch(/^kubeconfig \/.*\/config/);
    expect(refused.message).toContain(message);
    expect(refused.next).toContain(next);
    expect(`${refused.stack} ${refused.message} ${refused.next}`).not.toContain('hunter2');
  });

  test.each([
    ['clusters that are no list', 'clusters: {prod: {token: hunter2}}', 'clusters must be a list'],
    ['an entry without a name', 'users: [{user: {token: hunter2}}]', 'users must be a list'],
    ['a context that is no object', 'contexts: [{name: it, context: hunter2}]', 'contexts must be a list'],
    ['a file that is a list', '- hunter2', 'is empty'],
    ['no current context', 'users: []', 'names no current context'],
  ])('%s', async (_name, text, message) => {
    const path = join(await testFolder(), 'config');
    await writeFile(path, text);
    const error = (await loadKubeConfig({ path }).catch((thrown: unknown) => thrown)) as KubeConfigError;
    expect(error).toBeInstanceOf(KubeConfigError);
    expect(error.message).toContain(`kubeconfig ${path}`);
    expect(error.message).toContain(message);
    expect(`${error.stack}`).not.toContain('hunter2');
  });
});
