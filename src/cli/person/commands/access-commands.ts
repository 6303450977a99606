/** Who may do what, and by which path; and what of the tier is used. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { allPages } from '../pages.ts';
import { type OwnerCommand, option } from '../person-command.ts';
import { table } from '../table.ts';

interface Path {
  readonly via: 'role' | 'template' | 'grant' | 'group';
  readonly role?: string;
  readonly template?: string;
  readonly group?: string;
  readonly project?: string;
  readonly access?: string;
  readonly expiresAt?: number;
}

interface Held {
  readonly email: string;
  readonly state: string;
  readonly cells: readonly {
    readonly cell: string;
    readonly where: string;
    readonly project: string | null;
    readonly paths: readonly Path[];
  }[];
}

interface Usage {
  readonly plan: string;
  readonly billingUrl: string;
}

export const ACCESS_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['access', 'show'],
    example: '--cell "Secrets: Manage" --project payments',
    description: 'your access, that of a member, or who holds a cell; each with the path that gives it',
    flags: [
      { flags: '--member <email>', description: 'whose' },
      { flags: '--cell <cell>', description: '`Category: Cell`, for example "Secrets: Manage"' },
      { flags: '--project <name>', description: 'in which project' },
    ],
    run: async (given, { ask }) => {
      const query = Object.fromEntries(
        ['member', 'cell', 'project'].map((name) => [name, option(given, name)]),
      );
      const { rows: members } = await allPages<Held>(ask, { path: pathTo`/access`, rows: 'members', query });
      const rows = members.flatMap(({ email, cells }) => cells.map((cell) => ({ email, ...cell })));
      return table(
        { members },
        rows,
        [
          { title: 'WHO', of: ({ email }) => email },
          { title: 'CELL', of: ({ cell }) => cell },
          {
            title: 'WHERE',
            of: ({ where, project }) => project ?? (where === 'Vault' ? 'the vault' : 'all projects'),
          },
          { title: 'BY', of: ({ paths }) => paths.map(pathText).join('; ') },
        ],
        'Nobody.',
      );
    },
  },
  {
    words: ['access', 'usage'],
    description: 'what of the tier is used',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/usage`)) as Usage & Record<string, unknown>;
      const rows = Object.entries(answer).flatMap(([what, value]) =>
        typeof value === 'object' && value !== null && 'used' in value && 'cap' in value
          ? [{ what, used: String(value.used), cap: value.cap === null ? 'no cap' : String(value.cap) }]
          : [],
      );
      const shown = table(
        answer,
        rows,
        [
          { title: 'WHAT', of: ({ what }) => what },
          { title: 'USED', of: ({ used }) => used },
          { title: 'OF', of: ({ cap }) => cap },
        ],
        'Nothing is counted.',
      );
      const more = answer.billingUrl === '' ? '' : `\nMore at ${answer.billingUrl}`;
      return { json: answer, text: `Tier ${answer.plan}.\n${shown.text}${more}` };
    },
  },
];

function pathText(path: Path): string {
  const { expiresAt } = path;
  return expiresAt === undefined ? sourceText(path) : `${sourceText(path)} until ${moment(expiresAt)}`;
}

function sourceText({ via, role, template, group, project, access }: Path): string {
  switch (via) {
    case 'role':
      return `role ${role}`;
    case 'template':
      return `template ${template}`;
    case 'grant':
      return `grant ${project}:${access}`;
    case 'group':
      return `group ${group} (${project}:${access})`;
  }
}
