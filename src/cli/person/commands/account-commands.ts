/** A person's own account: how it signs in, its sessions, and what happened to it. */

import { existsSync } from 'node:fs';
import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { readPassword, writePrivate } from '../../terminal/private-files.ts';
import { argument, type CommandInput, done, type OwnerCommand, option } from '../person-command.ts';
import { passwordTyped, withCode } from '../proof.ts';
import { table } from '../table.ts';

interface ListedSession {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly source: string;
  readonly userAgent: string;
  readonly current: boolean;
}

interface ListedEvent {
  readonly at: number;
  readonly action: string;
  readonly source: string;
  readonly about: string | null;
}

const OUT = {
  flags: '--out <file>',
  description: 'where it is written, once, for you alone; never printed',
  required: true,
} as const;

export const ACCOUNT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['account', 'prove'],
    about: 'account',
    description:
      'prove anew who you are; for five minutes the kept session may do what takes a recent proof. At a terminal each command asks by itself',
    run: async (given, { askAccount, userName }) => {
      const file = option(given, 'passwordFile');
      const next = 'Give --password-file; - reads standard input.';
      const password = file === undefined ? await passwordTyped(userName, next) : await readPassword(file);
      await withCode(
        (code) => {
          const proof = { password, ...(code === undefined ? {} : { code }) };
          return askAccount('POST', pathTo`/sessions/current/proof`, proof);
        },
        option(given, 'signInCode'),
      );
      return done('Proven, for five minutes.');
    },
  },
  {
    words: ['account', 'events'],
    about: 'account',
    description: 'what happened to your account, newest first',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/me/events`)) as { events: readonly ListedEvent[] };
      return table(
        answer,
        answer.events,
        [
          { title: 'WHEN', of: ({ at }) => moment(at) },
          { title: 'WHAT', of: ({ action }) => action },
          { title: 'FROM', of: ({ source }) => source },
          { title: 'ABOUT', of: ({ about }) => about ?? '-' },
        ],
        'Nothing.',
      );
    },
  },
  {
    words: ['session', 'list'],
    about: 'account',
    description: 'your open sessions',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/sessions`)) as { sessions: readonly ListedSession[] };
      return table(
        answer,
        answer.sessions,
        [
          { title: 'ID', of: ({ id, current }) => (current ? `${id} (this one)` : id) },
          { title: 'OPENED', of: ({ createdAt }) => moment(createdAt) },
          { title: 'SEEN', of: ({ lastSeenAt }) => moment(lastSeenAt) },
          { title: 'FROM', of: ({ source }) => source },
          { title: 'PROGRAM', of: ({ userAgent }) => userAgent || '-' },
        ],
        'None.',
      );
    },
  },
  {
    words: ['session', 'end'],
    example: '0123456789abcdef',
    about: 'account',
    description: 'end one of your sessions',
    arguments: [{ name: '<id>', description: 'as `session list` shows it' }],
    run: async (given, { askAccount }) => {
      await askAccount('DELETE', pathTo`/sessions/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is ended.`);
    },
  },
  {
    words: ['session', 'end-others'],
    about: 'account',
    description: 'end all your sessions but this one',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('DELETE', pathTo`/sessions`)) as { ended: number };
      return { json: answer, text: `${answer.ended} ended.` };
    },
  },
  {
    words: ['second-factor', 'show'],
    about: 'account',
    description: 'whether your account has a second factor, and how many recovery codes are left',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/me/second-factor`)) as {
        state: string;
        recoveryCodesLeft: number;
      };
      return { json: answer, text: `${answer.state}; ${answer.recoveryCodesLeft} recovery codes left.` };
    },
  },
  {
    words: ['second-factor', 'enrol'],
    example: '--out ./uri',
    about: 'account',
    description: 'enrol an authenticator app; takes a recent proof (`account prove`)',
    flags: [OUT],
    run: async (given, { askAccount }) => {
      const file = freeFile(given);
      const { uri } = (await askAccount('POST', pathTo`/me/second-factor`)) as { uri: string };
      await writePrivate(file, `${uri}\n`, true);
      return done(
        `Give ${file} to the app, delete it, and confirm: seneschal vault second-factor confirm --code CODE --out FILE`,
      );
    },
  },
  {
    words: ['second-factor', 'confirm'],
    example: '--code 123456 --out ./recovery-codes',
    about: 'account',
    description: 'confirm it by a code of the app, which makes it count; takes a recent proof',
    flags: [{ flags: '--code <code>', description: 'of the app', required: true }, OUT],
    run: async (given, { askAccount }) => {
      const file = freeFile(given);
      const code = option(given, 'code') ?? '';
      return recoveryCodes(file, await askAccount('POST', pathTo`/me/second-factor/confirm`, { code }));
    },
  },
  {
    words: ['second-factor', 'recovery-codes'],
    example: '--out ./recovery-codes',
    about: 'account',
    description: 'ten other recovery codes; takes a recent proof',
    flags: [OUT],
    run: async (given, { askAccount }) => {
      const file = freeFile(given);
      return recoveryCodes(file, await askAccount('POST', pathTo`/me/second-factor/recovery-codes`));
    },
  },
  {
    words: ['second-factor', 'remove'],
    about: 'account',
    description: 'remove the second factor; takes a recent proof',
    confirm: () => 'From then on the password alone would sign in.',
    run: async (_, { askAccount }) => {
      await askAccount('DELETE', pathTo`/me/second-factor`);
      return done('Removed.');
    },
  },
];

/** Before anything is asked for: codes that cannot be written are lost. Throws Failure `Usage`. */
function freeFile(given: CommandInput): string {
  const file = option(given, 'out') ?? '';
  if (!existsSync(file)) return file;
  throw new Failure('Usage', `${file} is there already; it is not overwritten.`, 'Name another --out.');
}

async function recoveryCodes(file: string, answer: unknown) {
  const { recoveryCodes: codes } = answer as { recoveryCodes: readonly string[] };
  await writePrivate(file, `${codes.join('\n')}\n`, true);
  return done(`${codes.length} recovery codes are in ${file}; keep them where the app is not.`);
}
