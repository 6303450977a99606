import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import type { Problem } from '#protocol/management.ts';
import { automationPayload, bodyHash, contentDigest, HEADERS, signPayload } from '#protocol/signing.ts';
import {
  type Answer,
  MovedClock,
  type SignedBy,
  send,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';

const MEBIBYTE = 1024 * 1024;

const clock = new MovedClock();
let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault({ clock });
});
afterEach(async () => {
  expect(vault.faults).toEqual([]);
  await vault[Symbol.asyncDispose]();
});

/** Valid, and as large as told. */
const sightings = async (bytes: number): Promise<string> => {
  const fence = await vault.fence();
  const one = { kind: 'Member', key: 'x@acme.example', seenUnder: 'u'.repeat(500) };
  const count = Math.ceil(bytes / JSON.stringify(one).length);
  return JSON.stringify({ fence, sightings: Array.from({ length: count }, () => one) });
};

function signed(body: string, by: SignedBy = vault.identity, nonce: string = crypto.randomUUID()) {
  const target = `/api/v1/vaults/${vault.vaultId}/sightings`;
  const timestamp = String(Math.floor(clock.now() / 1000));
  const line = { method: 'POST', target, timestamp, nonce, bodyHash: bodyHash(body) };
  const headers = {
    [HEADERS.automation]: by.id,
    [HEADERS.audience]: vault.audience,
    [HEADERS.timestamp]: timestamp,
    [HEADERS.nonce]: nonce,
    [HEADERS.signature]: signPayload(by.keys.privateKey, automationPayload(vault.audience, line, {})),
  };
  return { target, headers, digest: { 'content-digest': contentDigest(line.bodyHash) } };
}

const post = (target: string, body: string, headers: Record<string, string>): Promise<Answer<Problem>> =>
  send<Problem>(vault.server.port, 'POST', target, body, headers);

/** Says that so much is coming, sends nothing of it, and answers what the server says to that. */
const announced = (target: string, headers: Record<string, string>, length: number): Promise<string> =>
  answeredTo(target, { 'content-length': String(length), ...headers });

/** The first line of the answer to the headers of a POST. */
async function answeredTo(target: string, headers: Record<string, string>): Promise<string> {
  const socket: Socket = connect(vault.server.port, '127.0.0.1');
  const lines = Object.entries({ host: 'localhost', ...headers });
  socket.write(
    `POST ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  try {
    const [chunk] = (await new Promise((resolve) => socket.once('data', (...data) => resolve(data)))) as [
      Buffer,
    ];
    return chunk.toString('utf8').split('\r\n', 1)[0] ?? '';
  } finally {
    socket.destroy();
  }
}

describe('a large body of automation (V7)', () => {
  it('is read where its digest is signed, as the provider sends it', async () => {
    const body = await sightings(3 * MEBIBYTE);
    const { target, headers, digest } = signed(body);
    expect((await post(target, body, { ...headers, ...digest })).status).toBe(204);
  });

  it('without a digest 256 KiB are read, and the refusal says how to send more', async () => {
    const small = await sightings(200 * 1024);
    const one = signed(small);
    expect((await post(one.target, small, one.headers)).status).toBe(204);
    const large = await sightings(MEBIBYTE);
    const two = signed(large);
    const refused = await post(two.target, large, two.headers);
    expect([refused.status, refused.body.code]).toEqual([413, 'BodyTooLarge']);
    expect(refused.body.next).toContain('Content-Digest');
    expect(
      (await post(two.target, large, { ...two.headers, ...two.digest })).status,
      'its nonce is unused',
    ).toBe(204);
  });

  it.each<[string, () => Record<string, string>]>([
    ['an unknown identity', () => signed('x', { id: 'auto_0000000000000000', keys: newKeyPair() }).headers],
    ['a wrong key', () => signed('x', { id: vault.identity.id, keys: newKeyPair() }).headers],
    ['a timestamp of yesterday', () => ({ ...signed('x').headers, [HEADERS.timestamp]: '1000' })],
    ['no signature', () => ({ [HEADERS.automation]: vault.identity.id })],
  ])('of %s is refused before a byte of it is read', async (_, headersOf) => {
    const { target, digest } = signed('x');
    const status = await announced(target, { ...headersOf(), ...digest }, 15 * MEBIBYTE);
    expect(status).toBe('HTTP/1.1 401 Unauthorized');
  });

  it('under a nonce that was used is refused before a byte of it is read', async () => {
    const body = await sightings(1);
    const { target, headers, digest } = signed(body);
    expect((await post(target, body, { ...headers, ...digest })).status).toBe(204);
    expect(await announced(target, { ...headers, ...digest }, 15 * MEBIBYTE)).toBe(
      'HTTP/1.1 401 Unauthorized',
    );
  });

  it('that is not the one whose digest was signed is refused', async () => {
    const body = await sightings(1);
    const { target, headers, digest } = signed(body);
    const other = body.replace('Member', 'Project');
    const refused = await post(target, other, { ...headers, ...digest });
    expect([refused.status, refused.body.code]).toEqual([401, 'Unauthenticated']);
  });

  it('beyond 16 MiB is refused by its length, whoever sends it', async () => {
    const { target, headers, digest } = signed('x');
    expect(await announced(target, { ...headers, ...digest }, 16 * MEBIBYTE + 1)).toContain(' 413 ');
  });

  it('whose sender goes away in the middle is no fault of the server', async () => {
    const { target, headers } = signed('xxxx');
    const socket = connect(vault.server.port, '127.0.0.1');
    const lines = Object.entries({ host: 'localhost', 'content-length': '4', ...headers });
    socket.write(`POST ${target} HTTP/1.1\r\n${lines.map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\nxx`);
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect((await vault.request('GET', '/snapshot')).status).toBe(200);
  });
});

describe('a large body of people (V7)', () => {
  it('without a session is refused before it is read, whatever the route', async () => {
    const length = 1.5 * MEBIBYTE;
    const headers = { 'content-type': 'application/json' };
    const target = `/api/v1/vaults/${vault.vaultId}/projects/Main/secrets/s`;
    expect(await announced(target, headers, length)).toContain(' 413 ');
    expect(await announced('/api/v1/sessions', headers, length)).toContain(' 413 ');
    const forged = { ...headers, authorization: `Bearer ses_${'a'.repeat(43)}` };
    expect(await announced(target, forged, length)).toContain(' 413 ');
  });

  it('a length that is not said is asked for', async () => {
    const headers = { 'transfer-encoding': 'chunked', 'content-type': 'application/json' };
    expect(await answeredTo('/api/v1/sessions', headers)).toBe('HTTP/1.1 411 Length Required');
  });
});
