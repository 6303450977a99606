import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ExecPlugin, execCredentials } from '#kube/exec-credentials.ts';
import {
  type Credentials,
  fileCredentials,
  HttpKubeClient,
  KubeConfigError,
  loadKubeConfig,
} from '#kube/kube.ts';
import type { ExecEntry } from '#kube/kubeconfig-file.ts';
import { EXEC_V1, execCredential, writeParts, writeProgram } from '#test/builders/kubeconfig.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { type Answer, fakeKubeServer, json, status } from '#test/fakes/kube-server.ts';

const CLUSTER = { server: 'https://api.example:6443', 'tls-server-name': 'api' };

/** Credentials of a plugin that runs these lines in its own folder; each run adds a line to the file `runs`. */
async function plugin(lines: string, entry: Partial<ExecEntry> = {}, options: Partial<ExecPlugin> = {}) {
  const folder = await testFolder();
  const command = await writeProgram(folder, 'plugin', `cd "$(dirname "$0")"; echo run >> runs\n${lines}`);
  const credentials = execCredentials({
    exec: { apiVersion: EXEC_V1, command, interactiveMode: 'Never', ...entry },
    where: 'kubeconfig it: user dev',
    base: fileCredentials({ tls: { ca: 'the-ca', serverName: 'api' }, headers: { 'impersonate-user': 'x' } }),
    ...options,
  });
  const runs = async () => (await readFile(join(folder, 'runs'), 'utf8')).split('\n').length - 1;
  const answer = (text: string) => writeFile(join(folder, 'answer'), text);
  return { folder, command, credentials, runs, answer };
}

const prints = (status: object) => `cat <<'END'\n${execCredential(status)}\nEND`;

async function failureOf(
  lines: string,
  entry: Partial<ExecEntry> = {},
  options: Partial<ExecPlugin> = {},
): Promise<KubeConfigError> {
  const { credentials } = await plugin(lines, entry, options);
  const error = await credentials.headers().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KubeConfigError);
  return error as KubeConfigError;
}

const authorization = async ({ credentials }: Awaited<ReturnType<typeof plugin>>) =>
  (await credentials.headers()).authorization;

describe('what an exec plugin gives', () => {
  test('a token goes into the header, beside what the kubeconfig says of user and cluster', async () => {
    const { credentials } = await plugin(prints({ token: 'a-token' }));
    expect(await credentials.headers()).toEqual({
      authorization: 'Bearer a-token',
      'impersonate-user': 'x',
    });
    expect(await credentials.tls()).toEqual({ ca: 'the-ca', serverName: 'api' });
  });

  test('a client certificate and its key go into TLS, one object while nothing changes', async () => {
    const { credentials } = await plugin(prints({ clientCertificateData: 'a-cert', clientKeyData: 'a-key' }));
    const tls = await credentials.tls();
    expect(tls).toEqual({ ca: 'the-ca', serverName: 'api', cert: 'a-cert', key: 'a-key' });
    expect(await credentials.tls()).toBe(tls);
    expect(await credentials.headers()).toEqual({ 'impersonate-user': 'x' });
  });

  test.each([
    ['something else than JSON', 'echo hunter2-token', 'printed something else than JSON'],
    ['another kind', `echo '{"kind":"Status"}'`, 'printed no ExecCredential'],
    [
      'another version',
      `echo '${execCredential({ token: 'hunter2' }, 'client.authentication.k8s.io/v1beta1')}'`,
      'did not answer in client.authentication.k8s.io/v1',
    ],
    ['no status', `echo '{"apiVersion":"${EXEC_V1}","kind":"ExecCredential"}'`, 'gave no credential'],
    ['an empty token', prints({ token: '' }), 'gave no credential'],
    ['a certificate alone', prints({ clientCertificateData: 'hunter2' }), 'a certificate or its key alone'],
    [
      'a key alone, beside a token',
      prints({ token: 't', clientKeyData: 'hunter2' }),
      'a certificate or its key alone',
    ],
    ['a token of two lines', prints({ token: 'hunter2\nx: y' }), 'a token that no header takes'],
    ['a token that is no text', prints({ token: { hunter2: 1 } }), 'a token that is no text'],
    [
      'an end that is no time',
      prints({ token: 'hunter2', expirationTimestamp: 'soon' }),
      'an expirationTimestamp that is no time',
    ],
  ])('%s is refused, and not quoted', async (_name, lines, message) => {
    const error = await failureOf(lines);
    expect(error.message).toContain('kubeconfig it: user dev: the exec plugin');
    expect(error.message).toContain(message);
    expect(JSON.stringify([error.message, error.next, String(error.cause)])).not.toContain('hunter2');
  });
});

