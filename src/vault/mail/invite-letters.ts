/** What is mailed about invites (I1, I2). The same whether or not the address has an account. */
import { type NewMail, VAULT_ADDRESS } from './outbox.ts';

type Letter = Pick<NewMail, 'kind' | 'subject' | 'text'>;

/** `expiresAt` in milliseconds since the epoch. */
export function inviteLetter(organization: string, expiresAt: number): Letter {
  return {
    kind: 'invite',
    subject: `Invite to ${organization}`,
    text: [
      `You are invited to join the organization "${organization}".`,
      '',
      `Until ${new Date(expiresAt).toISOString().slice(0, 10)} you can accept or decline at`,
      `${VAULT_ADDRESS}/join#invites`,
      '',
      'Sign in there with this address; if you have no account yet, you can make one first.',
      'If you do not know what this is about, do nothing: the invite ends by itself.',
    ].join('\n'),
  };
}

export function acceptanceLetter(organization: string, email: string): Letter {
  return {
    kind: 'invite-accepted',
    subject: `${email} joined ${organization}`,
    text: [`${email} accepted the invite and is a member of "${organization}" now.`, '', VAULT_ADDRESS].join(
      '\n',
    ),
  };
}
