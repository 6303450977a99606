/** Secrets as people see them: names and versions, never values (V8). */

import { pathTo, type RequestPath } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { wholeNumber } from '../access-options.ts';
import { allPages } from '../pages.ts';
import {
  argument,
  type CommandInput,
  done,
  type Flag,
  type OwnerCommand,
  option,
} from '../person-command.ts';
import { table } from '../table.ts';
import { typedName } from '../typed-name.ts';
import { KEPT_IN_CLUSTERS, lostBy, machinesOf } from '../what-falls-away.ts';

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

interface Storage {
  readonly plan: string;
  readonly used: number;
  readonly cap: number | null;
  readonly inTrash: number;
  readonly versions: number;
}

const name = { name: '<name>', description: 'name of the secret' };
const project: Flag = { flags: '--project <name>', description: 'the project that it is in', required: true };

/** Below the vault; the secret is the first argument. */
export function secretPath(given: CommandInput): RequestPath {
  return pathTo`/projects/${option(given, 'project') ?? ''}/secrets/${argument(given, 0)}`;
}

/** `project/name`, as people call it. */
export function secretOf(given: CommandInput): string {
  return `${option(given, 'project')}/${argument(given, 0)}`;
}

export const SECRET_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['secret', 'list'],
    example: '--project payments',
    description: 'names and versions of the secrets that you may see',
    flags: [{ flags: '--project <name>', description: 'of this project alone' }],
    run: async (given, { ask }) => {
      const only = option(given, 'project');
      const all = await allPages<Listed>(ask, { path: pathTo`/secrets`, rows: 'secrets' });
      const rows = only === undefined ? all.rows : all.rows.filter(({ project: of }) => of === only);
      return table(
        { secrets: rows },
        rows,
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
    words: ['secret', 'get'],
    example: 'db-password --project payments',
    description: 'no person reads a value: it is said which machines do',
    arguments: [name],
    flags: [project],
    run: async (given, person) => {
      const machines = await machinesOf(person, option(given, 'project') ?? '', argument(given, 0));
      throw new Failure(
        'Usage',
        `Machines read values, people never do (V8). ${secretOf(given)} is read by ${machines === null ? 'machines that you may not see' : machines.join(', ') || 'no machine'}.`,
        'A MachineBinding writes it into a Secret of a cluster; or have another machine read it: seneschal vault machine create NAME --out FOLDER',
      );
    },
  },
  {
    words: ['secret', 'generate'],
    example: 'db-password --project payments --length 40',
    description: 'a new version with a random value, made by the vault and shown to nobody',
    arguments: [{ name: '<name>', description: 'name of the secret; it is made where there is none' }],
    flags: [
      project,
      { flags: '--length <number>', description: '8 to 1024 characters; default: 32' },
      {
        flags: '--charset <set>',
        description: 'default: Alphanumeric',
        choices: ['Alphanumeric', 'Hex', 'Ascii'],
      },
    ],
    run: async (given, { ask }) => {
      const generator = {
        length: wholeNumber(option(given, 'length') ?? '32', '--length'),
        charset: option(given, 'charset') ?? 'Alphanumeric',
      };
      const stored = (await ask('PUT', secretPath(given), { generator })) as { version: number };
      return { json: stored, text: `${secretOf(given)}: version ${stored.version}` };
    },
  },
  {
    words: ['secret', 'versions'],
    example: 'db-password --project payments',
    description: 'the versions of a secret, newest first',
    arguments: [name],
    flags: [project],
    run: async (given, { ask }) => {
      const answer = (await ask('GET', pathTo`${secretPath(given)}/versions`)) as {
        versions: readonly Version[];
      };
      return table(
        answer,
        answer.versions,
        [
          { title: 'VERSION', of: ({ version, isCurrent }) => `${version}${isCurrent ? ' (current)' : ''}` },
          { title: 'SINCE', of: ({ createdAt }) => moment(createdAt) },
          { title: 'BY', of: ({ createdBy }) => createdBy ?? '-' },
          {
            title: 'FROM',
            of: ({ origin, rolledBackTo }) =>
              rolledBackTo === null ? origin.toLowerCase() : `version ${rolledBackTo}`,
          },
          { title: 'BYTES', of: ({ bytes }) => String(bytes) },
        ],
        'No version.',
      );
    },
  },
  {
    words: ['secret', 'rollback'],
    example: 'db-password 3 --project payments',
    description: 'make the value of an older version the next version; machines notice as of any other',
    arguments: [name, { name: '<version>', description: 'the one to go back to' }],
    flags: [project],
    run: async (given, { ask }) => {
      const version = wholeNumber(argument(given, 1), 'version');
      const stored = (await ask('POST', pathTo`${secretPath(given)}/rollback`, { version })) as {
        version: number;
      };
      return {
        json: stored,
        text: `${secretOf(given)}: version ${stored.version} is what version ${version} was`,
      };
    },
  },
  {
    words: ['secret', 'rename'],
    example: 'db-password database-password --project payments',
    description: 'another name; machines keep their grants. Refused where Git declares the name',
    arguments: [name, { name: '<to>', description: 'the new name' }],
    flags: [project],
    run: async (given, { ask }) => {
      await ask('PATCH', secretPath(given), { name: argument(given, 1) });
      return done(`${secretOf(given)} is ${argument(given, 1)} now.`);
    },
  },
  {
    words: ['secret', 'delete'],
    example: 'db-password --project payments',
    description: 'into the trash, for 30 days; machines lose it at once',
    arguments: [name],
    flags: [project],
    confirm: async (given, person) => {
      const [project, secret] = [option(given, 'project') ?? '', argument(given, 0)];
      const machines = await machinesOf(person, project, secret);
      return `${secretOf(given)} would go to the trash for 30 days. ${lostBy(machines)} ${KEPT_IN_CLUSTERS}`;
    },
    run: async (given, { ask }) => {
      const list = { path: pathTo`/secrets`, rows: 'secrets' };
      const confirm = await typedName(ask, list, argument(given, 0));
      await ask('DELETE', secretPath(given).asking({ confirm }));
      return done(`${secretOf(given)} is in the trash for 30 days.`);
    },
  },
  {
    words: ['secret', 'storage'],
    description: 'the bytes that all versions take, and the cap of the tier (owner)',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/storage`)) as Storage;
      const { used, cap, inTrash, versions, plan } = answer;
      const of = cap === null ? '' : ` of ${cap}`;
      return {
        json: answer,
        text: `${plan}: ${used}${of} bytes in ${versions} versions, ${inTrash} of them in the trash.`,
      };
    },
  },
];
