/** `mail`, `signUp` and `webhooks` of the configuration of `seneschal vault serve`. */

import { z } from 'zod';
import { EMAIL, EMAIL_RULE } from '#model/names.ts';
import { SecretValue } from '#model/secret-value.ts';
import type { OutgoingSettings, SmtpSettings } from '#vault/act/outgoing-settings.ts';
import { AddressList, isAddressRange } from '#vault/common/addresses.ts';
import { Failure } from '../terminal/failure.ts';
import { readPassword, readPrivate } from '../terminal/private-files.ts';

const path = z.string().min(1);

const smtp = z
  .strictObject({
    host: z.string().min(1),
    port: z.int().min(1).max(65_535).default(587),
    /** TLS from the start; otherwise STARTTLS, without which nothing is sent but to a loopback address. */
    secure: z.boolean().default(false),
    user: z.string().min(1).optional(),
    passwordFile: path.optional(),
    passwordEnv: z.string().min(1).optional(),
    /** PEM of the authority of the mail server's certificate. */
    ca: path.optional(),
  })
  .refine(
    ({ user, passwordFile, passwordEnv }) =>
      [passwordFile, passwordEnv].filter((one) => one !== undefined).length === (user === undefined ? 0 : 1),
    { message: 'takes a user with one of passwordFile and passwordEnv, or none of them' },
  );

const address = /^(?:[^<>@\r\n"]{1,128} <[^<>@\s]+@[A-Za-z0-9.-]+>|[^<>@\s]+@[A-Za-z0-9.-]+)$/;

export const mailConfig = z
  .strictObject({
    smtp: smtp.optional(),
    from: z
      .string()
      .regex(address, 'is no address: vault@acme.example, or Acme vault <vault@acme.example>')
      .optional(),
    /** For development: mails stay, and `GET /api/v1/mails` lists them. */
    outbox: z.literal(true).optional(),
    /** E-mails of the accounts that read all mails there; every other reads those to its own address. */
    outboxReaders: z.array(z.string().regex(EMAIL, EMAIL_RULE)).max(100).optional(),
  })
  .refine(
    ({ smtp, from, outbox, outboxReaders }) =>
      outbox === true
        ? smtp === undefined && from === undefined
        : smtp !== undefined && from !== undefined && outboxReaders === undefined,
    { message: 'takes `smtp` and `from`, or `outbox: true` with `outboxReaders` alone' },
  );

export const webhooksConfig = z
  .strictObject({
    /** Private addresses that webhooks may go to nevertheless. */
    allowedAddresses: z
      .array(z.string().refine(isAddressRange, 'is no address and no CIDR range'))
      .default([]),
    /** PEM of further authorities of webhooks' certificates. */
    ca: path.optional(),
  })
  .prefault({});

export const signUpConfig = z.enum(['open', 'invited', 'closed']).default('invited');

export interface OutgoingConfig {
  readonly mail?: z.infer<typeof mailConfig> | undefined;
  readonly signUp: z.infer<typeof signUpConfig>;
  readonly webhooks: z.infer<typeof webhooksConfig>;
}

/** Paths resolved by `absolute`. */
export function withAbsoluteOutgoing<C extends OutgoingConfig>(
  { mail, webhooks }: C,
  absolute: (path: string) => string,
): Pick<OutgoingConfig, 'mail' | 'webhooks'> {
  const located = (file: string | undefined, name: string) =>
    file === undefined ? {} : { [name]: absolute(file) };
  return {
    ...(mail?.smtp !== undefined
      ? {
          mail: {
            ...mail,
            smtp: {
              ...mail.smtp,
              ...located(mail.smtp.passwordFile, 'passwordFile'),
              ...located(mail.smtp.ca, 'ca'),
            },
          },
        }
      : { mail }),
    webhooks: { ...webhooks, ...located(webhooks.ca, 'ca') },
  };
}

/** Reads what the configuration names. Throws Failure. */
export async function outgoingOf({ mail, signUp, webhooks }: OutgoingConfig): Promise<OutgoingSettings> {
  return {
    mail: await mailOf(mail),
    outboxReaders: mail?.outboxReaders ?? [],
    signUp,
    webhooks: {
      allowedAddresses: new AddressList(webhooks.allowedAddresses),
      ca: webhooks.ca === undefined ? null : await readPrivate(webhooks.ca),
    },
  };
}

async function mailOf(mail: OutgoingConfig['mail']): Promise<OutgoingSettings['mail']> {
  if (mail?.outbox === true) return 'outbox';
  if (mail?.smtp === undefined || mail.from === undefined) return null;
  return smtpOf(mail.smtp, mail.from);
}

async function smtpOf(
  { host, port, secure, user, passwordFile, passwordEnv, ca }: z.infer<typeof smtp>,
  from: string,
): Promise<SmtpSettings> {
  const password =
    passwordFile === undefined
      ? passwordEnv === undefined
        ? null
        : fromEnvironment(passwordEnv)
      : await readPassword(passwordFile);
  return {
    ...{ host, port, secure, from },
    user: user ?? null,
    password: password === null ? null : new SecretValue(password),
    ca: ca === undefined ? null : await readPrivate(ca),
  };
}

function fromEnvironment(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Failure(
      'InvalidConfiguration',
      `$${name} is not set.`,
      'Set it, or correct mail.smtp.passwordEnv.',
    );
  }
  return value;
}
