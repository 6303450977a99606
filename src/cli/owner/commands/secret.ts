/** Secrets as people see them: names and versions, never values (V8). */
import { Failure } from '../../failure.ts';
import { argument, done, type Given, type OwnerCommand, option, part } from '../command.ts';
import { moment, table } from '../table.ts';

interface Listed {
  readonly project: string;
  readonly name: string;
  readonly version: number;
  readonly fieldNames: readonly string[] | null;
}

interface Version {
  readonly version: number;
  readonly isCurrent: boolean;
  readonly createdAt: number;
  readonly createdBy: string | null;
  readonly origin: string;
  readonly rolledBackTo: number | null;
  readonly bytes: number;
}

const PROJECT = { name: '<project>', description: 'the project' };
const SECRET = { name: '<secret>', description: 'name of the secret' };

export const SECRET_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['secret', 'list'],
    description: 'names and versions of the secrets that you may see',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', '/secrets')) as { secrets: readonly Listed[] };
      return table(
        answer,
        answer.secrets,
        [
          { title: 'PROJECT', of: ({ project }) => project },
          { title: 'NAME', of: ({ name }) => name },
          { title: 'VERSION', of: ({ version }) => String(version) },
          { title: 'FIELDS', of: ({ fieldNames }) => fieldNames?.join(', ') ?? '-' },
        ],
        'No secret that you may see.',
      );
    },
  },
  {
    words: ['secret', 'generate'],
    description: 'set a value that the vault makes and nobody sees: a new version',
    arguments: [PROJECT, SECRET],
    flags: [
      { flags: '--length <number>', description: 'characters; default 32' },
      {
        flags: '--charset <name>',
        description: 'default Alphanumeric',
        choices: ['Alphanumeric', 'Hex', 'Ascii'],
      },
    ],
    run: async (given, { ask }) => {
      const generator = {
        length: numberOf(option(given, 'length') ?? '32', '--length'),
        charset: option(given, 'charset') ?? 'Alphanumeric',
      };
      const answer = (await ask('PUT', pathOf(given), { generator })) as { version: number };
      return { json: answer, text: `${nameOf(given)}: version ${answer.version}.` };
    },
  },
  {
    words: ['secret', 'versions'],
    description: 'versions of a secret: when, by whom and how, never the values',
    arguments: [PROJECT, SECRET],
    run: async (given, { ask }) => {
      const answer = (await ask('GET', `${pathOf(given)}/versions`)) as { versions: readonly Version[] };
      return table(
        answer,
        answer.versions,
        [
          { title: 'VERSION', of: ({ version, isCurrent }) => `${version}${isCurrent ? ' (current)' : ''}` },
          { title: 'AT', of: ({ createdAt }) => moment(createdAt) },
          { title: 'BY', of: ({ createdBy }) => createdBy ?? '-' },
          {
            title: 'HOW',
            of: ({ origin, rolledBackTo }) =>
              rolledBackTo === null ? origin : `${origin} to ${rolledBackTo}`,
          },
          { title: 'BYTES', of: ({ bytes }) => String(bytes) },
        ],
        'No version.',
      );
    },
  },
  {
    words: ['secret', 'rollback'],
    description: 'make the value of an older version the next version',
    arguments: [PROJECT, SECRET, { name: '<version>', description: 'the older version' }],
    run: async (given, { ask }) => {
      const version = numberOf(argument(given, 2), 'The version');
      const answer = (await ask('POST', `${pathOf(given)}/rollback`, { version })) as { version: number };
      return {
        json: answer,
        text: `${nameOf(given)}: version ${answer.version} has the value of version ${version}.`,
      };
    },
  },
  {
    words: ['secret', 'rename'],
    description: 'rename a secret that Git does not declare',
    arguments: [PROJECT, SECRET, { name: '<new-name>', description: 'what it is called from now on' }],
    run: async (given, { ask }) => {
      await ask('PATCH', pathOf(given), { name: argument(given, 2) });
      return done(`${nameOf(given)} is ${argument(given, 2)} now.`);
    },
  },
  {
    words: ['secret', 'delete'],
    description: 'put a secret into the trash for 30 days; machines lose it at once',
    arguments: [PROJECT, SECRET],
    confirm: (given) => `${nameOf(given)} would go to the trash, and machines would lose it at once.`,
    run: async (given, { ask }) => {
      await ask('DELETE', `${pathOf(given)}?confirm=${part(argument(given, 1))}`);
      return done(`${nameOf(given)} is in the trash for 30 days: \`seneschal vault trash list\`.`);
    },
  },
];

const nameOf = (given: Given): string => `${argument(given, 0)}/${argument(given, 1)}`;

function pathOf(given: Given): string {
  return `/projects/${part(argument(given, 0))}/secrets/${part(argument(given, 1))}`;
}

function numberOf(text: string, what: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Failure('Usage', `${what} ${text} is no number.`, `Correct it.`);
  return Number(text);
}
