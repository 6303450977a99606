/** The audit log as one person may see it (A1). */

import { pathTo } from '#protocol/request-path.ts';
import { wholeNumber } from '../access-options.ts';
import { allPages } from '../pages.ts';
import { type OwnerCommand, option } from '../person-command.ts';
import { moment, table } from '../table.ts';

interface Entry {
  readonly sequence: number;
  readonly at: number;
  readonly actor: { readonly type: string; readonly name: string };
  readonly action: string;
  readonly subject: { readonly kind: string; readonly key: string };
}

export const AUDIT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['audit', 'list'],
    example: '--limit 20',
    description: 'entries of the audit log: your own, or all with `Audit log: View others`',
    flags: [
      { flags: '--after <sequence>', description: 'only what came after this entry' },
      { flags: '--limit <number>', description: 'at most so many; default 100' },
    ],
    run: async (given, { ask }) => {
      const after = wholeNumber(option(given, 'after') ?? '0', '--after');
      const limit = wholeNumber(option(given, 'limit') ?? '100', '--limit');
      const list = { path: pathTo`/audit`, rows: 'entries', query: { after }, most: limit };
      const { rows: entries, next } = await allPages<Entry>(ask, list);
      const last = next === null ? null : (entries.at(-1)?.sequence ?? null);
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
        ],
        'No entry.',
      );
      const more = last === null ? '' : `\nMore with --after ${last}.`;
      return { json: answer, text: shown.text + more };
    },
  },
];
