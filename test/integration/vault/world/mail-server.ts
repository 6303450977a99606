/** A mail server on loopback that keeps what it took, and fails as it is told. */
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { SmtpSettings } from '#vault/act/outgoing-settings.ts';

export interface Received {
  readonly to: readonly string[];
  /** Headers and text as they came. */
  readonly raw: string;
}

export interface MailServer extends AsyncDisposable {
  readonly settings: SmtpSettings;
  readonly received: readonly Received[];
  /** Every mail that is offered is answered by this; null: taken. */
  refusal: { readonly code: number; readonly text: string } | null;
}

/** `port`: the one of a server that was stopped; left out, a free one. */
export async function startMailServer(
  options: SMTPServerOptions = {},
  more: Partial<SmtpSettings> = {},
): Promise<MailServer> {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { refusal } = mails;
        if (refusal !== null) {
          done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
          return;
        }
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ to, raw: Buffer.concat(chunks).toString('utf8') });
        done();
      });
    },
    ...options,
  });
  // Clients that hang up in the middle are part of the tests.
  server.on('error', () => undefined);
  const listening = Promise.withResolvers<void>();
  const listener = server.listen(0, '127.0.0.1', () => listening.resolve());
  await listening.promise;
  const { port } = listener.address() as AddressInfo;
  const settings: SmtpSettings = {
    ...{ host: '127.0.0.1', port, secure: false, user: null, password: null, ca: null },
    from: 'Acme vault <vault@acme.example>',
    ...more,
  };
  const mails: MailServer = {
    settings,
    received,
    refusal: null,
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())),
  };
  return mails;
}
