/** The audit log as one person may see it (A1). */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { momentGiven, wholeNumber } from '../access-options.ts';
import { allPages } from '../pages.ts';
import { type OwnerCommand, option } from '../person-command.ts';
import { table } from '../table.ts';

interface Entry {
  readonly id: string;
  readonly sequence: number;
  readonly at: number;
  readonly actor: { readonly type: string; readonly name: string };
  readonly action: string;
  readonly subject: { readonly kind: string; readonly key: string };
}

export const AUDIT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['audit', 'list'],
    example: '--action "member.*" --since 30d',
    description: 'entries of the audit log, newest first: your own, or all with `Audit log: View others`',
    flags: [
      { flags: '--by <name>', description: 'what this member, machine or identity did' },
      { flags: '--action <action>', description: 'this act, or a prefix: "member.*"' },
      { flags: '--about <key>', description: 'what is about this: an address, a name, project/secret' },
      { flags: '--since <time>', description: 'as 2027-01-31T18:00:00Z, or as long ago: 90m, 12h, 30d' },
      { flags: '--until <time>', description: 'the same' },
      { flags: '--after <sequence>', description: 'only what came after this entry, oldest first' },
      { flags: '--limit <number>', description: 'at most so many; default 100' },
    ],
    run: async (given, { ask }) => {
      const from = option(given, 'after');
      const limit = wholeNumber(option(given, 'limit') ?? '100', '--limit');
      const query = {
        order: from === undefined ? 'newest' : 'oldest',
        ...(from === undefined ? {} : { after: wholeNumber(from, '--after') }),
        by: option(given, 'by'),
        action: option(given, 'action'),
        about: option(given, 'about'),
        since: momentGiven(option(given, 'since'), '--since', Date.now()),
        until: momentGiven(option(given, 'until'), '--until', Date.now()),
      };
      const list = { path: pathTo`/audit`, rows: 'entries', query, most: limit };
      const { rows: entries, next } = await allPages<Entry>(ask, list);
      const last = next === null || from === undefined ? null : (entries.at(-1)?.sequence ?? null);
      const answer = { entries, next: last };
      const shown = table(
        answer,
        entries,
        [
          { title: 'NUMBER', of: ({ sequence }) => String(sequence) },
          { title: 'AT', of: ({ at }) => moment(at) },
          {
            title: 'BY',
            of: ({ actor }) => (actor.type === 'system' ? 'system' : `${actor.type} ${actor.name}`),
          },
          { title: 'ACT', of: ({ action }) => action },
          { title: 'ABOUT', of: ({ subject }) => `${subject.kind} ${subject.key}` },
          { title: 'ENTRY', of: ({ id }) => id },
        ],
        'No entry.',
      );
      const older =
        next === null || from !== undefined ? '' : '\nThere are older ones: --limit, --since, --until.';
      const more = last === null ? older : `\nMore with --after ${last}.`;
      return { json: answer, text: shown.text + more };
    },
  },
];
