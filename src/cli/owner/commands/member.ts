/** People: invites and memberships (I1, M1, M2). */
import { argument, argumentsFrom, done, type OwnerCommand, part } from '../command.ts';
import { table } from '../table.ts';

interface Listed {
  readonly email: string;
  readonly userName: string | null;
  readonly role: string;
  readonly state: string;
}

const EMAIL = { name: '<email>', description: 'their address' };

export const MEMBER_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['invite', 'send'],
    description: 'invite people; the answer does not tell who has an account (I1)',
    arguments: [{ name: '<email...>', description: 'one address or many' }],
    run: async (given, { ask }) => {
      const emails = argumentsFrom(given, 0);
      await ask('POST', '/invites', { emails });
      return done(`Invited, if they were not: ${emails.join(', ')}.`);
    },
  },
  {
    words: ['member', 'list'],
    description: 'people of the organization, with role and state',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', '/members')) as { members: readonly Listed[] };
      return table(
        answer,
        answer.members,
        [
          { title: 'E-MAIL', of: ({ email }) => email },
          { title: 'NAME', of: ({ userName }) => userName ?? '-' },
          { title: 'ROLE', of: ({ role }) => role },
          { title: 'STATE', of: ({ state }) => state },
        ],
        'Nobody.',
      );
    },
  },
  {
    words: ['member', 'suspend'],
    description: 'suspend a member: sessions end at once, grants stay (M1)',
    arguments: [EMAIL],
    run: async (given, { ask }) => {
      await ask('POST', `/members/${part(argument(given, 0))}/suspend`);
      return done(
        `${argument(given, 0)} is suspended; Git does not undo it before \`reinstate\` names it (rail 7).`,
      );
    },
  },
  {
    words: ['member', 'unsuspend'],
    description: 'end a suspension',
    arguments: [EMAIL],
    run: async (given, { ask }) => {
      await ask('POST', `/members/${part(argument(given, 0))}/unsuspend`);
      return done(`${argument(given, 0)} is active again.`);
    },
  },
  {
    words: ['member', 'remove'],
    description: 'remove a member with all access; audit entries stay (M2)',
    arguments: [EMAIL],
    confirm: (given) => `${argument(given, 0)} would lose the membership and all access.`,
    run: async (given, { ask }) => {
      await ask('DELETE', `/members/${part(argument(given, 0))}`);
      return done(`${argument(given, 0)} is removed.`);
    },
  },
  {
    words: ['member', 'revoke-grant'],
    description: 'take the grant of a project from a member (G1)',
    arguments: [EMAIL, { name: '<project>', description: 'the project' }],
    confirm: (given) => `${argument(given, 0)} would lose the grant of ${argument(given, 1)}.`,
    run: async (given, { ask }) => {
      await ask('DELETE', `/members/${part(argument(given, 0))}/grants/${part(argument(given, 1))}`);
      return done(`${argument(given, 0)} has no grant of ${argument(given, 1)} any more.`);
    },
  },
  {
    words: ['member', 'leave'],
    description: 'leave the organization yourself (M3)',
    confirm: () => 'You would lose your membership.',
    run: async (_, { ask }) => {
      await ask('POST', '/leave');
      return done('You left the organization.');
    },
  },
];
