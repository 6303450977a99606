/** Options that say what an automation identity is held to, and the fields of a request that they come to (V4). */
import { CEILING_CLASSES, GAIN_BUDGETS } from '#model/gains.ts';
import { BUDGET_WINDOW } from '#model/loss.ts';
import { spanText } from '#model/span-text.ts';
import { Failure } from '../../terminal/failure.ts';
import { type CommandInput, type Flag, option, optionList } from '../person-command.ts';

export const PLACES: readonly Flag[] = [
  { flags: '--projects <project...>', description: 'what it does elsewhere is refused' },
  { flags: '--addresses <range...>', description: 'what it sends from elsewhere is refused: 10.0.0.0/8' },
  {
    flags: '--machine-addresses <range...>',
    description: 'its machines are answered from there alone; left out: from --addresses',
  },
  {
    flags: '--managers <name...>',
    description:
      'names that it acts for; left out: the one under which it first takes the lease, which no other identity has',
  },
];

const COUNTS = {
  invitesPerHour: ['--invites-per-hour', 'people invited in an hour at most; default 25'],
  invitesPerDay: ['--invites-per-day', 'people invited in a day at most; default 200'],
  projectsPerDay: ['--projects-per-day', 'new projects in a day at most; default 100'],
  machinesPerHour: ['--machines-per-hour', 'new machines in an hour at most; none: without a bound'],
  raises: [
    '--raises',
    `raises without an approval in ${spanText(GAIN_BUDGETS.raises.window)} at most; default 0`,
  ],
  unprovenKeys: [
    '--unproven-keys',
    `keys without a proof by the key before, in ${spanText(GAIN_BUDGETS.unprovenKeys.window)}; none: 10, or a tenth of its machines`,
  ],
} as const satisfies Readonly<Record<string, readonly [flag: string, description: string]>>;

/** Budgets of which none is a word for what holds by itself. */
const MAY_BE_NONE: readonly string[] = ['machinesPerHour', 'unprovenKeys'];

export const AMOUNTS: readonly Flag[] = [
  ...Object.values(COUNTS).map(([flag, description]) => ({ flags: `${flag} <count>`, description })),
  {
    flags: '--claimed-raises <count>',
    description: `raises that PlanApprovals may release in ${spanText(BUDGET_WINDOW)}; default 0: approvals in the vault alone`,
  },
  {
    flags: '--ceiling <class=count...>',
    description: `losses, and what PlanApprovals release, in ${spanText(BUDGET_WINDOW)} at most, of ${CEILING_CLASSES.join(', ')}: people=5`,
  },
];

/** The fields that are named. Throws Failure. */
export function boundsIn(given: CommandInput): Readonly<Record<string, unknown>> {
  const lists = ['projects', 'addresses', 'machineAddresses', 'managers'].flatMap((name) => {
    const named = optionList(given, name);
    return named === undefined ? [] : [[name, named] as const];
  });
  const counts = Object.entries(COUNTS).flatMap(([name, [flag]]) => {
    const text = option(given, name);
    if (text === undefined) return [];
    return [[name, text === 'none' && MAY_BE_NONE.includes(name) ? null : countOf(flag, text)] as const];
  });
  const ceilings = ceilingsIn(given);
  return {
    ...Object.fromEntries([...lists, ...counts]),
    ...(Object.keys(ceilings).length === 0 ? {} : { ceilings }),
  };
}

/** Throws Failure. */
function ceilingsIn(given: CommandInput): Readonly<Record<string, number>> {
  const counts = (optionList(given, 'ceiling') ?? []).map((text) => {
    const [, name, count] = /^([a-zA-Z]+)=(\d{1,6})$/.exec(text) ?? [];
    if (name !== undefined && CEILING_CLASSES.some((one) => one === name))
      return [name, Number(count)] as const;
    throw new Failure(
      'Usage',
      `--ceiling ${text} is no class with a count.`,
      `Write one of ${CEILING_CLASSES.join(', ')}, = and a whole number.`,
    );
  });
  const raises = option(given, 'claimedRaises');
  const claimed = raises === undefined ? {} : { raises: countOf('--claimed-raises', raises) };
  return { ...Object.fromEntries(counts), ...claimed };
}

/** Throws Failure. */
function countOf(flag: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Failure('Usage', `${flag} ${text} is no count.`, 'Name a whole number.');
}
