/** Projects (P2). */

import { pathTo } from '#protocol/request-path.ts';
import { allPages } from '../pages.ts';
import { argument, done, type OwnerCommand, option } from '../person-command.ts';
import { table } from '../table.ts';

interface Listed {
  readonly name: string;
  readonly description: string;
  readonly secrets: number;
}

const NAME = { name: '<name>', description: 'name of the project' };
const DESCRIPTION = { flags: '--description <text>', description: 'what it is for' };

export const PROJECT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['project', 'list'],
    description: 'the projects that you may see',
    run: async (_, { ask }) => {
      const { rows } = await allPages<Listed>(ask, { path: pathTo`/projects`, rows: 'projects' });
      return table(
        { projects: rows },
        rows,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'SECRETS', of: ({ secrets }) => String(secrets) },
          { title: 'DESCRIPTION', of: ({ description }) => description || '-' },
        ],
        'No project that you may see.',
      );
    },
  },
  {
    words: ['project', 'create'],
    example: 'payments --description "Card payments"',
    description: 'make a project',
    arguments: [NAME],
    flags: [DESCRIPTION],
    run: async (given, { ask }) => {
      await ask('POST', pathTo`/projects`, {
        name: argument(given, 0),
        description: option(given, 'description') ?? '',
      });
      return done(`${argument(given, 0)} is made.`);
    },
  },
  {
    words: ['project', 'edit'],
    example: 'payments --name card-payments',
    description: 'change the name or the description of a project',
    arguments: [NAME],
    flags: [{ flags: '--name <name>', description: 'what it is called from now on' }, DESCRIPTION],
    run: async (given, { ask }) => {
      const [name, description] = [option(given, 'name'), option(given, 'description')];
      await ask('PATCH', pathTo`/projects/${argument(given, 0)}`, { name, description });
      return done(`${argument(given, 0)} is edited.`);
    },
  },
];
