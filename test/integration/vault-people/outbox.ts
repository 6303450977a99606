/** The development outbox, as a person who is signed in reads it. */
import type { TestVault } from '../../builders/vault.ts';
import { owner } from './people.ts';

export interface KeptMail {
  readonly kind: string;
  readonly recipient: string;
  readonly state: string;
  readonly lastError: string | null;
  readonly subject: string;
  readonly text: string;
}

/** Mails to an address, of a kind if told, newest first. */
export async function mailsTo(vault: TestVault, address: string, kind?: string): Promise<KeptMail[]> {
  const { body } = await (await owner(vault)).ask<{ mails: KeptMail[] }>('GET', '/mails?limit=1000');
  return body.mails.filter(
    (mail) => mail.recipient === address && (kind === undefined || mail.kind === kind),
  );
}

/** The token in the newest mail to an address. */
export async function tokenMailedTo(vault: TestVault, address: string): Promise<string> {
  const [mail] = await mailsTo(vault, address, 'verify-address');
  return /#(ver_[\w-]{43})$/m.exec(mail?.text ?? '')?.[1] ?? 'none';
}
