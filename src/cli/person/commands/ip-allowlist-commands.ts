/** The addresses that machines may ask and enrol from. */

import { pathTo } from '#protocol/request-path.ts';
import { argumentsFrom, done, isGiven, type OwnerCommand } from '../person-command.ts';
import { table } from '../table.ts';

interface Allowlist {
  readonly enabled: boolean;
  readonly entries: readonly { readonly range: string; readonly description: string }[];
}

export const IP_ALLOWLIST_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['ip-allowlist', 'show'],
    description: 'whether it is on, and its ranges',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', pathTo`/ip-allowlist`)) as Allowlist;
      const shown = table(
        answer,
        answer.entries,
        [
          { title: 'RANGE', of: ({ range }) => range },
          { title: 'DESCRIPTION', of: ({ description }) => description || '-' },
        ],
        'No range.',
      );
      return { json: answer, text: `${answer.enabled ? 'On.' : 'Off.'}\n${shown.text}` };
    },
  },
  {
    words: ['ip-allowlist', 'set'],
    example: '10.0.0.0/8 192.0.2.7',
    description: 'these ranges and no others; without --off machines elsewhere are refused from now on',
    arguments: [{ name: '[range...]', description: 'addresses or CIDR ranges' }],
    flags: [
      { flags: '--off', description: 'keep the ranges, and refuse nobody' },
      { flags: '--force', description: 'switch on an empty list: every machine is refused' },
    ],
    confirm: async (given, { ask }) => {
      if (isGiven(given, 'off')) return null;
      const before = (await ask('GET', pathTo`/ip-allowlist`)) as Allowlist;
      const ranges = argumentsFrom(given, 0);
      const gone = before.entries.map(({ range }) => range).filter((range) => !ranges.includes(range));
      if (before.enabled && gone.length === 0) return null;
      if (before.enabled) return `Machines at ${gone.join(', ')} would be refused from now on.`;
      return `Machines anywhere but at ${ranges.join(', ') || 'no address'} would be refused from now on.`;
    },
    run: async (given, { ask }) => {
      const entries = argumentsFrom(given, 0).map((range) => ({ range }));
      const enabled = !isGiven(given, 'off');
      await ask('PUT', pathTo`/ip-allowlist`, {
        enabled,
        entries,
        ...(isGiven(given, 'force') ? { force: true } : {}),
      });
      return done(`The allowlist is ${enabled ? 'on' : 'off'}, with ${entries.length} ranges.`);
    },
  },
];
