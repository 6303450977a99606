/** Mail by SMTP (RFC 5321), over TLS. */
import { createTransport } from 'nodemailer';
import type { SmtpSettings } from '../act/outgoing-settings.ts';
import { LONGEST_ATTEMPT } from './attempts.ts';
import { type Letter, PostError, type Postman } from './postman.ts';

/** Milliseconds to connect, to be greeted, and between two answers. */
export interface SmtpPatience {
  readonly connect: number;
  readonly idle: number;
  /** In all; a server that sends a byte now and then would hold a mail for ever. */
  readonly whole: number;
}

const PATIENCE: SmtpPatience = { connect: 10_000, idle: 30_000, whole: LONGEST_ATTEMPT };

/** A connection a mail. The certificate of the server is checked, and a mail never travels in plain text. */
export function smtpPostman(settings: SmtpSettings, patience: SmtpPatience = PATIENCE): Postman {
  const { host, port, secure, user, password, ca, from } = settings;
  const transport = createTransport(
    {
      host,
      port,
      secure,
      // To this machine itself a mail may go as it is, whatever certificate is there.
      ...(isLoopback(host) ? { ignoreTLS: ca === null } : { requireTLS: !secure }),
      ...(user === null ? {} : { auth: { user, pass: password?.reveal() ?? '' } }),
      ...(ca === null ? {} : { tls: { ca } }),
      connectionTimeout: patience.connect,
      greetingTimeout: patience.connect,
      dnsTimeout: patience.connect,
      socketTimeout: patience.idle,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from, headers: { 'Auto-Submitted': 'auto-generated' } },
  );
  return {
    deliver: async ({ id, to, subject, text }: Letter, hurry) => {
      try {
        await transport.sendMail({
          // As an object, so that nothing in the address is taken for a second one.
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@${domainOf(from)}>`,
          signal: AbortSignal.any([hurry, AbortSignal.timeout(patience.whole)]),
        });
      } catch (error) {
        throw new PostError(reasonOf(error));
      }
    },
  };
}

/** The code of nodemailer and the three digits of the mail server, as in `EENVELOPE 550`. */
function reasonOf(error: unknown): string {
  const { code, responseCode } = error as { readonly code?: unknown; readonly responseCode?: unknown };
  const name = typeof code === 'string' && /^[A-Z_]{1,32}$/.test(code) ? code : 'Failed';
  return typeof responseCode === 'number' ? `${name} ${responseCode}` : name;
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
