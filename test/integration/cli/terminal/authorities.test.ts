import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signedByOther } from '#test/builders/certificate.ts';
import { folderWith, seneschalIn } from '#test/builders/command-line.ts';

/** A server whose certificate a private authority signed: what it answers tells that it was trusted. */
const folder = folderWith({ password: 'secret sentence' });
const authority = join(folder, 'authority.pem');
let server: Server;
beforeAll(async () => {
  const { cert, key, ca } = signedByOther(folder, 7);
  writeFileSync(authority, ca);
  server = createServer({ cert, key }, (_, response) => {
    response.writeHead(401, { 'content-type': 'application/problem+json' });
    response.end('{"code":"WrongPassword","detail":"Reached."}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
});
afterAll(() => new Promise((ended) => server.close(ended)));

const loginWith = (environment: Record<string, string>) => {
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const session = { SENESCHAL_SESSION: join(folder, 'none.json') };
  const who = ['--as', 'a@acme.example', '--password-file', join(folder, 'password')];
  return seneschalIn({ ...session, ...environment }, 'login', '--url', url, ...who);
};

test('a private authority is not trusted by itself', async () => {
  expect((await loginWith({})).stderr).toContain('not with a certificate that is trusted');
});

test.each(['SSL_CERT_FILE', 'SENESCHAL_CA'])('%s names whose certificates are trusted', async (name) => {
  expect((await loginWith({ [name]: authority })).stderr).toContain('Reached. (401 WrongPassword)');
});

test('a file that is not there is named, and nothing is sent', async () => {
  const { code, stderr } = await loginWith({ SSL_CERT_FILE: join(folder, 'absent.pem') });
  expect([code, stderr]).toEqual([64, expect.stringContaining('SSL_CERT_FILE')]);
});