describe('how an exec plugin is run', () => {
  test('with args and no shell, its env on top of ours, and what it is asked for', async () => {
    const { credentials, folder } = await plugin(
      `printf '%s\\n' "$@" "$PLUGIN_MODE" "$HOME" > given; echo "$KUBERNETES_EXEC_INFO" > info; ${prints({ token: 't' })}`,
      { args: ['--to', '$(id); "x y"'], env: [{ name: 'PLUGIN_MODE', value: 'quiet' }] },
      { cluster: CLUSTER },
    );
    await credentials.headers();
    expect((await readFile(join(folder, 'given'), 'utf8')).split('\n')).toEqual([
      '--to',
      '$(id); "x y"',
      'quiet',
      process.env.HOME ?? '',
      '',
    ]);
    expect(JSON.parse(await readFile(join(folder, 'info'), 'utf8'))).toEqual({
      apiVersion: EXEC_V1,
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: {
          ...CLUSTER,
          'certificate-authority-data': Buffer.from('the-ca').toString('base64'),
        },
      },
    });
  });

  test('without provideClusterInfo it is told nothing of the cluster', async () => {
    const { credentials, folder } = await plugin(
      `echo "$KUBERNETES_EXEC_INFO" > info; ${prints({ token: 't' })}`,
    );
    await credentials.headers();
    expect(JSON.parse(await readFile(join(folder, 'info'), 'utf8')).spec).toEqual({ interactive: false });
  });

  test('once for calls at the same time', async () => {
    const made = await plugin(prints({ token: 't' }));
    await Promise.all([authorization(made), made.credentials.tls(), authorization(made)]);
    expect(await made.runs()).toBe(1);
  });

  test('again a little before what it gave ends', async () => {
    let now = Date.parse('2026-01-01T00:00:00Z');
    const made = await plugin('cat answer', {}, { now: () => now });
    await made.answer(execCredential({ token: 'first', expirationTimestamp: '2026-01-01T00:10:00Z' }));
    expect(await authorization(made)).toBe('Bearer first');
    await made.answer(execCredential({ token: 'second' }));
    now = Date.parse('2026-01-01T00:09:49Z');
    expect(await authorization(made)).toBe('Bearer first');
    now = Date.parse('2026-01-01T00:09:50Z');
    expect(await authorization(made)).toBe('Bearer second');
    expect(await made.runs()).toBe(2);
  });

  test('never again for what has no end, until it is refused', async () => {
    let now = 0;
    const made = await plugin('cat answer', {}, { now: () => now });
    await made.answer(execCredential({ token: 'first' }));
    expect(await authorization(made)).toBe('Bearer first');
    now = 365 * 24 * 60 * 60 * 1000;
    expect(await authorization(made)).toBe('Bearer first');
    expect(await made.runs()).toBe(1);
    await made.answer(execCredential({ token: 'second' }));
    expect(await made.credentials.refresh()).toBe(true);
    expect(await authorization(made)).toBe('Bearer second');
    expect(await made.runs()).toBe(2);
  });

  test('a refused call is not worth a second try when the plugin gives the same again', async () => {
    let now = 0;
    const made = await plugin(prints({ token: 't' }), {}, { now: () => now });
    await authorization(made);
    now = 5_000;
    expect(await made.credentials.refresh()).toBe(false);
    expect(await made.runs()).toBe(2);
  });

  test('calls that are refused one after the other in a moment share the run that followed the first', async () => {
    let now = 0;
    const made = await plugin('cat answer', {}, { now: () => now });
    await made.answer(execCredential({ token: 'first' }));
    await authorization(made);
    now = 5_000;
    await made.answer(execCredential({ token: 'second' }));
    expect([await made.credentials.refresh(), await made.credentials.refresh()]).toEqual([true, true]);
    expect(await made.runs()).toBe(2);
  });

  test.each(['./plugin', 'bin/plugin'])(
    '%s is a path from the folder of the kubeconfig, wherever the program runs',
    async (command) => {
      const folder = await testFolder();
      await mkdir(join(folder, 'bin'));
      await writeProgram(folder, command, prints({ token: 'found' }));
      const user = { exec: { apiVersion: EXEC_V1, interactiveMode: 'IfAvailable', command } };
      const { credentials } = await loadKubeConfig({ path: await writeParts(folder, { user }) });
      expect(await credentials.headers()).toEqual({ authorization: 'Bearer found' });
    },
  );

  test('a bare name is looked up on PATH, and not in the folder of the kubeconfig', async () => {
    const folder = await testFolder();
    await mkdir(join(folder, 'bin'));
    await writeProgram(folder, 'acme-login', prints({ token: 'beside' }));
    await writeProgram(join(folder, 'bin'), 'acme-login', prints({ token: 'on-path' }));
    const before = process.env.PATH ?? '';
    process.env.PATH = `${join(folder, 'bin')}${delimiter}${before}`;
    onTestFinished(() => {
      process.env.PATH = before;
    });
    const user = { exec: { apiVersion: EXEC_V1, interactiveMode: 'Never', command: 'acme-login' } };
    const { credentials } = await loadKubeConfig({ path: await writeParts(folder, { user }) });
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer on-path' });
  });
});

