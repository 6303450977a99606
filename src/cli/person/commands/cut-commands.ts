/** What people took away in the vault, and whether Git may give it back (rail 7). */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { allPages } from '../pages.ts';
import { argument, done, type OwnerCommand } from '../person-command.ts';
import { table } from '../table.ts';

interface Cut {
  readonly entry: string;
  readonly kind: string;
  readonly key: string;
  readonly act: string;
  readonly item: string | null;
  readonly actor: string;
  readonly at: number;
  readonly final: boolean;
}

const ENTRY = {
  name: '<entry>',
  description: 'audit entry of the cut, aud_..., as `reinstate` names it in Git',
};

export const CUT_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['cut', 'list'],
    description: 'what people took away and nobody gave back; for admins and the owner',
    run: async (_, { ask }) => {
      const { rows } = await allPages<Cut>(ask, { path: pathTo`/cuts`, rows: 'cuts' });
      return table(
        { cuts: rows },
        rows,
        [
          { title: 'ENTRY', of: ({ entry }) => entry },
          { title: 'AT', of: ({ at }) => moment(at) },
          { title: 'BY', of: ({ actor }) => actor },
          { title: 'ACT', of: ({ act }) => act },
          {
            title: 'ABOUT',
            of: ({ kind, key, item }) => `${kind} ${key}${item === null ? '' : ` (${item})`}`,
          },
          { title: 'FINAL', of: ({ final }) => (final ? 'yes' : '-') },
        ],
        'No cut.',
      );
    },
  },
  {
    words: ['cut', 'final'],
    example: 'aud_0123456789abcdef',
    description:
      'make a cut final: Git does not give it back, whoever approves that; for who may make such a cut',
    arguments: [ENTRY],
    run: async (given, { ask }) => {
      const entry = argument(given, 0);
      await ask('PUT', pathTo`/cuts/${entry}/final`);
      return done(
        `${entry} is final: people give it back in the vault, and Git does not before it is lifted.`,
      );
    },
  },
  {
    words: ['cut', 'lift'],
    example: 'aud_0123456789abcdef',
    description:
      'let `reinstate` in Git answer a final cut again; for admins who may make such a cut, and the owner',
    arguments: [ENTRY],
    run: async (given, { ask }) => {
      const entry = argument(given, 0);
      await ask('DELETE', pathTo`/cuts/${entry}/final`);
      return done(`${entry} is final no more: Git gives it back once \`reinstate\` names it.`);
    },
  },
];
