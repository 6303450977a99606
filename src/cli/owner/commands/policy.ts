/** Policies bound to secrets: where, when and how often a value leaves. */
import { Failure } from '../../failure.ts';
import { argument, done, type Given, type OwnerCommand, option, optionList, part } from '../command.ts';
import { moment, table } from '../table.ts';

interface Listed {
  readonly project: string;
  readonly secret: string;
  readonly policy: {
    readonly window?: {
      readonly timeZone: string;
      readonly days: readonly string[];
      readonly from: string;
      readonly to: string;
    } | null;
    readonly addresses?: readonly string[] | null;
    readonly endsAt?: number | null;
    readonly readsPerMinute?: number | null;
    readonly readsPerDay?: number | null;
    readonly reads?: number | null;
  };
  readonly used: { readonly minute: number; readonly day: number; readonly reads: number };
}

const PROJECT = { name: '<project>', description: 'the project' };
const SECRET = { name: '<secret>', description: 'name of the secret' };
const pathOf = (given: Given): string =>
  `/projects/${part(argument(given, 0))}/secrets/${part(argument(given, 1))}/policy`;

export const POLICY_COMMANDS: readonly OwnerCommand[] = [
  {
    words: ['policy', 'list'],
    description: 'policies of the secrets that you may see, with the reads that were counted',
    run: async (_, { ask }) => {
      const answer = (await ask('GET', '/policies')) as { policies: readonly Listed[] };
      return table(
        answer,
        answer.policies,
        [
          { title: 'SECRET', of: ({ project, secret }) => `${project}/${secret}` },
          {
            title: 'HOURS',
            of: ({ policy: { window } }) =>
              window == null
                ? '-'
                : `${window.days.join(',')} ${window.from}-${window.to} ${window.timeZone}`,
          },
          { title: 'FROM', of: ({ policy }) => policy.addresses?.join(', ') || '-' },
          { title: 'ENDS', of: ({ policy }) => moment(policy.endsAt) },
          { title: 'A MINUTE', of: ({ policy, used }) => counted(used.minute, policy.readsPerMinute) },
          { title: 'A DAY', of: ({ policy, used }) => counted(used.day, policy.readsPerDay) },
          { title: 'IN ALL', of: ({ policy, used }) => counted(used.reads, policy.reads) },
        ],
        'No policy that you may see.',
      );
    },
  },
  {
    words: ['policy', 'set'],
    description: 'bind a policy to a secret in place of the one before; all its conditions must pass',
    arguments: [PROJECT, SECRET],
    flags: [
      { flags: '--from <range...>', description: 'addresses or CIDR ranges' },
      { flags: '--ends-at <moment>', description: 'for example 2027-01-31T18:00:00Z' },
      { flags: '--reads-per-minute <number>', description: 'values a minute' },
      { flags: '--reads-per-day <number>', description: 'values a day' },
      { flags: '--reads <number>', description: 'values in all' },
    ],
    run: async (given, { ask }) => {
      const addresses = optionList(given, 'from');
      const endsAt = option(given, 'endsAt');
      const policy = {
        ...(addresses === undefined ? {} : { addresses }),
        ...(endsAt === undefined ? {} : { endsAt: momentOf(endsAt) }),
        ...countOf(given, 'readsPerMinute', '--reads-per-minute'),
        ...countOf(given, 'readsPerDay', '--reads-per-day'),
        ...countOf(given, 'reads', '--reads'),
      };
      if (Object.keys(policy).length === 0) {
        throw new Failure(
          'Usage',
          'No condition is given.',
          'Give one, or take the policy away with `policy remove`.',
        );
      }
      await ask('PUT', pathOf(given), policy);
      return done(`${argument(given, 0)}/${argument(given, 1)} leaves under this policy alone.`);
    },
  },
  {
    words: ['policy', 'remove'],
    description: 'take the policy of a secret away',
    arguments: [PROJECT, SECRET],
    confirm: (given) => `${argument(given, 0)}/${argument(given, 1)} would leave without a condition.`,
    run: async (given, { ask }) => {
      await ask('DELETE', pathOf(given));
      return done(`${argument(given, 0)}/${argument(given, 1)} has no policy any more.`);
    },
  },
];

function counted(used: number, cap: number | null | undefined): string {
  return cap == null ? '-' : `${used} of ${cap}`;
}

function countOf(given: Given, name: string, flag: string): Record<string, number> {
  const text = option(given, name);
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Failure('Usage', `${flag} ${text} is no number.`, `Correct ${flag}.`);
  return { [name]: Number(text) };
}

function momentOf(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) {
    throw new Failure('Usage', `--ends-at ${text} is no moment.`, 'Write it as 2027-01-31T18:00:00Z.');
  }
  return at;
}
