/** A tunnel changes where the connection goes, and nothing else. */
import { createServer as createPlain, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcp } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { pathTo } from '#protocol/request-path.ts';
import { ProviderError } from '#provider/provider.ts';
import type { Route } from '#provider/seneschal/vault-agent.ts';
import { Transport } from '#provider/seneschal/vault-transport.ts';
import { localhostCertificate } from '#test/builders/certificate.ts';

const { cert, key } = localhostCertificate();
const seen: { host: string | undefined; servername: unknown }[] = [];
afterEach(() => void seen.splice(0));

async function listening(server: Server | ReturnType<typeof createPlain>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const vault = (): Promise<number> =>
  listening(
    createServer({ cert, key }, (request: IncomingMessage, response) => {
      const { servername } = request.socket as TLSSocket & { servername?: string };
      seen.push({ host: request.headers.host, servername });
      response.end('{}');
    }),
  );

async function asked(route: Route): Promise<number> {
  const transport = new Transport(route);
  try {
    const { signal } = new AbortController();
    const call = {
      method: 'GET',
      target: pathTo`/`,
      headers: () => ({}),
      body: undefined,
      timeout: 500,
      signal,
    };
    return (await transport.exchange(call)).status;
  } finally {
    transport.close();
  }
}

const failed = async (route: Route): Promise<ProviderError> => {
  const error = await asked(route).catch((thrown: unknown) => thrown);
  if (error instanceof ProviderError) return error;
  return expect.unreachable();
};

describe('--connect-to', () => {
  it('reaches a name that nobody resolves, which certificate and headers are still asked for', async () => {
    const connectTo = { host: '127.0.0.1', port: await vault() };
    expect(await asked({ url: 'https://vault.test:8443', ca: cert, connectTo })).toBe(200);
    expect(seen).toEqual([{ host: 'vault.test:8443', servername: 'vault.test' }]);
  });

  it.each(['https://relay.test', 'https://10.0.0.1', 'https://[::1]:8443'])(
    'takes no certificate for %s that is of another host, though the tunnel ends there',
    async (url) => {
      const connectTo = { host: '127.0.0.1', port: await vault() };
      expect(await failed({ url, ca: cert, connectTo })).toMatchObject({
        code: 'Unreachable',
        diagnosis: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
      expect(seen, 'nothing was sent').toEqual([]);
    },
  );

  it('takes the certificate of an address for that address', async () => {
    const connectTo = { host: 'localhost', port: await vault() };
    expect(await asked({ url: 'https://127.0.0.1:1', ca: cert, connectTo })).toBe(200);
  });

  it('sends nothing that is not encrypted to another machine', async () => {
    const port = await listening(createPlain((_, response) => response.end('{}')));
    const url = 'http://localhost:1';
    expect(await asked({ url, connectTo: { host: '127.0.0.1', port } })).toBe(200);
    expect(await failed({ url, connectTo: { host: '192.0.2.1', port } })).toMatchObject({
      code: 'InsecureUrl',
    });
  });
});

describe('what is said of an address that is no vault', () => {
  it('is the same where nobody listens, nobody answers, and where the certificate is another', async () => {
    const silent = createTcp().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    onTestFinished(() => void silent.close());
    const closed = createTcp().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port: closedPort } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const plain = await listening(createPlain((_, response) => response.end('{}')));
    const ports = [closedPort, (silent.address() as AddressInfo).port, plain, await vault()];
    const errors = [];
    for (const port of ports) errors.push(await failed({ url: `https://127.0.0.1:${port}` }));
    const texts = errors.map(({ publicMessage }, index) =>
      publicMessage.replace(String(ports[index]), 'PORT'),
    );
    expect(new Set(texts)).toEqual(
      new Set(['The vault at 127.0.0.1:PORT does not answer, or not with a certificate that is trusted.']),
    );
    expect(new Set(errors.map(({ diagnosis }) => diagnosis)).size, 'whoever runs it is told').toBe(4);
  });
});
