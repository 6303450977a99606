/** People: invites and memberships (I1, M1, M2). */

import { DEFAULT_INVITES } from '#model/invites.ts';
import { timesText } from '#model/span-text.ts';
import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { EXPIRES_AT, endField } from '../access-options.ts';
import type { Person } from '../as-person.ts';
import { allPages } from '../pages.ts';
import {
  argument,
  argumentsFrom,
  done,
  emailsFrom,
  type OwnerCommand,
  option,
  optionList,
} from '../person-command.ts';
import { grantText, table } from '../table.ts';
import { ANEW, accessOfMember, counted, unlessForbidden } from '../what-falls-away.ts';

interface Listed {
  readonly email: string;
  readonly userName: string | null;
  readonly role: string;
  readonly state: string;
  readonly expiresAt?: number;
  readonly awaits: string | null;
  readonly confirmation: { readonly proven: boolean } | null;
  readonly template: string | null;
  readonly grants: readonly Parameters<typeof grantText>[0][];
  readonly groups: readonly string[];
  /** Undefined: who asks may not see it. */
  readonly signIn?: { readonly secondFactor: boolean; readonly lastSeenAt: number | null };
}

function stateOf({ state, awaits, confirmation }: Listed): string {
  if (awaits === null) return state;
  const proven = confirmation?.proven === true ? ', code proven' : '';
  return `${state} (awaits ${awaits}${proven})`;
}

/** `-`: who asks may not see it, or they have not joined. */
function secondFactorText({ signIn, state }: Listed): string {
  if (signIn === undefined || state === 'Invited') return '-';
  return signIn.secondFactor ? 'yes' : 'no';
}

interface MyInvite {
  readonly id: string;
  readonly organization: string;
  readonly role: string;
  readonly expiresAt: number;
}

interface PendingInvite {
  readonly email: string;
  readonly state: string;
  readonly role: string;
  readonly template: string | null;
  readonly attempts: number;
  readonly expiresAt: number;
  readonly invitedBy: string | null;
}

interface DeclinedInvite {
  readonly email: string;
  readonly declinedAt: number;
}

/** Of the last 30 days; none for who may not see members. */
async function declinedInvites({ ask }: Pick<Person, 'ask'>): Promise<readonly DeclinedInvite[]> {
  const list = { path: pathTo`/declined-invites`, rows: 'invites' };
  return (await unlessForbidden(() => allPages<DeclinedInvite>(ask, list)))?.rows ?? [];
}

/** A line of `invite list`: what was declined says no more than who and when. */
function inviteLine(invite: PendingInvite | DeclinedInvite): InviteLine {
  if ('declinedAt' in invite) {
    const { email, declinedAt } = invite;
    return { email, state: 'Declined', role: '-', template: '-', sent: '-', at: declinedAt, by: '-' };
  }
  const { email, state, role, template, attempts, expiresAt, invitedBy } = invite;
  return {
    ...{ email, state, role, template: template ?? '-', sent: `${attempts}x`, at: expiresAt },
    by: invitedBy ?? 'automation',
  };
}

interface InviteLine {
  readonly email: string;
  readonly state: string;
  readonly role: string;
  readonly template: string;
  readonly sent: string;
  /** When it ends or ended, or was declined. */
  readonly at: number;
  readonly by: string;
}

/** `web=Read`. Throws Failure `Usage`. */
function grantOf(text: string): { readonly project: string; readonly access: string } {
  const [, project, access] = /^(.+)=(Read|Write)$/.exec(text) ?? [];
  if (project !== undefined && access !== undefined) return { project, access };
  throw new Failure('Usage', `--grant ${text} is not PROJECT=Read or PROJECT=Write.`, 'Correct --grant.');
}

