import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isVaultUrl } from '#model/vault-address.ts';
import { audienceOf, isLoopbackUrl } from '#protocol/audience.ts';

describe('the audience of a URL (V4)', () => {
  it.each([
    ['https://Vault.Acme.Example', 'https://vault.acme.example'],
    ['https://vault.acme.example:443', 'https://vault.acme.example'],
    ['https://vault.acme.example:8443', 'https://vault.acme.example:8443'],
    ['http://localhost:8200', 'http://localhost:8200'],
    ['http://localhost:80', 'http://localhost'],
    ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443'],
  ])('of %s is %s', (url, audience) => {
    expect(audienceOf(url)).toBe(audience);
    expect(audienceOf(audience), 'said of itself it is the same').toBe(audience);
  });

  it.each(['vault.acme.example', 'ftp://vault.acme.example', 'file:///etc', ''])('of %s is none', (text) => {
    expect(() => audienceOf(text)).toThrow(TypeError);
  });

  it('is the same for two spellings of one host, and another for each other host, port and scheme', () => {
    const host = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,8}){1,2}$/);
    const port = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(host, port, host, port, (one, onePort, other, otherPort) => {
        const written = (name: string, at: number): string => `https://${name}:${at}`;
        expect(audienceOf(written(one.toUpperCase(), onePort))).toBe(audienceOf(written(one, onePort)));
        expect(audienceOf(written(one, onePort)) === audienceOf(written(other, otherPort))).toBe(
          one === other && onePort === otherPort,
        );
        expect(audienceOf(`http://${one}:${onePort}`)).not.toBe(audienceOf(written(one, onePort)));
      }),
    );
  });
});

describe('a URL of a vault', () => {
  it.each([
    'https://vault.acme.example/',
    'https://vault.acme.example/v',
    'https://user@vault.acme.example',
    'http://vault.acme.example',
    'http://127.0.0.1:8200',
    'https://vault.acme.example:99999',
    'https://vault.acme.example?x',
  ])('is not %s', (text) => {
    expect(isVaultUrl(text)).toBe(false);
  });

  it.each([
    ['https://localhost:8443', true],
    ['https://LOCALHOST', true],
    ['https://127.0.0.1', true],
    ['https://127.1', true],
    ['https://0x7f000001', true],
    ['https://[::1]', true],
    ['https://[::ffff:127.0.0.1]', true],
    ['https://vault.localhost', true],
    ['https://localhost.', true],
    ['https://localhost.acme.example', false],
    ['https://vault.test:8443', false],
    ['https://128.0.0.1', false],
  ])('%s leads to the machine that asks: %s', (url, loopback) => {
    expect(isLoopbackUrl(url)).toBe(loopback);
  });
});
