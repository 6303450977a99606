import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { type RawAnswer, sendRaw } from './raw-http.ts';

describe('what is no request that a route may be looked for is refused in the form of its plane (V7)', () => {
  let vault: TestVault;
  beforeAll(async () => {
    vault = await startTestVault();
  });
  afterAll(() => vault[Symbol.asyncDispose]());

  async function sent(lines: readonly string[], body = ''): Promise<RawAnswer> {
    const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1');
    const answer = await sendRaw(vault.server.port, bytes, 10_000);
    if (answer === null) throw new Error('closed without an answer');
    return answer;
  }

  it.each([
    ['no request', ['\x16\x03\x01'], 400, 'InvalidRequest'],
    ['a header without a name', ['GET /api/v1/me/invites HTTP/1.1', 'host: x', ': y'], 400, 'InvalidRequest'],
    [
      'headers beyond measure',
      ['GET / HTTP/1.1', 'host: x', `x: ${'y'.repeat(20_000)}`],
      431,
      'HeadersTooLarge',
    ],
  ])('%s is a problem document', async (_, lines, status, code) => {
    const answer = await sent(lines);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ status, code });
  });

  it('on the machine plane it is an error and no other key', async () => {
    const answer = await sent(['GET /v1/secrets HTTP/1.1', 'host: x', ': y']);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(answer.body)).toEqual({ error: 'This is no HTTP request.' });
  });

  it.each([
    ['GET /v1/secrets/../projects HTTP/1.1', { error: 'The path is not in its normal form.' }],
    ['GET /v1/x%2F..%2Fy HTTP/1.1', { error: 'The path is not in its normal form.' }],
    ['POST /api/v1/vaults/%2e%2e/sessions HTTP/1.1', { status: 400, code: 'PathNotNormal' }],
    ['POST ///api/v1/sessions HTTP/1.1', { status: 400, code: 'PathNotNormal' }],
    ['GET http://elsewhere.example/api/v1/openapi.json HTTP/1.1', { status: 400, code: 'PathNotNormal' }],
  ])('%s is refused before a route is looked for', async (line, body) => {
    const answer = await sent([line, 'host: x', 'connection: close']);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject(body);
  });

  it('a body of another type than JSON is refused, and is no fault of the server', async () => {
    const headers = ['host: x', 'content-type: text/plain', 'content-length: 1', 'connection: close'];
    const answer = await sent(['POST /api/v1/sessions HTTP/1.1', ...headers], 'x');
    expect(JSON.parse(answer.body)).toMatchObject({ status: 415, code: 'UnsupportedMediaType' });
    expect(vault.faults).toEqual([]);
  });
});
