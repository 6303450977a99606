/** What a person changes about their own account: password, address, passkeys, and its end. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { readPassword } from '../../terminal/private-files.ts';
import { argument, type CommandInput, done, type OwnerCommand, option } from '../person-command.ts';
import { secretTyped, withCode } from '../proof.ts';
import { table } from '../table.ts';
import { passwordTypedTwice } from '../typed-password.ts';

interface ListedPasskey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
  readonly backedUp: boolean;
}

const TOKEN = {
  flags: '--token-file <file>',
  description: 'a file with the token of the mail alone; - for standard input; left out, it is asked for',
} as const;

const NEW_PASSWORD = {
  flags: '--new-password-file <file>',
  description: 'a file with the new password alone; - for standard input; left out, it is asked for',
} as const;

const PASSKEY = { name: '<id>', description: 'as `passkey list` shows it' };

export const OWN_ACCOUNT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['account', 'set-password'],
    example: '--new-password-file ./password',
    about: 'account',
    description:
      'another password, typed twice or out of a file; ends your other sessions; takes a recent proof (`account prove`)',
    flags: [NEW_PASSWORD],
    run: async (given, { askAccount }) => {
      await askAccount('PUT', pathTo`/me/password`, { newPassword: await newPassword(given) });
      return done('The password is changed; your other sessions are ended.');
    },
  },
  {
    words: ['account', 'sign-up'],
    example: 'alice@acme.example --url https://vault.acme.example',
    about: 'nobody',
    description: 'ask for an account: a token is mailed, for `account verify`',
    arguments: [{ name: '<email>', description: 'your address' }],
    run: async (given, { askAccount }) => {
      const email = argument(given, 0);
      await askAccount('POST', pathTo`/accounts`, { email });
      return {
        json: { asked: email },
        text: `What there is to say is mailed to ${email}. With the token in it, within 24 hours: seneschal vault account verify --name NAME`,
      };
    },
  },
  {
    words: ['account', 'verify'],
    example: '--token-file ./token --name alice --url https://vault.acme.example',
    about: 'nobody',
    description: 'make your account by the token that was mailed; its password is typed twice, or in a file',
    flags: [
      TOKEN,
      { flags: '--name <name>', description: 'what you are called', required: true },
      NEW_PASSWORD,
    ],
    run: async (given, { askAccount }) => {
      const [token, password] = [await tokenOf(given), await newPassword(given)];
      const body = { token, userName: option(given, 'name'), password };
      const answer = (await askAccount('POST', pathTo`/accounts/verify`, body)) as { email: string };
      return {
        json: answer,
        text: `${answer.email} has an account. Go on: seneschal login --as ${answer.email}`,
      };
    },
  },
  {
    words: ['account', 'forgot-password'],
    example: 'alice@acme.example --url https://vault.acme.example',
    about: 'nobody',
    description: 'ask for another password: a token is mailed, for `account reset-password`',
    arguments: [{ name: '<email>', description: 'your address' }],
    run: async (given, { askAccount }) => {
      const email = argument(given, 0);
      await askAccount('POST', pathTo`/password-resets`, { email });
      return {
        json: { asked: email },
        text: `What there is to say is mailed to ${email}. With the token in it: seneschal vault account reset-password`,
      };
    },
  },
  {
    words: ['account', 'reset-password'],
    example: '--token-file ./token --url https://vault.acme.example',
    about: 'nobody',
    description: 'another password by the token that was mailed; all your sessions end',
    flags: [TOKEN, NEW_PASSWORD],
    run: async (given, { askAccount }) => {
      const [token, password] = [await tokenOf(given), await newPassword(given)];
      await withCode(
        (code) =>
          askAccount('POST', pathTo`/password-resets/confirm`, {
            token,
            newPassword: password,
            ...(code === undefined ? {} : { code }),
          }),
        option(given, 'signInCode'),
      );
      return done('The password is changed; all your sessions are ended. Go on: seneschal login');
    },
  },
  {
    words: ['account', 'set-email'],
    example: 'alice@acme.example',
    about: 'account',
    description:
      'ask for another address: a token is mailed there, for `account confirm-email`; takes a recent proof (`account prove`)',
    arguments: [{ name: '<email>', description: 'the other address' }],
    run: async (given, { askAccount }) => {
      const email = argument(given, 0);
      await askAccount('POST', pathTo`/me/email`, { email });
      return {
        json: { asked: email },
        text: `What there is to say is mailed to ${email}. With the token in it, within an hour: seneschal vault account confirm-email`,
      };
    },
  },
  {
    words: ['account', 'confirm-email'],
    example: '--token-file ./token',
    about: 'account',
    description: 'confirm the other address by the token that was mailed there',
    flags: [TOKEN],
    run: async (given, { askAccount }) => {
      const token = await tokenOf(given);
      const answer = (await askAccount('POST', pathTo`/me/email/confirm`, { token })) as { email: string };
      return { json: answer, text: `You sign in as ${answer.email} from now on.` };
    },
  },
  {
    words: ['account', 'delete'],
    about: 'account',
    description: 'delete your account, which owns nothing; takes a recent proof (`account prove`)',
    confirm: () => 'Your account and its memberships would end, for good; audit logs stay.',
    run: async (_, { askAccount }) => {
      await askAccount('POST', pathTo`/me/deletion`, { confirm: 'DELETE' });
      return done('Your account is gone.');
    },
  },
  {
    words: ['passkey', 'list'],
    about: 'account',
    description: 'your passkeys; a browser adds them, the command line does not',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/me/passkeys`)) as {
        passkeys: readonly ListedPasskey[];
      };
      return table(
        answer,
        answer.passkeys,
        [
          { title: 'ID', of: ({ id }) => id },
          { title: 'NAME', of: ({ name }) => name },
          { title: 'ADDED', of: ({ createdAt }) => moment(createdAt) },
          { title: 'LAST USED', of: ({ lastUsedAt }) => moment(lastUsedAt) },
          { title: 'COPIED', of: ({ backedUp }) => (backedUp ? 'yes' : 'no') },
        ],
        'No passkey. A browser adds one (POST /api/v1/me/passkeys/challenge).',
      );
    },
  },
  {
    words: ['passkey', 'rename'],
    example: 'psk_0123456789abcdef laptop',
    about: 'account',
    description: 'call a passkey otherwise',
    arguments: [PASSKEY, { name: '<name>', description: 'what it is called from now on' }],
    run: async (given, { askAccount }) => {
      await askAccount('PUT', pathTo`/me/passkeys/${argument(given, 0)}`, { name: argument(given, 1) });
      return done(`${argument(given, 0)} is called ${argument(given, 1)}.`);
    },
  },
  {
    words: ['passkey', 'remove'],
    example: 'psk_0123456789abcdef',
    about: 'account',
    description: 'remove a passkey; takes a recent proof (`account prove`)',
    arguments: [PASSKEY],
    confirm: (given) => `${argument(given, 0)} would sign you in no longer.`,
    run: async (given, { askAccount }) => {
      await askAccount('DELETE', pathTo`/me/passkeys/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is removed.`);
    },
  },
];

/** Throws Failure. */
async function tokenOf(given: CommandInput): Promise<string> {
  const file = option(given, 'tokenFile');
  if (file !== undefined) return (await readPassword(file)).trim();
  return secretTyped('The token of the mail: ', 'Give --token-file; - reads standard input.');
}

/** Throws Failure. */
async function newPassword(given: CommandInput): Promise<string> {
  const file = option(given, 'newPasswordFile');
  if (file === undefined) return passwordTypedTwice({ input: process.stdin, output: process.stderr });
  if (file === '-' && option(given, 'passwordFile') === '-') {
    throw new Failure(
      'Usage',
      'Both passwords cannot come by standard input.',
      'Put one of them into a file.',
    );
  }
  return readPassword(file);
}
