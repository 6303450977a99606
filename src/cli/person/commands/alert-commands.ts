/** Whom acts are told to (alert rules), whom members turn to, and what became of the mails of the vault. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { writePrivate } from '../../terminal/private-files.ts';
import { argument, done, isGiven, type OwnerCommand, option, optionList } from '../person-command.ts';
import { table } from '../table.ts';

interface Rule {
  readonly name: string;
  readonly enabled: boolean;
  readonly actions: readonly string[];
  readonly actors: readonly string[] | null;
  readonly roles: readonly string[];
  readonly emails: readonly string[];
  readonly webhooks: readonly string[];
}

interface Mail {
  readonly kind: string;
  readonly recipient: string;
  readonly state: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly createdAt: number;
}

interface MyMail {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
}

const NAME = { name: '<name>', description: 'name of the rule' };

export const ALERT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['alert', 'list'],
    description: 'which acts are told to whom',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/alerts`)) as { rules: readonly Rule[] };
      return table(
        answer,
        answer.rules,
        [
          { title: 'NAME', of: ({ name }) => name },
          { title: 'STATE', of: ({ enabled }) => (enabled ? 'On' : 'Off') },
          { title: 'ACTIONS', of: ({ actions }) => actions.join(',') },
          { title: 'BY', of: ({ actors }) => actors?.join(',') ?? 'anybody' },
          {
            title: 'TOLD',
            of: ({ roles, emails, webhooks }) => [...roles, ...emails, ...webhooks].join(',') || 'nobody',
          },
        ],
        'No rule.',
      );
    },
  },
  {
    words: ['alert', 'set'],
    example: 'leavers --action "member.*" --role Owner',
    description: 'make a rule, or put this in the place of the one of that name',
    arguments: [NAME],
    flags: [
      {
        flags: '--action <action...>',
        description: 'of the audit log (docs/audit-actions.md), or a prefix: member.*',
        required: true,
      },
      {
        flags: '--actor <kind...>',
        description: 'only what these do; default: anybody',
        choices: ['member', 'automation', 'machine', 'system', 'account'],
      },
      {
        flags: '--role <role...>',
        description: 'members who are told by mail',
        choices: ['Owner', 'Admin', 'Member'],
      },
      { flags: '--email <email...>', description: 'members who are told by mail' },
      { flags: '--webhook <name...>', description: 'integrations that are told' },
      { flags: '--off', description: 'kept, and tells nobody' },
    ],
    run: async (given, { ask }) => {
      const actors = optionList(given, 'actor');
      await ask('PUT', pathTo`/alerts/${argument(given, 0)}`, {
        enabled: !isGiven(given, 'off'),
        actions: optionList(given, 'action'),
        ...(actors === undefined ? {} : { actors }),
        roles: optionList(given, 'role') ?? [],
        emails: optionList(given, 'email') ?? [],
        webhooks: optionList(given, 'webhook') ?? [],
      });
      return done(`The rule ${argument(given, 0)} is ${isGiven(given, 'off') ? 'off' : 'on'}.`);
    },
  },
  {
    words: ['alert', 'delete'],
    example: 'leavers',
    description: 'delete a rule; the one that is there from the beginning comes back as it was',
    arguments: [NAME],
    confirm: (given) => `The rule ${argument(given, 0)} would tell nobody any more.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`/alerts/${argument(given, 0)}`);
      return done(`The rule ${argument(given, 0)} is deleted.`);
    },
  },
  {
    words: ['support', 'show'],
    description: 'whom members turn to, and where the runbook is',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/support`)) as { contact: string; runbookUrl: string };
      return {
        json: answer,
        text: `Contact: ${answer.contact || '-'}\nRunbook: ${answer.runbookUrl || '-'}`,
      };
    },
  },
  {
    words: ['support', 'set'],
    example: '--contact "#platform" --runbook https://wiki.acme.example/vault',
    description: 'say whom members turn to, and where the runbook is; what is left out is emptied',
    flags: [
      { flags: '--contact <text>', description: 'an address, a channel, a name' },
      { flags: '--runbook <url>', description: 'https://' },
    ],
    run: async (given, { ask }) => {
      const body = { contact: option(given, 'contact') ?? '', runbookUrl: option(given, 'runbook') ?? '' };
      await ask('PUT', pathTo`/support`, body);
      return { json: body, text: 'Members see it now.' };
    },
  },
  {
    words: ['mail', 'mine'],
    example: '--out ./mails',
    about: 'account',
    description:
      'write the mails to you with their text to a file, on a server that keeps them instead of sending them (development)',
    flags: [
      {
        flags: '--out <file>',
        description: 'they hold tokens; for you alone, never printed',
        required: true,
      },
    ],
    run: async (given, { askAccount }) => {
      const { mails } = (await askAccount('GET', pathTo`/mails`)) as { mails: readonly MyMail[] };
      const texts = mails.map(
        ({ recipient, subject, text }) => `To: ${recipient}\nSubject: ${subject}\n\n${text}\n`,
      );
      const file = option(given, 'out') ?? '';
      await writePrivate(file, texts.join('\n'), true);
      return { json: { mails: mails.length, file }, text: `${mails.length} mails are in ${file}.` };
    },
  },
  {
    words: ['mail', 'list'],
    description: 'the last mails of the vault and what became of them, newest first; never their text',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/mails`)) as { mails: readonly Mail[] };
      return table(
        answer,
        answer.mails,
        [
          { title: 'AT', of: ({ createdAt }) => moment(createdAt) },
          { title: 'TO', of: ({ recipient }) => recipient },
          { title: 'ABOUT', of: ({ kind }) => kind },
          { title: 'STATE', of: ({ state }) => state },
          { title: 'TRIED', of: ({ attempts }) => `${attempts}x` },
          { title: 'ERROR', of: ({ lastError }) => lastError ?? '-' },
        ],
        'No mail in thirty days.',
      );
    },
  },
];
