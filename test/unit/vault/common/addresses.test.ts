import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AddressList, isAddressRange } from '#vault/common/addresses.ts';
import { DIRECT, originOf, sourceOf } from '#vault/http/network.ts';

describe('a list of addresses', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['192.0.2.7', '::ffff:192.0.2.7', true],
    ['2001:db8::/32', '2001:db8:1::5', true],
    ['2001:db8::/32', '2001:db9::5', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['::/0', 'not an address', false],
  ])('%s has %s: %s', (range, address, expected) => {
    expect(new AddressList([range]).has(address)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '2001:db8::/129', '10.0.0', '10.0.0.0/', '10.0.0.0/-1', 'localhost', ''])(
    'does not take %j',
    (text) => {
      expect(isAddressRange(text)).toBe(false);
      expect(() => new AddressList([text])).toThrow(RangeError);
    },
  );
});

describe('where a request came from (V7)', () => {
  const received = (remoteAddress: string, headers: IncomingMessage['headers'], encrypted = false) =>
    ({
      headers,
      socket: { remoteAddress, ...(encrypted ? { encrypted } : {}) },
    }) as unknown as IncomingMessage;
  const behind = (...proxies: string[]) => ({ ...DIRECT, trustedProxies: new AddressList(proxies) });

  it.each([
    ['no proxy is trusted by itself', [], '127.0.0.1', '198.51.100.1', '127.0.0.1'],
    ['a trusted one says the source', ['127.0.0.1'], '127.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'what a client wrote before it is not believed',
      ['127.0.0.1'],
      '::ffff:127.0.0.1',
      '10.9.9.9, 198.51.100.1',
      '198.51.100.1',
    ],
    [
      'several are passed through',
      ['127.0.0.1', '10.0.0.0/8'],
      '127.0.0.1',
      '198.51.100.1, 10.0.0.2',
      '198.51.100.1',
    ],
    ['a trusted one that says nothing is the source', ['127.0.0.1'], '127.0.0.1', '', '127.0.0.1'],
    ['nor one that says nonsense', ['127.0.0.1'], '127.0.0.1', '198.51.100.1, x', '127.0.0.1'],
  ])('%s', (_, proxies, peer, forwarded, expected) => {
    expect(sourceOf(received(peer, { 'x-forwarded-for': forwarded }), behind(...proxies))).toBe(expected);
  });

  it.each([
    ['127.0.0.1:8443', false, 'http://localhost:8443'],
    ['[::1]:80', false, 'http://localhost:80'],
    ['vault.acme.example', true, 'https://vault.acme.example'],
    ['vault.acme.example/$(id)', true, null],
    ["a';id;'", true, null],
    ['', true, null],
  ])('a client that came by the host %j is told %s', (host, encrypted, expected) => {
    expect(originOf(received('127.0.0.1', { host }, encrypted), behind())).toBe(expected);
  });

  it('TLS that ends at a trusted proxy is told by it, and by nobody else', () => {
    const request = received('10.0.0.1', { host: 'vault.acme.example', 'x-forwarded-proto': 'https' });
    expect(originOf(request, behind('10.0.0.1'))).toBe('https://vault.acme.example');
    expect(originOf(request, behind())).toBe('http://vault.acme.example');
    const publicUrl = 'https://v.acme.example';
    expect(originOf(request, { ...behind(), publicUrl })).toBe(publicUrl);
  });
});
