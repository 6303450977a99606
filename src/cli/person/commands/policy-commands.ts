/** Policies of secrets: under which conditions their values leave. */

import { pathTo } from '#protocol/request-path.ts';
import { moment } from '../../terminal/answer.ts';
import { Failure } from '../../terminal/failure.ts';
import { windowOf } from '../access-options.ts';
import { allPages } from '../pages.ts';
import {
  type CommandInput,
  done,
  type Flag,
  type OwnerCommand,
  option,
  optionList,
} from '../person-command.ts';
import { table } from '../table.ts';
import { secretOf, secretPath } from './secret-commands.ts';

interface SecretPolicy {
  readonly project: string;
  readonly secret: string;
  readonly policy: {
    readonly window: {
      readonly timeZone: string;
      readonly days: readonly string[];
      readonly from: string;
      readonly to: string;
    } | null;
    readonly addresses: readonly string[] | null;
    readonly endsAt: number | null;
    readonly readsPerMinute: number | null;
    readonly readsPerDay: number | null;
    readonly reads: number | null;
  };
  readonly used: { readonly minute: number; readonly day: number; readonly reads: number };
}

const name = { name: '<name>', description: 'name of the secret' };
const project: Flag = { flags: '--project <name>', description: 'the project that it is in', required: true };

export const POLICY_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['policy', 'list'],
    description: 'the policies that you may see, with the reads counted so far',
    run: async (_, { ask }) => {
      const { rows } = await allPages<SecretPolicy>(ask, { path: pathTo`/policies`, rows: 'policies' });
      return table(
        { policies: rows },
        rows,
        [
          { title: 'SECRET', of: ({ project, secret }) => `${project}/${secret}` },
          { title: 'CONDITIONS', of: conditions },
        ],
        'No policy that you may see.',
      );
    },
  },
  {
    words: ['policy', 'show'],
    example: 'db-password --project payments',
    description: 'the policy of a secret, with the reads counted so far',
    arguments: [name],
    flags: [project],
    run: async (given, { ask }) => {
      const answer = (await ask('GET', pathTo`${secretPath(given)}/policy`)) as Pick<
        SecretPolicy,
        'policy' | 'used'
      >;
      return { json: answer, text: `${secretOf(given)}: ${conditions(answer)}` };
    },
  },
  {
    words: ['policy', 'set'],
    example: 'db-password --project payments --address 10.0.0.0/8 --per-minute 60',
    description: 'a value leaves only where all of these pass; what is not named is no condition',
    arguments: [name],
    flags: [
      project,
      {
        flags: '--hours <days/from-to/zone>',
        description: 'for example Mon,Tue,Wed,Thu,Fri/08:00-18:00/Europe/Berlin',
      },
      { flags: '--address <range...>', description: 'addresses or CIDR ranges that machines read from' },
      { flags: '--ends <moment>', description: 'for example 2027-01-31T00:00:00Z' },
      { flags: '--per-minute <reads>', description: 'reads of all machines in a minute' },
      { flags: '--per-day <reads>', description: 'reads of all machines in a day of UTC' },
      { flags: '--reads <reads>', description: 'reads of all machines in all' },
    ],
    run: async (given, { ask }) => {
      await ask('PUT', pathTo`${secretPath(given)}/policy`, {
        window: windowOf(option(given, 'hours')),
        addresses: optionList(given, 'address') ?? null,
        endsAt: endOf(given),
        readsPerMinute: readsOf(given, 'perMinute'),
        readsPerDay: readsOf(given, 'perDay'),
        reads: readsOf(given, 'reads'),
      });
      return done(`The policy of ${secretOf(given)} holds from the next read on.`);
    },
  },
  {
    words: ['policy', 'remove'],
    example: 'db-password --project payments',
    description: 'no condition any more; what was counted is forgotten',
    arguments: [name],
    flags: [project],
    confirm: (given) => `${secretOf(given)} would have no policy.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathTo`${secretPath(given)}/policy`);
      return done(`${secretOf(given)} has no policy.`);
    },
  },
];

function conditions({ policy, used }: Pick<SecretPolicy, 'policy' | 'used'>): string {
  const { window, addresses, endsAt, readsPerMinute, readsPerDay, reads } = policy;
  const parts = [
    window === null ? null : `${window.days.join(',')} ${window.from}-${window.to} ${window.timeZone}`,
    addresses === null ? null : `from ${addresses.join(', ')}`,
    endsAt === null ? null : `until ${moment(endsAt)}`,
    readsPerMinute === null ? null : `${used.minute} of ${readsPerMinute} reads a minute`,
    readsPerDay === null ? null : `${used.day} of ${readsPerDay} reads a day`,
    reads === null ? null : `${used.reads} of ${reads} reads`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function endOf(given: CommandInput): number | null {
  const text = option(given, 'ends');
  if (text === undefined) return null;
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw new Failure('Usage', '--ends is no moment.', 'For example 2027-01-31T00:00:00Z.');
  return at;
}

function readsOf(given: CommandInput, name: string): number | null {
  const text = option(given, name);
  if (text === undefined) return null;
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new Failure('Usage', 'A number of reads is a whole number above nought.', 'For example 10.');
  }
  return Number(text);
}
