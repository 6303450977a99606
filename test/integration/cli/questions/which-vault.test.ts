import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { credentialsFiles } from '#provider/seneschal/automation-credentials.ts';
import { signedByOther } from '#test/builders/certificate.ts';
import { folderWith, seneschalIn } from '#test/builders/command-line.ts';

/** A server whose certificate a private authority signed: what it is asked tells that it was trusted. */
const folder = folderWith({});
const authority = join(folder, 'authority.pem');
let server: Server;
let asked = 0;
let credentials: string;
beforeAll(async () => {
  const { cert, key, ca } = signedByOther(folder, 7);
  writeFileSync(authority, ca);
  server = createServer({ cert, key }, (_, response) => {
    asked += 1;
    response.writeHead(401, { 'content-type': 'application/problem+json' });
    response.end('{"code":"Unauthorized","detail":"Reached."}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { privateKey } = generateKeyPairSync('ed25519');
  const files = credentialsFiles({
    address: {
      url: `https://localhost:${(server.address() as AddressInfo).port}`,
      vaultId: 'vault_0123456789abcdef',
    },
    ca: null,
    automationId: 'auto_0123456789abcdef',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
  credentials = folderWith(files);
});
afterAll(() => new Promise((ended) => server.close(ended)));

const status = (environment: Record<string, string>, ...words: string[]) =>
  seneschalIn(environment, 'status', ...words, '--credentials', credentials);

test('a question trusts no private authority by itself', async () => {
  const before = asked;
  expect((await status({})).code).not.toBe(0);
  expect(asked).toBe(before);
});

test.each(['SSL_CERT_FILE', 'SENESCHAL_CA'])(
  'a question trusts whom %s names, as a plan does',
  async (name) => {
    const before = asked;
    await status({ [name]: authority });
    expect(asked).toBeGreaterThan(before);
  },
);

test('status of a folder that names another vault than the credentials sends nothing (V4)', async () => {
  const acme = folderWith({
    'organization.yaml': `apiVersion: seneschal.dev/v1alpha1
kind: Organization
metadata: {name: acme, namespace: acme}
spec:
  displayName: Acme
  vault:
    seneschal:
      credentialsSecretRef: {name: vault-credentials}
      url: https://vault.acme.example
`,
  });
  const before = asked;
  const { stderr, stdout } = await status({ SENESCHAL_CA: authority }, acme);
  expect(stdout).toBe('');
  expect(stderr).toContain('The Organization names url https://vault.acme.example, not https://localhost');
  expect(asked).toBe(before);
});
