import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderWith, seneschalIn } from '#test/builders/command-line.ts';

const BOB = 'bob@acme.example';
const VAULT = 'vault_0123456789abcdef';
const file = join(folderWith({}), 'contexts.json');
let server: Server;
let members: readonly object[];

/** A vault that answers as people's plane does to who asks for access; of a membership that ended meanwhile it has none. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const isAccess = request.url?.startsWith(`/api/v1/vaults/${VAULT}/access?`) === true;
    response.writeHead(isAccess ? 200 : 500).end(JSON.stringify({ members, next: null }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const session = { token: 'token', expiresAt: Date.now() + 60_000 };
  const bob = { url, vaultId: VAULT, email: BOB, userName: 'bob', ca: null, session };
  writeFileSync(file, JSON.stringify({ current: 'bob', contexts: { bob } }));
});
afterAll(() => new Promise((ended) => server.close(ended)));

const explainBob = () => seneschalIn({ SENESCHAL_SESSION: file }, 'explain', `person:${BOB}`);

test('explain of somebody of whom the vault tells nothing is an error, and no empty answer', async () => {
  members = [];
  const { code, stdout, stderr } = await explainBob();
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toContain(`called person:${BOB} that you may see.`);
});

test('of whom it tells something, that is told', async () => {
  members = [{ email: BOB, role: 'Member', state: 'Active', groups: [], cells: [] }];
  const { code, stdout, stderr } = await explainBob();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`${BOB}: Member, Active`);
});
