import type { VaultContext } from '../act/context.ts';
import { DomainError } from '../common/domain-error.ts';

/** For what lives by a token that is mailed. Throws DomainError `NoMailServer` where no mail leaves this server. */
export function requireMailServer({ outgoing }: Pick<VaultContext, 'outgoing'>): void {
  if (outgoing.mail !== null) return;
  throw new DomainError({
    code: 'NoMailServer',
    status: 503,
    detail: 'This server has no mail server, and verifies no address without one.',
    next: 'Whoever runs it sets mail, or makes the account: seneschal vault account create E-MAIL --config FILE --password-file FILE',
  });
}