describe('an exec plugin that fails', () => {
  test('is told with its exit code and the last line that it wrote to stderr', async () => {
    const error = await failureOf(
      `echo ignored >&2; printf 'login \\033[31mexpired\\033[0m, run acme login\\n\\n' >&2; exit 3`,
    );
    expect(error.message).toMatch(/ended with 3: login expired, run acme login$/);
    expect(error.message).not.toMatch(/\p{Cc}/u);
    expect(error.next).toContain('by hand');
  });

  test('is cut to a line of bounded length', async () => {
    const error = await failureOf(`head -c 3000 /dev/zero | tr '\\0' 'x' >&2; exit 1`);
    expect(error.message.split('ended with 1: ')[1]).toBe('x'.repeat(200));
  });

  test.each([
    [
      'that it printed',
      `echo '${execCredential({ token: 'hunter2-token' })}'; echo "bad hunter2-token" >&2; exit 1`,
    ],
    ['of its env', `echo "bad $SECRET" >&2; exit 1`],
    ['of its args', `echo "bad $1 $3" >&2; exit 1`],
    ['that another of its values begins', `echo "bad $LONGER" >&2; exit 1`],
    ['a line of which it says', `echo "bad $(echo "$KEY" | sed -n 2p)" >&2; exit 1`],
  ])('may say a secret %s, and it is not told', async (_name, lines) => {
    const error = await failureOf(lines, {
      env: [
        { name: 'SECRET', value: 'hunter2-env' },
        { name: 'PROFILE', value: 'prod' },
        { name: 'LONGER', value: 'prod-hunter2' },
        { name: 'KEY', value: '-----BEGIN KEY-----\nhunter2hunter2\n-----END KEY-----' },
      ],
      args: ['--oidc-client-secret=hunter2-arg', '--password', 'hunter2-next'],
    });
    expect(error.message).toMatch(/: bad .*\[redacted\]/);
    expect(error.message).not.toContain('hunter2');
  });

  test('does not tell the token that it gave the time before', async () => {
    let now = 0;
    const made = await plugin('. ./answer', {}, { now: () => now });
    await made.answer(prints({ token: 'hunter2' }));
    await authorization(made);
    await made.answer('echo "hunter2 was revoked" >&2; exit 1');
    now = 5_000;
    await expect(made.credentials.refresh()).rejects.toThrow(/: \[redacted\] was revoked$/);
  });

  test('that is not installed is named with its hint', async () => {
    const installHint = 'acme-login is in the\npackage acme-tools';
    const error = await failureOf('true', { command: 'no-such-login-program', installHint });
    expect(error.message).toBe(
      'kubeconfig it: user dev: the exec plugin no-such-login-program is not there: ' +
        'acme-login is in the package acme-tools',
    );
    expect(error.next).toContain('Install it');
  });

  test('that may not be run says so', async () => {
    const folder = await testFolder();
    await writeFile(join(folder, 'plugin'), 'no program');
    const error = await failureOf('true', { command: join(folder, 'plugin') });
    expect(error.message).toContain('cannot be run (EACCES)');
  });

  test.each([
    ['is in a folder that is none', { command: '/dev/null/plugin' }, 'cannot be run (ENOTDIR)'],
    ['is given more than a program takes', { args: ['x'.repeat(3_000_000)] }, 'cannot be run (E2BIG)'],
    ['is given a NUL', { args: ['a\0b'] }, 'cannot be run (ERR_INVALID_ARG_VALUE)'],
  ])('that %s says so', async (_name, exec, what) => {
    const error = await failureOf('true', exec);
    expect(error.message).toContain(what);
    expect(error.message).not.toContain('xxx');
    expect(error.next).toContain('by hand');
  });

  test('has the names of its flags told', async () => {
    const error = await failureOf(`echo "unknown flag $1" >&2; exit 1`, { args: ['--login-mode'] });
    expect(error.message).toMatch(/unknown flag --login-mode$/);
  });

  test('that does not end is ended, and nothing that it started is waited for', async () => {
    const startedAt = performance.now();
    const error = await failureOf('echo waiting >&2; sleep 5; true', {}, { timeLimitMs: 500 });
    expect(error.message).toContain('did not end in time: waiting');
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });

  test('that prints without end is ended', async () => {
    expect((await failureOf('yes hunter2')).message).toMatch(/printed too much$/);
  });

  test('does not wait for somebody who types', async () => {
    expect((await failureOf('read answer || exit 7')).message).toContain('ended with 7');
  });

  test('is asked again by the next call', async () => {
    const made = await plugin('. ./answer');
    await made.answer('exit 1');
    await expect(authorization(made)).rejects.toThrow('ended with 1');
    await made.answer(prints({ token: 't' }));
    expect(await authorization(made)).toBe('Bearer t');
  });
});

