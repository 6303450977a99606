/** A webhook on loopback over TLS that keeps what it was told, and answers as it is told. */
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { localhostCertificate } from '#test/builders/certificate.ts';
import type { OutgoingSettings } from '#vault/act/outgoing-settings.ts';
import { AddressList } from '#vault/common/addresses.ts';

export interface Told {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string;
  readonly told: readonly Told[];
  /** Null: it never answers. */
  answer: { readonly status: number; readonly location?: string } | null;
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const told: Told[] = [];
  const { cert, key } = localhostCertificate();
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      told.push({ method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') });
      if (receiver.answer === null) return;
      const { status, location } = receiver.answer;
      outgoing.writeHead(status, location === undefined ? {} : { location }).end('planted answer');
    });
    incoming.on('error', () => undefined);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver: WebhookReceiver = {
    url: `https://localhost:${(server.address() as AddressInfo).port}/hook?of=acme`,
    told,
    answer: { status: 204 },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return receiver;
}

/** A server that may tell webhooks on loopback. */
export function reachingLoopback(): OutgoingSettings['webhooks'] {
  return { allowedAddresses: new AddressList(['127.0.0.1/32']), ca: localhostCertificate().cert };
}
