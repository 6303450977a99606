/** The development outbox, as whom the configuration names reads it. */

import type { TestVault } from '#test/builders/vault.ts';
import { wholeMails } from '#vault/mail/mail-list.ts';

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
  const mails = await wholeMails(
    vault.context.reader,
    address,
    1000,
    `http://localhost:${vault.server.port}`,
  );
  return mails.filter((mail) => kind === undefined || mail.kind === kind);
}

/** The token in the newest mail to an address. */
export async function tokenMailedTo(vault: TestVault, address: string): Promise<string> {
  const [mail] = await mailsTo(vault, address, 'verify-address');
  return /#(ver_[\w-]{43})$/m.exec(mail?.text ?? '')?.[1] ?? 'none';
}
