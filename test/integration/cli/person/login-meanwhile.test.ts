import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { folderWith, seneschalIn } from '#test/builders/command-line.ts';

/**
 * A server that answers as people's plane does to who signs in and out; before an answer it does what another terminal
 * might do at that moment.
 */
const folder = folderWith({ password: 'secret sentence' });
const file = join(folder, 'contexts.json');
const SIGN_IN = 'POST /api/v1/sessions';
const SIGN_OUT = 'DELETE /api/v1/sessions/current';
const VAULTS = 'GET /api/v1/me/vaults';
let server: Server;
let requests: string[];
let meanwhile: Readonly<Record<string, () => void>>;
let fails: string | null;

beforeAll(async () => {
  server = createServer((request, response) => {
    const what = `${request.method} ${request.url}`;
    requests.push(what);
    meanwhile[what]?.();
    if (what === fails) response.writeHead(500, { 'content-type': 'application/json' }).end('{}');
    else answer(what, request, (text) => response.writeHead(200).end(text));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
});
afterAll(() => new Promise((ended) => server.close(ended)));
beforeEach(() => {
  requests = [];
  meanwhile = {};
  fails = null;
  writeFileSync(file, JSON.stringify({ current: null, contexts: {} }));
});

function answer(what: string, request: IncomingMessage, send: (text: string) => void): void {
  request.resume();
  if (what === SIGN_IN) {
    send(
      JSON.stringify({ token: 'token-one', userName: 'ann', expiresAt: Date.now() + 60_000, vaultId: null }),
    );
  } else if (what === VAULTS) send(JSON.stringify({ vaults: [], invites: [] }));
  else send('');
}

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const run = (...words: string[]) => seneschalIn({ SENESCHAL_SESSION: file }, ...words);
const login = (...more: string[]) =>
  run(
    'login',
    '--url',
    url(),
    '--as',
    'ann@acme.example',
    '--password-file',
    join(folder, 'password'),
    ...more,
  );
const contexts = () => JSON.parse(readFileSync(file, 'utf8'));
const other = () => ({
  url: url(),
  vaultId: null,
  email: 'bob@acme.example',
  userName: 'bob',
  ca: null,
  session: { token: 'token-two', expiresAt: Date.now() + 60_000 },
});

/** Another terminal signs Bob in. */
function signInBob(): void {
  const all = contexts();
  writeFileSync(file, JSON.stringify({ current: 'bob', contexts: { ...all.contexts, bob: other() } }));
}

test('a login in another terminal meanwhile stays', async () => {
  meanwhile = { [SIGN_IN]: signInBob };
  expect(await login('--context', 'ann')).toMatchObject({ code: 0, stderr: '' });
  expect(contexts()).toMatchObject({
    current: 'ann',
    contexts: { ann: { session: { token: 'token-one' } }, bob: { session: { token: 'token-two' } } },
  });
});

test('a logout takes its own session alone: a login in another terminal meanwhile stays', async () => {
  await login('--context', 'ann');
  meanwhile = { [SIGN_OUT]: signInBob };
  expect((await run('logout', '--context', 'ann')).code).toBe(0);
  expect(contexts()).toMatchObject({
    current: 'bob',
    contexts: { ann: { session: null }, bob: { session: { token: 'token-two' } } },
  });
});

test('who signed in anew in another terminal while this one signed out stays signed in', async () => {
  await login('--context', 'ann');
  meanwhile = {
    [SIGN_OUT]: () => {
      const all = contexts();
      const ann = { ...all.contexts.ann, session: { token: 'token-three', expiresAt: Date.now() + 60_000 } };
      writeFileSync(file, JSON.stringify({ ...all, contexts: { ann } }));
    },
  };
  expect((await run('logout', '--context', 'ann')).code).toBe(0);
  expect(contexts().contexts.ann.session.token).toBe('token-three');
});

test('a session that cannot be kept is ended', async () => {
  fails = VAULTS;
  const { code, stderr } = await login();
  expect([code, stderr]).toEqual([1, expect.stringContaining('(500)')]);
  expect(requests).toEqual([SIGN_IN, VAULTS, SIGN_OUT]);
  expect(contexts().contexts).toEqual({});
});
