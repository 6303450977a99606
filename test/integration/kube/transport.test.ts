import { describe, expect, onTestFinished, test } from 'vitest';
import { NAMESPACES, SECRETS } from '#kube/kube.ts';
import { type Answer, fakeKubeServer, json, status } from '#test/fakes/kube-server.ts';

const REF = { namespace: 'n', name: 'x' };
const found = json(200, { metadata: { name: 'x' } });
const silence: Answer = () => undefined;
const half: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"metadata":{"name":"hunter2');
};
const reset: Answer = (request) => {
  request.socket.resetAndDestroy();
};
const halfThenReset: Answer = (request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"metadata":', () => request.socket.resetAndDestroy());
};

async function serving(...script: Answer[]) {
  const server = await fakeKubeServer(...script);
  onTestFinished(() => server.close());
  const codes: number[] = [];
  return { server, codes, client: server.client({ onRequest: ({ code }) => codes.push(code) }) };
}

describe('a call that goes wrong', () => {
  test.each([
    ['a server that never answers', silence],
    ['an answer that stops in the middle', half],
  ])('%s: RequestTimeout', async (_name, answer) => {
    const { client } = await serving(answer);
    await expect(client.get(SECRETS, REF, { timeoutMs: 50 })).rejects.toMatchObject({
      code: 0,
      reason: 'RequestTimeout',
    });
  });

  test.each([
    ['before the answer', silence],
    ['in the middle of it', half],
  ])('aborted %s: Aborted', async (_name, answer) => {
    const controller = new AbortController();
    const { client } = await serving((request, response) => {
      answer(request, response);
      setImmediate(() => controller.abort());
    });
    await expect(client.get(SECRETS, REF, { signal: controller.signal })).rejects.toMatchObject({
      reason: 'Aborted',
    });
  });

  test.each([
    ['a reset', reset],
    ['a reset in the middle of the answer', halfThenReset],
  ])('%s: NetworkError', async (_name, answer) => {
    const { client, server } = await serving(answer);
    await expect(client.create(SECRETS, { metadata: REF })).rejects.toMatchObject({
      code: 0,
      reason: 'NetworkError',
    });
    expect(server.requests).toHaveLength(1);
  });

  test('nobody there: NetworkError, and the message says why', async () => {
    const { client, server } = await serving(found);
    await server.close();
    await expect(client.get(NAMESPACES, { name: 'x' })).rejects.toThrow(
      'get namespaces x: NetworkError (ECONNREFUSED)',
    );
  });

  test('an answer that is not JSON is named, and not quoted', async () => {
    const { client } = await serving((_request, response) => response.end('hunter2'));
    const error = await client.get(SECRETS, REF).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'InvalidResponse' });
    expect(`${error} ${(error as Error).stack}`).not.toContain('hunter2');
  });

  test('429 carries how long to wait, from the header or the Status, and is not repeated', async () => {
    const { client, codes } = await serving(
      json(429, { kind: 'Status', reason: 'TooManyRequests' }, { 'retry-after': '7' }),
      status(429, 'TooManyRequests', { details: { retryAfterSeconds: 3 } }),
    );
    await expect(client.get(SECRETS, REF)).rejects.toMatchObject({ code: 429, retryAfterMs: 7_000 });
    await expect(client.get(SECRETS, REF)).rejects.toMatchObject({ code: 429, retryAfterMs: 3_000 });
    expect(codes).toEqual([429, 429]);
  });

  test('a 404 for another reason than the object is an error, not an absence', async () => {
    const { client } = await serving(
      status(404, 'NotFound', { details: { name: 'x', kind: 'secrets' } }),
      status(404, 'NotFound', { details: { name: 'other' } }),
      (_request, response) => {
        response.writeHead(404).end('404 page not found');
      },
    );
    expect(await client.find(SECRETS, REF)).toBeUndefined();
    await expect(client.find(SECRETS, REF)).rejects.toMatchObject({ code: 404 });
    await expect(client.find(SECRETS, REF)).rejects.toMatchObject({ code: 404 });
  });
});

describe('a kept connection that the server closed', () => {
  test('is no failure for a read, which is sent again; a write is not', async () => {
    const { client, server } = await serving(found, reset, found, reset, found);
    await client.get(SECRETS, REF);
    await client.get(SECRETS, REF);
    expect(server.requests).toHaveLength(3);
    await expect(client.create(SECRETS, { metadata: REF })).rejects.toMatchObject({ reason: 'NetworkError' });
    expect(server.requests).toHaveLength(4);
  });
});
