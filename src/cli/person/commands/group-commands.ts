/** Groups hold members and grants (G1, G2). */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { EXPIRES_AT, endField } from '../access-options.ts';
import type { Person } from '../as-person.ts';
import { allPages } from '../pages.ts';
import { argument, argumentsFrom, done, type OwnerCommand, option } from '../person-command.ts';
import { grantText, table } from '../table.ts';
import { ANEW, counted, namedIn } from '../what-falls-away.ts';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly members: number;
  readonly grants: readonly {
    readonly project: string;
    readonly access: string;
    readonly expiresAt?: number;
  }[];
}

interface Member {
  readonly email: string;
  readonly state: string;
  /** Of the membership of the group. */
  readonly expiresAt?: number;
}

async function groupsFor({ ask }: Pick<Person, 'ask'>): Promise<readonly Listed[]> {
  return (await allPages<Listed>(ask, { path: pathTo`/groups`, rows: 'groups' })).rows;
}

const GROUP = { name: '<group>', description: 'name of the group' };
const PROJECT = { name: '<project>', description: 'the project' };

export const GROUP_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['group', 'list'],
    description: 'groups, how many people each lists and what it gives',
    run: async (_, person) => {
      const rows = await groupsFor(person);
      return table(
        { groups: rows },
        rows,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'MEMBERS', of: ({ members }) => String(members) },
          {
            title: 'GRANTS',
            of: ({ grants }) => grants.map(grantText).join(', ') || '-',
          },
        ],
        'No group.',
      );
    },
  },
  {
    words: ['group', 'create'],
    example: 'on-call',
    description: 'make a group',
    arguments: [GROUP],
    run: async (given, { ask }) => {
      await ask('POST', pathTo`/groups`, { name: argument(given, 0) });
      return done(`${argument(given, 0)} is made.`);
    },
  },
  {
    words: ['group', 'rename'],
    example: 'on-call sre',
    description: 'rename a group',
    arguments: [GROUP, { name: '<new-name>', description: 'what it is called from now on' }],
    run: async (given, { ask }) => {
      await ask('PATCH', pathTo`/groups/${argument(given, 0)}`, { name: argument(given, 1) });
      return done(`${argument(given, 0)} is ${argument(given, 1)} now.`);
    },
  },
  {
    words: ['group', 'describe'],
    example: 'on-call "Who is called at night"',
    description: 'say what a group is for',
    arguments: [GROUP, { name: '<description>', description: 'shown to people' }],
    run: async (given, { ask }) => {
      await ask('PATCH', pathTo`/groups/${argument(given, 0)}`, { description: argument(given, 1) });
      return done(`${argument(given, 0)} is described.`);
    },
  },
  {
    words: ['group', 'duplicate'],
    example: 'on-call on-call-2',
    description: 'make another group with the same members and grants',
    arguments: [GROUP, { name: '<copy>', description: 'name of the other' }],
    run: async (given, { ask }) => {
      await ask('POST', pathTo`/groups/${argument(given, 0)}/duplicate`, { name: argument(given, 1) });
      return done(`${argument(given, 1)} is made, with what ${argument(given, 0)} has.`);
    },
  },
  {
    words: ['group', 'delete'],
    example: 'on-call',
    description: 'delete a group: the access that it gave is gone, its members stay',
    arguments: [GROUP],
    confirm: async (given, person) => {
      const name = argument(given, 0);
      const group = await namedIn(() => groupsFor(person), 'group', name);
      if (group === null) return `Everybody in ${name} would lose what it alone gives. ${ANEW}`;
      const { members, grants } = group;
      const gives = grants.length === 0 ? 'It gives nothing' : `It gives ${grants.map(grantText).join(', ')}`;
      return `${group.name} would be gone. ${gives}; ${counted(members, 'person')} would lose what it alone gives. ${ANEW}`;
    },
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/groups/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is deleted.`);
    },
  },
  {
    words: ['group', 'members'],
    example: 'on-call',
    description: 'whom a group lists, invitees among them',
    arguments: [GROUP],
    run: async (given, { ask }) => {
      const path = pathTo`/groups/${argument(given, 0)}/members`;
      const { rows } = await allPages<Member>(ask, { path, rows: 'members' });
      return table(
        { members: rows },
        rows,
        [
          { title: 'E-MAIL', of: ({ email }) => email },
          { title: 'STATE', of: ({ state }) => state },
          { title: 'UNTIL', of: ({ expiresAt }) => (expiresAt === undefined ? '-' : moment(expiresAt)) },
        ],
        'Nobody.',
      );
    },
  },
  {
    words: ['group', 'add'],
    example: 'on-call alice@acme.example bob@acme.example',
    description: 'list people in a group, invitees too; all or none',
    arguments: [GROUP, { name: '<email...>', description: 'their addresses' }],
    flags: [EXPIRES_AT],
    run: async (given, { ask }) => {
      const emails = argumentsFrom(given, 1);
      const end = endField(option(given, 'expiresAt'));
      await ask('POST', pathTo`/groups/${argument(given, 0)}/members`, { emails, ...end });
      return done(`${emails.join(', ')}: in ${argument(given, 0)}.`);
    },
  },
  {
    words: ['group', 'drop'],
    example: 'on-call alice@acme.example',
    description: 'take a person off a group',
    arguments: [GROUP, { name: '<email>', description: 'their address' }],
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/groups/${argument(given, 0)}/members/${argument(given, 1)}`);
      return done(`${argument(given, 1)} is in ${argument(given, 0)} no more.`);
    },
  },
  {
    words: ['group', 'grant'],
    example: 'on-call payments Read',
    description: 'what a group gives its members in a project; Write includes Read',
    arguments: [
      GROUP,
      PROJECT,
      { name: '<access>', description: 'Read or Write', choices: ['Read', 'Write'] },
    ],
    flags: [EXPIRES_AT],
    run: async (given, { ask }) => {
      const access = argument(given, 2);
      const end = endField(option(given, 'expiresAt'));
      await ask('PUT', pathTo`/groups/${argument(given, 0)}/grants/${argument(given, 1)}`, {
        access,
        ...end,
      });
      return done(`${argument(given, 0)} gives ${access} in ${argument(given, 1)}.`);
    },
  },
  {
    words: ['group', 'revoke-grant'],
    example: 'on-call payments',
    description: 'take a project from a group',
    arguments: [GROUP, PROJECT],
    confirm: (given) =>
      `Everybody in ${argument(given, 0)} would lose what it gives in ${argument(given, 1)}.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/groups/${argument(given, 0)}/grants/${argument(given, 1)}`);
      return done(`${argument(given, 0)} gives nothing in ${argument(given, 1)} any more.`);
    },
  },
];
