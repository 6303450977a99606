/** What is mailed to an address that asked for an account. */
import { type NewMail, VAULT_ADDRESS } from '../../mail/outbox.ts';

type Letter = Pick<NewMail, 'kind' | 'subject' | 'text'>;

/** The token stands behind the `#`, which no browser sends to a server. */
export function verifyAddress(token: string): Letter {
  return {
    kind: 'verify-address',
    subject: 'Verify your address',
    text: [
      'Somebody, hopefully you, asked for an account with this address.',
      '',
      'To make it, choose a name and a password within 24 hours at',
      `${VAULT_ADDRESS}/join#${token}`,
      '',
      'If it was not you, do nothing: there is no account without this link.',
    ].join('\n'),
  };
}

export function accountIsThere(): Letter {
  return {
    kind: 'account-is-there',
    subject: 'You have an account',
    text: [
      'Somebody, hopefully you, asked for an account with this address. It has one.',
      '',
      'Sign in at',
      `${VAULT_ADDRESS}/join`,
      '',
      'If it was not you, do nothing: nothing was changed.',
    ].join('\n'),
  };
}
