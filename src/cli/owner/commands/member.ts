/** People: invites and memberships (I1, M1, M2). */
import { argument, argumentsFrom, done, type OwnerCommand, optionList, part } from '../command.ts';
import { allPages } from '../pages.ts';
import { moment, table } from '../table.ts';

interface Listed {
  readonly email: string;
  readonly userName: string | null;
  readonly role: string;
  readonly state: string;
  readonly awaits: string | null;
  readonly confirmation: { readonly proven: boolean } | null;
}

function stateOf({ state, awaits, confirmation }: Listed): string {
  if (awaits === null) return state;
  const proven = confirmation?.proven === true ? ', code proven' : '';
  return `${state} (awaits ${awaits}${proven})`;
}

interface MyInvite {
  readonly id: string;
  readonly organization: string;
  readonly role: string;
  readonly expiresAt: number;
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
    words: ['invite', 'mine'],
    description: 'invites that are open for you, in any organization of the server',
    about: 'account',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', '/me/invites')) as { invites: readonly MyInvite[] };
      return table(
        answer,
        answer.invites,
        [
          { title: 'ID', of: ({ id }) => id },
          { title: 'ORGANIZATION', of: ({ organization }) => organization },
          { title: 'ROLE', of: ({ role }) => role },
          { title: 'OPEN UNTIL', of: ({ expiresAt }) => moment(expiresAt) },
        ],
        'No invite is open for you.',
      );
    },
  },
  ...(['accept', 'decline'] as const).map(
    (verb): OwnerCommand => ({
      words: ['invite', verb],
      description:
        verb === 'accept'
          ? 'join the organization of an invite (I3)'
          : 'stay out of it; Git does not ask again',
      about: 'account',
      arguments: [{ name: '<id>', description: 'id of the invite, as `invite mine` shows it' }],
      run: async (given, { askAccount }) => {
        const answer = await askAccount('POST', `/me/invites/${part(argument(given, 0))}/${verb}`);
        return { json: answer, text: verb === 'accept' ? 'You are a member now.' : 'You declined.' };
      },
    }),
  ),
  {
    words: ['member', 'list'],
    description: 'people of the organization, with role and state',
    run: async (_, { ask }) => {
      const { rows } = await allPages<Listed>(ask, { path: '/members', rows: 'members' });
      return table(
        { members: rows },
        rows,
        [
          { title: 'E-MAIL', of: ({ email }) => email },
          { title: 'NAME', of: ({ userName }) => userName ?? '-' },
          { title: 'ROLE', of: ({ role }) => role },
          { title: 'STATE', of: stateOf },
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
    words: ['member', 'grant'],
    description: 'grant a member a project, in place of the grant before; Write includes Read (G1)',
    arguments: [
      EMAIL,
      { name: '<project>', description: 'the project' },
      { name: '<access>', description: 'Read or Write' },
    ],
    run: async (given, { ask }) => {
      const [email, project, access] = [argument(given, 0), argument(given, 1), argument(given, 2)];
      await ask('PUT', `/members/${part(email)}/grants/${part(project)}`, { access });
      return done(`${email} has ${access} in ${project}.`);
    },
  },
  {
    words: ['member', 'set-role'],
    description: 'appoint an admin, or make a plain member of one; the owner alone (O4)',
    arguments: [EMAIL, { name: '<role>', description: 'Admin or Member' }],
    run: async (given, { ask }) => {
      await ask('PUT', `/members/${part(argument(given, 0))}/role`, { role: argument(given, 1) });
      return done(`${argument(given, 0)} is ${argument(given, 1)} now.`);
    },
  },
  {
    words: ['member', 'set-template'],
    description: 'give a member a template in place of the one before, or none; the owner alone (T1, T4)',
    arguments: [EMAIL, { name: '[template]', description: 'its name; left out: none' }],
    flags: [{ flags: '--project <name...>', description: 'narrow its scope to these projects' }],
    run: async (given, { ask }) => {
      const template = argument(given, 1) || null;
      const projectScope = optionList(given, 'project');
      const body = { template, ...(projectScope === undefined ? {} : { projectScope }) };
      await ask('PUT', `/members/${part(argument(given, 0))}/template`, body);
      return done(`${argument(given, 0)} holds ${template ?? 'no template'}.`);
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
