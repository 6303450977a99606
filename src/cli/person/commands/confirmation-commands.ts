/** Confirmation of who joins (I4) and acceptance after a key rotation (O5). A code is in files alone, never printed. */

import {
  confirmationKey,
  newConfirmationCode,
  newConfirmationSalt,
  parseConfirmationCode,
} from '#identity/confirmation-code.ts';
import { shellWord } from '#model/shell-word.ts';
import { confirmationPayload } from '#protocol/confirmation.ts';
import { pathTo } from '#protocol/request-path.ts';
import { signPayload } from '#protocol/signing.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { readPassword, writePrivate } from '../../terminal/private-files.ts';
import { allPages } from '../pages.ts';
import { argument, done, type OwnerCommand, option } from '../person-command.ts';

interface Listed {
  readonly email: string;
  readonly confirmation: { readonly id: string; readonly proven: boolean } | null;
}

interface Mine {
  readonly id: string;
  readonly vaultId: string;
  readonly salt: string;
}

const EMAIL = { name: '<email>', description: 'their address' };

export const CONFIRMATION_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['member', 'confirm-code'],
    example: 'alice@acme.example --code-file ./code',
    description:
      'make a code for an invitee, for the organization that asks for confirmation; the vault learns its public key alone (I4)',
    arguments: [EMAIL],
    flags: [
      {
        flags: '--code-file <file>',
        description: 'where the code is written; give it to them by another way than mail',
        required: true,
      },
    ],
    run: async (given, { ask }) => {
      const email = argument(given, 0);
      const file = option(given, 'codeFile') ?? '';
      const code = newConfirmationCode();
      const salt = newConfirmationSalt();
      const { publicKey } = await confirmationKey(code, salt);
      // Before the vault knows of it: a code that nobody has could not be proven.
      await writePrivate(file, `${code}\n`, true).catch((error: NodeJS.ErrnoException) => {
        throw new Failure(
          'Usage',
          `${file} cannot be written (${error.code ?? 'unknown error'}).`,
          'Name another --code-file.',
        );
      });
      const { id, expiresAt } = (await ask('PUT', pathTo`/members/${email}/confirmation`, {
        publicKey: publicKey.text,
        salt,
      })) as { id: string; expiresAt: number };
      return {
        json: { id, expiresAt, codeFile: file },
        text: `The code for ${email} is in ${file}, good until ${moment(expiresAt)}. Give it to them by another way than mail; once they have proven it, confirm them.`,
      };
    },
  },
  {
    words: ['member', 'prove-code'],
    example: '--code-file ./code',
    description: 'prove the code that the owner gave you; you have access once the owner confirms (I4)',
    flags: [
      {
        flags: '--code-file <file>',
        description: 'a file with the code; - for standard input',
        required: true,
      },
    ],
    about: 'account',
    run: async (given, { vaultId, askAccount }) => {
      const code = await readPassword(option(given, 'codeFile') ?? '-');
      if (parseConfirmationCode(code) === undefined) {
        throw new Failure('Usage', 'That is no code.', 'A code has 16 letters and digits.');
      }
      const { confirmations } = (await askAccount('GET', pathTo`/me/confirmations`)) as {
        confirmations: readonly Mine[];
      };
      const mine = confirmations.find((one) => one.vaultId === vaultId);
      if (mine === undefined) {
        throw new Failure(
          'Error',
          'No code waits for you in this vault.',
          'Accept the invite first; then ask the owner for a code.',
        );
      }
      const path = pathTo`/me/confirmations/${mine.id}`;
      const [{ privateKey }, challenge] = await Promise.all([
        confirmationKey(code, mine.salt),
        askAccount('POST', pathTo`${path}/challenge`),
      ]);
      const { accountId, nonce } = challenge as { accountId: string; nonce: string };
      const payload = confirmationPayload({ vaultId, confirmationId: mine.id, accountId, nonce });
      await askAccount('POST', pathTo`${path}/proof`, { nonce, signature: signPayload(privateKey, payload) });
      return done('The code is proven; you have access once the owner confirms you.');
    },
  },
  {
    words: ['member', 'confirm'],
    example: 'alice@acme.example',
    description: 'let in a member who has proven the code (I4)',
    arguments: [EMAIL],
    run: async (given, { ask }) => {
      const email = argument(given, 0);
      const { rows } = await allPages<Listed>(ask, { path: pathTo`/members`, rows: 'members' });
      const code = rows.find((one) => one.email === email.toLowerCase())?.confirmation;
      if (code === undefined || code === null) {
        throw new Failure(
          'Error',
          `There is no code for ${email}.`,
          `Make one: seneschal vault member confirm-code ${shellWord(email)} --code-file FILE`,
        );
      }
      await ask('POST', pathTo`/members/${email}/confirmation/confirm`, { id: code.id });
      return done(`${email} is confirmed.`);
    },
  },
  {
    words: ['member', 'accept-again'],
    description: 'accept your membership again after a key rotation (O5)',
    about: 'account',
    run: async (_, { vaultId, askAccount }) => {
      await askAccount('POST', pathTo`/me/reacceptances/${vaultId}/accept`);
      return done('You accepted again; everything is as it was.');
    },
  },
  {
    words: ['member', 'decline-again'],
    description: 'leave instead of accepting again after a key rotation (O5, M3)',
    about: 'account',
    confirm: (_, { vaultId }) => `You would lose your membership of ${vaultId}.`,
    run: async (_, { vaultId, askAccount }) => {
      await askAccount('POST', pathTo`/me/reacceptances/${vaultId}/decline`);
      return done('You left.');
    },
  },
];