/** Throws Failure `Usage` where there is none, or several. */
async function onlyInvite(askAccount: Person['askAccount']): Promise<string> {
  const { invites } = (await askAccount('GET', pathTo`/me/invites`)) as { invites: readonly MyInvite[] };
  const [only, ...others] = invites;
  if (only === undefined) {
    throw new Failure('Usage', 'No invite is open for you.', 'Ask who invited you to send it again.');
  }
  if (others.length === 0) return only.id;
  const listed = invites.map(({ id, organization }) => `${id} (${organization})`).join(', ');
  throw new Failure('Usage', `Several invites are open for you: ${listed}.`, 'Give the id of one.');
}

const EMAIL = { name: '<email>', description: 'their address' };

export const MEMBER_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['invite', 'send'],
    example: 'alice@acme.example bob@acme.example --template developers --grant payments=Read',
    description: 'invite people; the answer does not tell who has an account (I1)',
    arguments: [{ name: '<email...>', description: 'one address or many, parted by spaces or commas' }],
    flags: [
      { flags: '--role <role>', description: 'default: Member', choices: ['Admin', 'Member'] },
      { flags: '--template <name>', description: 'the template that they hold once they joined' },
      { flags: '--project <name...>', description: 'narrow its scope to these projects' },
      { flags: '--grant <project=access...>', description: 'for example web=Read shop=Write' },
      EXPIRES_AT,
    ],
    run: async (given, { ask }) => {
      const emails = emailsFrom(given, 0);
      const [role, template] = [option(given, 'role'), option(given, 'template')];
      const projectScope = optionList(given, 'project');
      const grants = optionList(given, 'grant');
      await ask('POST', pathTo`/invites`, {
        emails,
        ...(role === undefined ? {} : { role }),
        ...(template === undefined ? {} : { template }),
        ...(projectScope === undefined ? {} : { projectScope }),
        ...(grants === undefined ? {} : { grants: grants.map(grantOf) }),
        ...endField(option(given, 'expiresAt')),
      });
      return {
        json: { emails },
        text: `Invited, if they were not: ${emails.join(', ')}. \`vault invite list\` shows who has not answered.`,
      };
    },
  },
  {
    words: ['invite', 'list'],
    description:
      'invites that are open or ran out: those you sent, or all with `Organization: View members`, and then those declined in the last 30 days too',
    run: async (_, { ask }) => {
      const { rows } = await allPages<PendingInvite>(ask, { path: pathTo`/invites`, rows: 'invites' });
      const declined = await declinedInvites({ ask });
      return table(
        { invites: rows, declined },
        [...rows, ...declined].map(inviteLine),
        [
          { title: 'E-MAIL', of: ({ email }) => email },
          { title: 'STATE', of: ({ state }) => state },
          { title: 'ROLE', of: ({ role }) => role },
          { title: 'TEMPLATE', of: ({ template }) => template },
          { title: 'SENT', of: ({ sent }) => sent },
          { title: 'UNTIL', of: ({ at }) => moment(at) },
          { title: 'BY', of: ({ by }) => by },
        ],
        'No invite is open, and none was declined in the last 30 days.',
      );
    },
  },
  {
    words: ['invite', 'resend'],
    example: 'alice@acme.example',
    description: `send an invite again, ${timesText(DEFAULT_INVITES.maxAttempts)} in all where the Organization says nothing else (I2)`,
    arguments: [EMAIL],
    run: async (given, { ask }) => {
      await ask('POST', pathTo`/invites/${argument(given, 0)}/resend`);
      return done(`The invite of ${argument(given, 0)} is sent again.`);
    },
  },
  {
    words: ['invite', 'cancel'],
    example: 'alice@acme.example',
    description: 'take back an invite that nobody has answered; Git does not send it again (I2, rail 7)',
    arguments: [EMAIL],
    confirm: (given) => `${argument(given, 0)} could not join by it any more.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/invites/${argument(given, 0)}`);
      return done(`The invite of ${argument(given, 0)} is taken back.`);
    },
  },
  {
    words: ['invite', 'mine'],
    description: 'invites that are open for you, in any organization of the server',
    about: 'account',
    run: async (_, { askAccount }) => {
      const answer = (await askAccount('GET', pathTo`/me/invites`)) as { invites: readonly MyInvite[] };
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
      example: 'inv_0123456789abcdef',
      description:
        verb === 'accept'
          ? 'join the organization of an invite (I3)'
          : 'stay out of it; Git does not ask again',
      about: 'account',
      arguments: [
        { name: '[id]', description: 'id of the invite, as `invite mine` shows it; left out: the only one' },
      ],
      run: async (given, { askAccount }) => {
        const id = argument(given, 0) || (await onlyInvite(askAccount));
        const answer = await askAccount('POST', pathTo`/me/invites/${id}/${verb}`);
        const { vaultId } = answer as { vaultId: string };
        const joined = `You are a member of ${vaultId} now. Go on there: seneschal vault organization use ${vaultId}`;
        return { json: answer, text: verb === 'accept' ? joined : 'You declined.' };
      },
    }),
  ),
  {
    words: ['member', 'list'],
    description:
      'people of the organization with role, state and access; second factor and last seen with `Audit log: View others`',
    run: async (_, { ask }) => {
      const { rows } = await allPages<Listed>(ask, { path: pathTo`/members`, rows: 'members' });
      return table(
        { members: rows },
        rows,
        [
          { title: 'E-MAIL', of: ({ email }) => email },
          { title: 'NAME', of: ({ userName }) => userName ?? '-' },
          { title: 'ROLE', of: ({ role }) => role },
          { title: 'STATE', of: stateOf },
          { title: 'TEMPLATE', of: ({ template }) => template ?? '-' },
          { title: 'GRANTS', of: ({ grants }) => grants.map(grantText).join(', ') || '-' },
          { title: 'GROUPS', of: ({ groups }) => groups.join(', ') || '-' },
          { title: 'ENDS', of: ({ expiresAt }) => moment(expiresAt) },
          { title: '2ND FACTOR', of: secondFactorText },
          { title: 'LAST SEEN', of: ({ signIn }) => moment(signIn?.lastSeenAt) },
        ],
        'Nobody.',
      );
    },
  },
  {
    words: ['member', 'suspend'],
    example: 'alice@acme.example',
    description: 'suspend a member: sessions end at once, grants stay (M1)',
    arguments: [EMAIL],
    run: async (given, { ask }) => {
      await ask('POST', pathTo`/members/${argument(given, 0)}/suspend`);
      return done(
        `${argument(given, 0)} is suspended; Git does not undo it before \`reinstate\` names it (rail 7).`,
      );
    },
  },
  {
    words: ['member', 'unsuspend'],
    example: 'alice@acme.example',
    description: 'end a suspension',
    arguments: [EMAIL],
    run: async (given, { ask }) => {
      await ask('POST', pathTo`/members/${argument(given, 0)}/unsuspend`);
      return done(`${argument(given, 0)} is active again.`);
    },
  },
  {
    words: ['member', 'set-end'],
    example: 'alice@acme.example 2027-01-31T18:00:00Z',
    description: 'say when a membership ends: from then on the member is as if suspended (M5)',
    arguments: [EMAIL, { name: '<time>', description: 'as 2027-01-31T18:00:00Z, or never' }],
    run: async (given, { ask }) => {
      const [email, time] = [argument(given, 0), argument(given, 1)];
      await ask('PUT', pathTo`/members/${email}/end`, endField(time, 'the time'));
      return done(
        time === 'never'
          ? `The membership of ${email} has no end.`
          : `The membership of ${email} ends at ${time}.`,
      );
    },
  },
  {
    words: ['member', 'remove'],
    example: 'alice@acme.example',
    description: 'remove a member with all access; audit entries stay (M2)',
    arguments: [EMAIL],
    confirm: async (given, person) => {
      const email = argument(given, 0);
      const held = await accessOfMember(person, email);
      const what =
        held === null
          ? 'all access'
          : [
              held.template === null ? 'no template' : `the template ${held.template}`,
              counted(held.grants.length, 'grant'),
              counted(held.groups.length, 'group'),
            ].join(', ');
      return `${email} would lose the membership with ${what}. ${ANEW}`;
    },
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/members/${argument(given, 0)}`);
      return done(`${argument(given, 0)} is removed.`);
    },
  },
  {
    words: ['member', 'revoke-grant'],
    example: 'alice@acme.example payments',
    description: 'take the grant of a project from a member (G1)',
    arguments: [EMAIL, { name: '<project>', description: 'the project' }],
    confirm: (given) => `${argument(given, 0)} would lose the grant of ${argument(given, 1)}.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/members/${argument(given, 0)}/grants/${argument(given, 1)}`);
      return done(`${argument(given, 0)} has no grant of ${argument(given, 1)} any more.`);
    },
  },
  {
    words: ['member', 'grant'],
    example: 'alice@acme.example payments Read',
    description: 'grant a member a project, in place of the grant before; Write includes Read (G1)',
    arguments: [
      EMAIL,
      { name: '<project>', description: 'the project' },
      { name: '<access>', description: 'Read or Write', choices: ['Read', 'Write'] },
    ],
    flags: [EXPIRES_AT],
    run: async (given, { ask }) => {
      const [email, project, access] = [argument(given, 0), argument(given, 1), argument(given, 2)];
      const end = endField(option(given, 'expiresAt'));
      await ask('PUT', pathTo`/members/${email}/grants/${project}`, { access, ...end });
      return done(`${email} has ${access} in ${project}.`);
    },
  },
  {
    words: ['member', 'set-role'],
    example: 'alice@acme.example Admin',
    description: 'appoint an admin, or make a plain member of one; the owner alone (O4)',
    arguments: [EMAIL, { name: '<role>', description: 'Admin or Member', choices: ['Admin', 'Member'] }],
    confirm: (given) =>
      argument(given, 1) === 'Admin' ? null : `${argument(given, 0)} would be no admin any more. ${ANEW}`,
    run: async (given, { ask }) => {
      await ask('PUT', pathTo`/members/${argument(given, 0)}/role`, { role: argument(given, 1) });
      return done(`${argument(given, 0)} is ${argument(given, 1)} now.`);
    },
  },
  {
    words: ['member', 'set-template'],
    example: 'alice@acme.example developers --project payments',
    description: 'give a member a template in place of the one before, or none; the owner alone (T1, T4)',
    arguments: [EMAIL, { name: '[template]', description: 'its name; left out: none' }],
    flags: [{ flags: '--project <name...>', description: 'narrow its scope to these projects' }, EXPIRES_AT],
    run: async (given, { ask }) => {
      const template = argument(given, 1) || null;
      const projectScope = optionList(given, 'project');
      const body = {
        template,
        ...(projectScope === undefined ? {} : { projectScope }),
        ...endField(option(given, 'expiresAt')),
      };
      await ask('PUT', pathTo`/members/${argument(given, 0)}/template`, body);
      return done(`${argument(given, 0)} holds ${template ?? 'no template'}.`);
    },
  },
  {
    words: ['member', 'set-scope'],
    example: 'alice@acme.example payments website',
    description: 'narrow the scope of the template of a member to projects; the owner alone (T1)',
    arguments: [EMAIL, { name: '[project...]', description: 'the projects; left out: all of the template' }],
    run: async (given, { ask }) => {
      const projects = argumentsFrom(given, 1);
      const projectScope = projects.length === 0 ? null : projects;
      await ask('PUT', pathTo`/members/${argument(given, 0)}/scope`, { projectScope });
      const where = projects.length === 0 ? 'where the template does' : `in ${projects.join(', ')}`;
      return done(`The template of ${argument(given, 0)} holds ${where}.`);
    },
  },
  {
    words: ['member', 'leave'],
    description: 'leave the organization yourself (M3)',
    confirm: () => 'You would lose your membership.',
    run: async (_, { ask }) => {
      await ask('POST', pathTo`/leave`);
      return done('You left the organization.');
    },
  },
];
