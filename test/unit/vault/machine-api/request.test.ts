import { describe, expect, it } from 'vitest';
import { MachineRefusal } from '#vault/machine-api/refusal.ts';
import {
  claimedMachine,
  jsonObject,
  type MachineRequest,
  signatureHeaders,
} from '#vault/machine-api/request.ts';

const NOW = 1_711_468_800_000;
const good = {
  'x-machine-id': '0b9fd3a2-7a4f-4a0e-9a6f-3f3b8a1c2d4e',
  'x-timestamp': '1711468800',
  'x-nonce': 'dGhpcyBpcyBhIG5vbmNl',
  'x-signature': 'c2lnbmF0dXJl',
};

function request(headers: MachineRequest['headers'], target = '/v1/secrets'): MachineRequest {
  return { method: 'GET', target, headers, body: new Uint8Array(), source: '127.0.0.1', origin: null };
}

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof MachineRefusal) return `${error.status} ${error.code}`;
    throw error;
  }
  return 'accepted';
}

describe('the headers of a signed request', () => {
  it.each([
    ['all present', good, 'accepted'],
    ['a timestamp five minutes behind', { ...good, 'x-timestamp': '1711468500' }, 'accepted'],
    ['a timestamp five minutes ahead', { ...good, 'x-timestamp': '1711469100' }, 'accepted'],
    ['a timestamp further behind', { ...good, 'x-timestamp': '1711468499' }, '401 BadTimestamp'],
    ['a timestamp further ahead', { ...good, 'x-timestamp': '1711469101' }, '401 BadTimestamp'],
    ['a timestamp in milliseconds', { ...good, 'x-timestamp': '1711468800000' }, '401 BadHeaders'],
    ['a timestamp that is no number', { ...good, 'x-timestamp': '1e9' }, '401 BadHeaders'],
    ['no machine', { ...good, 'x-machine-id': undefined }, '401 BadHeaders'],
    ['no nonce', { ...good, 'x-nonce': undefined }, '401 BadHeaders'],
    ['an empty nonce', { ...good, 'x-nonce': '' }, '401 BadHeaders'],
    ['a nonce without end', { ...good, 'x-nonce': 'n'.repeat(129) }, '401 BadHeaders'],
    ['no signature', { ...good, 'x-signature': undefined }, '401 BadHeaders'],
    ['a header sent twice', { ...good, 'x-nonce': ['a', 'b'] }, '401 BadHeaders'],
  ])('with %s give %s', (_name, headers, expected) => {
    expect(refusalOf(() => signatureHeaders(request(headers), NOW))).toBe(expected);
  });

  it('are refused with a query string, even an empty one', () => {
    expect(refusalOf(() => signatureHeaders(request(good, '/v1/secrets?'), NOW))).toBe('400 QueryString');
    expect(refusalOf(() => signatureHeaders(request(good, '/v1/secrets?a=b'), NOW))).toBe('400 QueryString');
  });

  it('name a machine only by a UUID', () => {
    expect(claimedMachine(request(good))).toBe(good['x-machine-id']);
    expect(claimedMachine(request({ ...good, 'x-machine-id': 'api-server' }))).toBeNull();
    expect(claimedMachine(request({}))).toBeNull();
  });
});

describe('the body of a request', () => {
  it.each([
    ['nothing', '', 'accepted'],
    ['an object with spaces', '{"projectId": "p"}', 'accepted'],
    ['a list', '[]', '400 BadBody'],
    ['null', 'null', '400 BadBody'],
    ['no JSON', '{', '400 BadBody'],
  ])('that is %s is %s', (_name, body, expected) => {
    expect(refusalOf(() => jsonObject(Buffer.from(body)))).toBe(expected);
  });

  it('that is no UTF-8 is refused', () => {
    expect(refusalOf(() => jsonObject(Buffer.from([0x22, 0xff, 0x22])))).toBe('400 BadBody');
  });
});
