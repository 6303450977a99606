import { createServer } from 'node:https';
import { type AddressInfo, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { CoreV1Api, KubeConfig as SecondConfig } from '@kubernetes/client-node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { HttpKubeClient, loadKubeConfig, NAMESPACES } from '#kube/kube.ts';
import { type MadeCertificate, selfSigned } from '#test/builders/certificate.ts';
import { EXEC_V1, execCredential, type KubeConfigParts, writeParts } from '#test/builders/kubeconfig.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { json } from '#test/fakes/kube-server.ts';

/** Who a call came from, as a server sees it. */
interface Caller {
  readonly authorization: string | undefined;
  readonly impersonated: string | undefined;
  /** Serial number of the client certificate. */
  readonly certificate: string | undefined;
  /** The name that was asked for in the handshake. */
  readonly serverName: string | undefined;
}

/** An API server on loopback that asks for client certificates and notes who calls. */
async function server(certificate: MadeCertificate): Promise<{ url: string; callers: Caller[] }> {
  const callers: Caller[] = [];
  const { cert, key } = certificate;
  const https = createServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket & { servername?: string | false };
      const impersonated = request.headers['impersonate-user'];
      callers.push({
        authorization: request.headers.authorization,
        impersonated: Array.isArray(impersonated) ? impersonated.join() : impersonated,
        certificate: socket.getPeerCertificate()?.serialNumber,
        serverName: socket.servername || undefined,
      });
      json(200, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } })(request, response);
    },
  );
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    https.closeAllConnections();
    await new Promise((resolve) => https.close(resolve));
  });
  return { url: `https://127.0.0.1:${(https.address() as AddressInfo).port}`, callers };
}

async function readByOurs(path: string): Promise<void> {
  const client = new HttpKubeClient({ config: await loadKubeConfig({ path }) });
  await client.get(NAMESPACES, { name: 'n' }).finally(() => client.close());
}

async function readBySecond(path: string): Promise<void> {
  const config = new SecondConfig();
  config.loadFromFile(path);
  await config.makeApiClient(CoreV1Api).readNamespace({ name: 'n' });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

interface Made {
  readonly mine: MadeCertificate;
  readonly folder: string;
}

const echo = (status: object) => ({
  exec: { apiVersion: EXEC_V1, command: 'echo', args: [execCredential(status)], interactiveMode: 'Never' },
});

type Row = [string, (made: Made) => KubeConfigParts, Partial<Caller>];
const SERIAL = '0ABC';
const ROWS: Row[] = [
  ['nobody', () => ({}), {}],
  ['a token', () => ({ user: { token: 't' } }), { authorization: 'Bearer t' }],
  [
    'a client certificate as data',
    ({ mine }) => ({
      user: { 'client-certificate-data': base64(mine.cert), 'client-key-data': base64(mine.key) },
    }),
    { certificate: SERIAL },
  ],
  [
    'a client certificate as files',
    () => ({ user: { 'client-certificate': '2748.crt', 'client-key': '2748.key' } }),
    { certificate: SERIAL },
  ],
  [
    'a client certificate and a token',
    ({ mine }) => ({
      user: {
        token: 't',
        'client-certificate-data': base64(mine.cert),
        'client-key-data': base64(mine.key),
      },
    }),
    { certificate: SERIAL, authorization: 'Bearer t' },
  ],
  [
    'username and password',
    () => ({ user: { username: 'dev', password: 'p:w é' } }),
    { authorization: `Basic ${base64('dev:p:w é')}` },
  ],
  [
    'an exec plugin that gives a token',
    () => ({ user: echo({ token: 't' }) }),
    { authorization: 'Bearer t' },
  ],
  [
    'an exec plugin that gives a client certificate',
    ({ mine }) => ({ user: echo({ clientCertificateData: mine.cert, clientKeyData: mine.key }) }),
    { certificate: SERIAL },
  ],
  [
    'an exec plugin that gives both',
    ({ mine }) => ({
      user: echo({ token: 't', clientCertificateData: mine.cert, clientKeyData: mine.key }),
    }),
    { certificate: SERIAL, authorization: 'Bearer t' },
  ],
  ['as', () => ({ user: { token: 't', as: 'carol' } }), { authorization: 'Bearer t', impersonated: 'carol' }],
  ['tls-server-name', () => ({ cluster: { 'tls-server-name': 'localhost' } }), { serverName: 'localhost' }],
];

async function made(parts: (made: Made) => KubeConfigParts, trust: 'authority' | 'nobody' | 'everybody') {
  const folder = await testFolder();
  const certificate = selfSigned(folder, 7);
  const { url, callers } = await server(certificate);
  const { cluster, user } = parts({ mine: selfSigned(folder, 0xabc), folder });
  const trusted = {
    authority: { 'certificate-authority-data': base64(certificate.cert) },
    everybody: { 'insecure-skip-tls-verify': true },
    nobody: {},
  }[trust];
  const path = await writeParts(folder, {
    cluster: { server: url, ...trusted, ...cluster },
    user: user ?? {},
  });
  return { path, callers };
}

describe('client-node and ours read one kubeconfig, and a server sees the same caller', () => {
  test.each(ROWS)('%s', async (_name, parts, caller) => {
    const { path, callers } = await made(parts, 'authority');
    await readByOurs(path);
    await readBySecond(path);
    const nobody = { authorization: undefined, impersonated: undefined, certificate: undefined };
    const seen = callers.map(({ serverName, ...rest }) => ({
      ...rest,
      // An address is no name to ask for; whether it is said all the same is the library's.
      serverName: isIP(serverName ?? '') ? undefined : serverName,
    }));
    const expected = { ...nobody, serverName: undefined, ...caller };
    expect(seen).toEqual([expected, expected]);
  });

  test('insecure-skip-tls-verify: both speak to a server that nobody vouches for', async () => {
    const { path, callers } = await made(() => ({}), 'everybody');
    await readByOurs(path);
    await readBySecond(path);
    expect(callers).toHaveLength(2);
  });

  test('no certificate authority: neither speaks to it', async () => {
    const { path, callers } = await made(() => ({ user: { token: 't' } }), 'nobody');
    await expect(readByOurs(path)).rejects.toThrow('NetworkError');
    await expect(readBySecond(path)).rejects.toThrow();
    expect(callers).toEqual([]);
  });
});
