/** Tokens by which machines enrol themselves. A token is written to a file once and shown nowhere. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { writePrivate } from '../../terminal/private-files.ts';
import { accessOf, lifeOf } from '../access-options.ts';
import { argument, done, type OwnerCommand, option, optionList } from '../person-command.ts';
import { table } from '../table.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly expiresAt: number;
  readonly maxUses: number;
  readonly uses: number;
}

export const ENROLLMENT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['enrollment-token', 'create'],
    example:
      'runners --access payments/db-password --life 30d --machine-life 12h --max-uses 100 --out ./token',
    description: 'make a token by which machines enrol themselves, approved at once',
    arguments: [{ name: '<name>', description: 'what it is called' }],
    flags: [
      { flags: '--out <file>', description: 'the file that the token is written to', required: true },
      {
        flags: '--access <project/secret...>',
        description: 'secrets that its machines may read',
        required: true,
      },
      { flags: '--life <duration>', description: 'of the token: 90m, 12h, 30d', required: true },
      {
        flags: '--machine-life <duration>',
        description: 'of each machine, from its enrolment',
        required: true,
      },
      { flags: '--max-uses <number>', description: 'how many machines', required: true },
      { flags: '--source <range>', description: 'the addresses that it may be used from (CIDR)' },
      { flags: '--hostname-pattern <pattern>', description: 'names of hosts, with * and ?' },
    ],
    run: async (given, { ask }) => {
      const source = option(given, 'source');
      const hostnamePattern = option(given, 'hostnamePattern');
      const { token, ...rest } = (await ask('POST', pathTo`/enrollment-tokens`, {
        name: argument(given, 0),
        access: accessOf(optionList(given, 'access') ?? []),
        lifeSeconds: lifeOf(option(given, 'life') ?? '', '--life'),
        machineLifeSeconds: lifeOf(option(given, 'machineLife') ?? '', '--machine-life'),
        maxUses: Number(option(given, 'maxUses')),
        ...(source === undefined ? {} : { source }),
        ...(hostnamePattern === undefined ? {} : { hostnamePattern }),
      })) as { id: string; token: string; expiresAt: number };
      const file = option(given, 'out') ?? '';
      await writePrivate(file, `${token}\n`);
      return {
        json: { ...rest, file },
        text: `${rest.id}: the token is in ${file}, good until ${moment(rest.expiresAt)}.`,
      };
    },
  },
  {
    words: ['enrollment-token', 'list'],
    description: 'tokens with their state, never the tokens themselves',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/enrollment-tokens`)) as { tokens: readonly Listed[] };
      return table(
        answer,
        answer.tokens,
        [
          { title: 'ID', of: ({ id }) => id },
          { title: 'NAME', of: ({ name }) => name },
          { title: 'STATE', of: ({ state }) => state },
          { title: 'USED', of: ({ uses, maxUses }) => `${uses} of ${maxUses}` },
          { title: 'ENDS', of: ({ expiresAt }) => moment(expiresAt) },
        ],
        'No enrollment token.',
      );
    },
  },
  {
    words: ['enrollment-token', 'revoke'],
    example: 'enr_0123456789abcdef',
    description: 'no machine enrols by it any more; those that did stay',
    arguments: [{ name: '<id>', description: 'id of the token' }],
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/enrollment-tokens/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is revoked.`);
    },
  },
];
