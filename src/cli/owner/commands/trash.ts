/** What was deleted, for 30 days (P2, V8). */
import { argument, done, type OwnerCommand, option, part } from '../command.ts';
import { moment, table } from '../table.ts';

interface Item {
  readonly id: string;
  readonly kind: 'Secret' | 'Project';
  readonly name: string;
  readonly project: string | null;
  readonly secrets: number;
  readonly deletedBy: string | null;
  readonly purgedAt: number;
}

const ID = { name: '<id>', description: 'id of the item, as `trash list` shows it' };

export const TRASH_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['trash', 'list'],
    description: 'secrets and projects in the trash, and when each goes for good',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', '/trash')) as { items: readonly Item[] };
      return table(
        answer,
        answer.items,
        [
          { title: 'ID', of: ({ id }) => id },
          { title: 'KIND', of: ({ kind }) => kind },
          { title: 'NAME', of: ({ name, project }) => (project === null ? name : `${project}/${name}`) },
          { title: 'BY', of: ({ deletedBy }) => deletedBy ?? 'system' },
          { title: 'GONE AT', of: ({ purgedAt }) => moment(purgedAt) },
        ],
        'The trash is empty.',
      );
    },
  },
  {
    words: ['trash', 'restore'],
    description: 'restore an item, a project with the secrets that went with it; grants are given anew (H1)',
    arguments: [ID],
    flags: [{ flags: '--name <name>', description: 'under another name, where its own is taken' }],
    run: async (given, { ask }) => {
      const name = option(given, 'name');
      const answer = (await ask(
        'POST',
        `/trash/${part(argument(given, 0))}/restore`,
        name === undefined ? {} : { name },
      )) as {
        name: string;
      };
      return { json: answer, text: `${answer.name} is restored.` };
    },
  },
  {
    words: ['trash', 'purge'],
    description: 'destroy an item with its versions and keys',
    arguments: [ID, { name: '<name>', description: 'its name, to be sure' }],
    confirm: (given) => `${argument(given, 1)} would be destroyed for good.`,
    run: async (given, { ask }) => {
      await ask('DELETE', `/trash/${part(argument(given, 0))}?confirm=${part(argument(given, 1))}`);
      return done(`${argument(given, 1)} is destroyed.`);
    },
  },
];
