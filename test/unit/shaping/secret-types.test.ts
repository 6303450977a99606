import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { selfSigned } from '#test/builders/certificate.ts';
import { faults, textsOf } from '#test/builders/shaping.ts';

const item = (secret: string, key: string) => ({ project: 'p', secret, key });
const folder = mkdtempSync(join(tmpdir(), 'types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { cert, key } = selfSigned(folder, 7);
const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const tls = { type: 'kubernetes.io/tls' as const, data: [item('crt', 'tls.crt'), item('key', 'tls.key')] };

test('a certificate with its key is a Secret for TLS', async () => {
  expect(await textsOf(tls, { 'p/crt': cert, 'p/key': key })).toEqual({ 'tls.crt': cert, 'tls.key': key });
});

test.each([
  [
    'the key of another certificate',
    cert,
    other,
    'tls.key is not the private key of the certificate in tls.crt',
  ],
  ['no certificate', 'hunter2', key, 'tls.crt is no certificate in PEM'],
  ['no key', cert, 'hunter2', 'tls.key is no private key in PEM'],
])('%s is refused without the value', async (_, crt, privateKey, message) => {
  expect(await textsOf(tls, { 'p/crt': crt, 'p/key': privateKey })).toBe(message);
});

test.each([
  ['kubernetes.io/tls', 'tls.crt'],
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/basic-auth', 'username or password'],
  ['kubernetes.io/ssh-auth', 'ssh-privatekey'],
] as const)('%s without its key is refused before any value is known', async (type, missing) => {
  expect(await faults({ type, data: [item('x', 'x')] }, ['p/x'])).toEqual([
    `a Secret of type ${type} needs the key ${missing}; declare it`,
  ]);
});

test('registry credentials are JSON with auths, a key of SSH is in PEM', async () => {
  const docker = {
    type: 'kubernetes.io/dockerconfigjson' as const,
    data: [item('x', '.dockerconfigjson')],
  };
  expect(await textsOf(docker, { 'p/x': '{"auths":{"r.example":{}}}' })).toEqual({
    '.dockerconfigjson': '{"auths":{"r.example":{}}}',
  });
  expect(await textsOf(docker, { 'p/x': '{"auth":"hunter2"}' })).toBe(
    '.dockerconfigjson is no JSON object with auths',
  );
  const ssh = { type: 'kubernetes.io/ssh-auth' as const, data: [item('x', 'ssh-privatekey')] };
  expect(await textsOf(ssh, { 'p/x': 'hunter2' })).toBe('ssh-privatekey is no private key in PEM');
  expect(await textsOf(ssh, { 'p/x': other })).toEqual({ 'ssh-privatekey': other });
});
