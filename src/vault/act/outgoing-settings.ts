/** What may leave a vault server, and who may make an account; set by whoever runs it. */
import type { SecretValue } from '#model/secret-value.ts';
import { AddressList } from '../common/addresses.ts';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the start (port 465); otherwise STARTTLS, which is insisted on but for a loopback host. */
  readonly secure: boolean;
  readonly user: string | null;
  readonly password: SecretValue | null;
  /** PEM of the authority that signed the mail server's certificate; null: those that Node knows. */
  readonly ca: string | null;
  /** `Acme vault <vault@acme.example>` or the address alone. */
  readonly from: string;
}

export interface OutgoingSettings {
  /** `outbox`: for development, mails stay and an API lists them. Null: no mail server; mails are tried and given up. */
  readonly mail: SmtpSettings | 'outbox' | null;
  /** E-mails of the accounts that read all mails of the outbox; every other reads those to its own address. */
  readonly outboxReaders: readonly string[];
  /** Who may make an account: anybody, who has an open invite, or nobody. */
  readonly signUp: 'open' | 'invited' | 'closed';
  readonly webhooks: {
    /** Private addresses that webhooks may go to nevertheless. */
    readonly allowedAddresses: AddressList;
    /** PEM of further authorities of webhooks' certificates; null: those that Node knows. */
    readonly ca: string | null;
  };
}

/** No mail server, accounts for the invited, webhooks to public addresses. */
export const DEFAULT_OUTGOING: OutgoingSettings = {
  mail: null,
  outboxReaders: [],
  signUp: 'invited',
  webhooks: { allowedAddresses: new AddressList([]), ca: null },
};
