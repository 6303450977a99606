import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_OUTGOING } from '#vault/act/outgoing-settings.ts';
import { AddressList } from '#vault/common/addresses.ts';
import { post, type Resolve } from '#vault/integrations/webhook-request.ts';
import { reachingLoopback, startWebhookReceiver, type WebhookReceiver } from '../world/webhook-receiver.ts';

describe('a request to a webhook', () => {
  let receiver: WebhookReceiver;
  beforeEach(async () => {
    receiver = await startWebhookReceiver();
  });
  afterEach(() => receiver[Symbol.asyncDispose]());

  const { signal: never } = new AbortController();
  const send = (
    fields: {
      url?: string;
      reach?: Parameters<typeof post>[1];
      signal?: AbortSignal;
      resolve?: Resolve;
    } = {},
  ) => {
    const { url = receiver.url, reach = reachingLoopback(), signal = never, resolve } = fields;
    return post({ url, headers: { 'x-one': '1' }, body: '{"é":1}' }, reach, signal, resolve).then(
      () => 'delivered',
      (error: Error) => error.message,
    );
  };

  it('is a POST of the body over TLS', async () => {
    expect(await send()).toBe('delivered');
    const [told] = receiver.told;
    expect(told).toMatchObject({ method: 'POST', path: '/hook?of=acme', body: '{"é":1}' });
    expect(told?.headers).toMatchObject({ 'x-one': '1', 'content-length': '8' });
  });

  it('goes to no private address, by name or by number, unless the server allows it', async () => {
    const reach = { ...reachingLoopback(), allowedAddresses: DEFAULT_OUTGOING.webhooks.allowedAddresses };
    const port = new URL(receiver.url).port;
    for (const host of [
      'localhost',
      '127.0.0.1',
      '127.1',
      '0x7f000001',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[fd00::1]',
      '10.0.0.1',
    ]) {
      expect([host, await send({ url: `https://${host}:${port}/`, reach })]).toEqual([
        host,
        'PrivateAddress',
      ]);
    }
    const other = { ...reach, allowedAddresses: new AddressList(['127.0.0.2']) };
    expect(await send({ reach: other })).toBe('PrivateAddress');
    expect(receiver.told).toEqual([]);
  });

  it('resolves a name once, so that no second look finds another address (DNS rebinding)', async () => {
    let looks = 0;
    const rebinding: Resolve = async () => {
      looks += 1;
      return [{ address: looks === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    const url = receiver.url;
    expect(await send({ url, resolve: rebinding })).toBe('delivered');
    expect(looks).toBe(1);
    const mixed: Resolve = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await send({ resolve: mixed })).toBe('delivered');
    expect(await send({ resolve: async () => [{ address: '169.254.169.254', family: 4 }] })).toBe(
      'PrivateAddress',
    );
  });

  it('follows no redirect, and takes it for a failure', async () => {
    receiver.answer = { status: 302, location: receiver.url };
    expect(await send()).toBe('Status 302');
    expect(receiver.told).toHaveLength(1);
  });

  it('fails where the webhook answers by an error, or not in time', async () => {
    receiver.answer = { status: 500 };
    expect(await send()).toBe('Status 500');
    receiver.answer = null;
    expect(await send({ signal: AbortSignal.timeout(100) })).toBe('TimedOut');
  });

  it('trusts no certificate that nobody vouches for, nor one of another name', async () => {
    expect(await send({ reach: { ...reachingLoopback(), ca: null } })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    const url = receiver.url.replace('localhost', 'other.acme.example');
    const resolve: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    expect(await send({ url, resolve })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(receiver.told).toEqual([]);
  });

  it('says by a constant that nobody listens there, or that the name is none', async () => {
    const gone = receiver.url;
    await receiver[Symbol.asyncDispose]();
    expect(await send({ url: gone })).toBe('ECONNREFUSED');
    const none: Resolve = () => Promise.reject(Object.assign(new Error('planted'), { code: 'ENOTFOUND' }));
    expect(await send({ resolve: none })).toBe('ENOTFOUND');
    receiver = await startWebhookReceiver();
  });
});
