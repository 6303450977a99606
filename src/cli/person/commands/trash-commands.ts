/** The trash: what was deleted, for 30 days. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import type { Person } from '../as-person.ts';
import { allPages } from '../pages.ts';
import { argument, type CommandInput, done, type OwnerCommand, option } from '../person-command.ts';
import { table } from '../table.ts';
import { typedName } from '../typed-name.ts';
import { counted, KEPT_IN_CLUSTERS, lostBy, machinesOf } from '../what-falls-away.ts';

interface Item {
  readonly id: string;
  readonly kind: 'Secret' | 'Project';
  readonly name: string;
  readonly project: string | null;
  readonly secrets: number;
  readonly bytes: number;
  readonly deletedAt: number;
  readonly deletedBy: string | null;
  readonly purgedAt: number;
}

interface Project {
  readonly id: string;
  readonly name: string;
  readonly secrets: number;
}

const id = { name: '<id>', description: 'as `trash list` shows it' };

export const TRASH_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['project', 'delete'],
    example: 'payments',
    description: 'into the trash with its secrets, for 30 days; people and machines lose it at once',
    arguments: [{ name: '<name>', description: 'name or id of the project' }],
    confirm: async (given, person) => {
      const list = { path: pathTo`/projects`, rows: 'projects' };
      const { rows } = await allPages<Project>(person.ask, list);
      const wanted = argument(given, 0);
      const project = rows.find(({ id, name }) => id === wanted || name === wanted);
      if (project === undefined)
        throw new Failure(
          'Usage',
          `There is no project ${wanted} that you may see.`,
          'See `vault project list`.',
        );
      const machines = await machinesOf(person, project.name, null);
      return `The project ${project.name} would go to the trash for 30 days with ${counted(project.secrets, 'secret')}, and everybody who has it would lose it. ${lostBy(machines)} ${KEPT_IN_CLUSTERS}`;
    },
    run: async (given, { ask }) => {
      const project = argument(given, 0);
      const confirm = await typedName(ask, { path: pathTo`/projects`, rows: 'projects' }, project);
      await ask('DELETE', pathTo`/projects/${project}`.asking({ confirm }));
      return done(`The project ${argument(given, 0)} is in the trash for 30 days.`);
    },
  },
  {
    words: ['trash', 'list'],
    description: 'what is in it, and until when',
    run: async (_, { ask }) => {
      const { rows } = await allPages<Item>(ask, { path: pathTo`/trash`, rows: 'items' });
      return table(
        { items: rows },
        rows,
        [
          { title: 'ID', of: ({ id }) => id },
          { title: 'KIND', of: ({ kind }) => kind },
          { title: 'NAME', of: nameOf },
          { title: 'SECRETS', of: ({ secrets }) => String(secrets) },
          { title: 'DELETED', of: ({ deletedAt }) => moment(deletedAt) },
          { title: 'BY', of: ({ deletedBy }) => deletedBy ?? '-' },
          { title: 'UNTIL', of: ({ purgedAt }) => moment(purgedAt) },
        ],
        'The trash is empty.',
      );
    },
  },
  {
    words: ['trash', 'restore'],
    example: 'sk_0123456789abcdef --name db-password-2',
    description: 'bring a secret or a project back; machines and people are granted it anew',
    arguments: [id],
    flags: [{ flags: '--name <name>', description: 'another name, where the old one is taken' }],
    run: async (given, { ask }) => {
      const name = option(given, 'name');
      const body = name === undefined ? {} : { name };
      const restored = (await ask('POST', pathTo`/trash/${argument(given, 0)}/restore`, body)) as {
        name: string;
      };
      return { json: restored, text: `${restored.name} is back. Grant it anew to whoever needs it.` };
    },
  },
  {
    words: ['trash', 'purge'],
    example: 'sk_0123456789abcdef',
    description: 'destroy a secret or a project in the trash, with all versions',
    arguments: [id],
    confirm: async (given, person) => {
      const item = await itemOf(given, person);
      return `${nameOf(item)} would be destroyed, ${item.secrets} secrets in all, for good.`;
    },
    run: async (given, person) => {
      const item = await itemOf(given, person);
      await person.ask('DELETE', pathTo`/trash/${item.id}`.asking({ confirm: item.name }));
      return done(`${nameOf(item)} is gone.`);
    },
  },
];

async function itemOf(given: CommandInput, { ask }: Person): Promise<Item> {
  const wanted = argument(given, 0);
  const { rows } = await allPages<Item>(ask, { path: pathTo`/trash`, rows: 'items' });
  const found = rows.find((item) => item.id === wanted);
  if (found === undefined) {
    throw new Failure('Usage', `Nothing in the trash has the id ${wanted}.`, 'See `vault trash list`.');
  }
  return found;
}

function nameOf({ project, name }: Pick<Item, 'project' | 'name'>): string {
  return project === null ? name : `${project}/${name}`;
}