describe('a client whose user has an exec plugin', () => {
  const clientOf = async (credentials: Credentials, ...script: Answer[]) => {
    const server = await fakeKubeServer(...script);
    onTestFinished(() => server.close());
    const config = { server: new URL(server.url), credentials, namespace: 'default' };
    const client = new HttpKubeClient({ config });
    onTestFinished(() => client.close());
    return { server, client };
  };

  test('sends a refused call again with what the plugin gives then', async () => {
    let now = 0;
    const made = await plugin('cat answer', {}, { now: () => now });
    await made.answer(execCredential({ token: 'first' }));
    const seen: unknown[] = [];
    const { client } = await clientOf(
      made.credentials,
      async (request, response) => {
        seen.push(request.headers.authorization);
        now = 5_000;
        await made.answer(execCredential({ token: 'second' }));
        status(401, 'Unauthorized')(request, response);
      },
      (request, response) => {
        seen.push(request.headers.authorization);
        json(200, {})(request, response);
      },
    );
    expect((await client.request({ method: 'GET', path: '/version' })).status).toBe(200);
    expect(seen).toEqual(['Bearer first', 'Bearer second']);
  });

  test('tells its failure with the call that needed it, and sends nothing', async () => {
    const made = await plugin('echo "not logged in" >&2; exit 1');
    const { client, server } = await clientOf(made.credentials, json(200, {}));
    await expect(client.request({ method: 'GET', path: '/version' })).rejects.toMatchObject({
      reason: 'CredentialsError',
      publicMessage: expect.stringMatching(/not logged in\. Run the plugin by hand/),
    });
    expect(server.requests).toEqual([]);
  });
});
