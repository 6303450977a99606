/** What the command line answers to the shell; docs/exit-codes.md is made from this table. */
interface ExitCodeDefinition {
  readonly code: number;
  readonly meaning: string;
  /** What a pipeline does about it. */
  readonly next: string;
}

const definitions = {
  Done: {
    code: 0,
    meaning:
      'Done, or nothing to change. Invites that are out, values that nobody set, what is foreign and what is left to the operator are counted in the last line.',
    next: 'Nothing.',
  },
  Error: {
    code: 1,
    meaning:
      'An error: the vault does not answer, does not take the credentials, or something unforeseen; `verify`: what was looked at is not whole.',
    next: 'Read the message; run again where it says so. What was applied before the error stays applied.',
  },
  ChangesPending: {
    code: 2,
    meaning:
      'There are changes to apply: of a plan, of a folder that `import` wrote, or what the reviewed plan of `apply --plan` did not have.',
    next: 'Review them, then `seneschal apply FOLDER`.',
  },
  Held: {
    code: 3,
    meaning:
      'A rail holds steps or has them wait for their turn, or a person cut in the vault what Git declares; the last line says which. Everything else is planned or applied.',
    next: 'Approve the digest that is printed, or change what is declared; `--accept cuts` takes what people cut as it is.',
  },
  StalePlan: {
    code: 4,
    meaning:
      '`apply --plan`: the vault is no longer as the reviewed plan found it, or the file was edited; nothing was applied.',
    next: 'Make a new plan and review it.',
  },
  PartlyApplied: {
    code: 5,
    meaning:
      'Something declared cannot be done: refused, no seat, no such reference. Each says why; everything else is planned or applied.',
    next: 'Read the message of each, correct it and apply again.',
  },
  InvalidConfiguration: {
    code: 6,
    meaning:
      'The folder is not a valid configuration: file, line and column are printed; nothing was applied.',
    next: 'Correct the files.',
  },
  SourceNotTrusted: {
    code: 7,
    meaning: 'The source is not trusted: it lies behind a symbolic link; nothing was applied.',
    next: 'Put files in place of the links.',
  },
  Usage: {
    code: 64,
    meaning: 'The command, an option or an argument is wrong.',
    next: 'See `seneschal help`.',
  },
  Interrupted: {
    code: 130,
    meaning: 'Interrupted; the call in flight was finished.',
    next: 'Run again: what is done already is not done twice.',
  },
} as const satisfies Record<string, ExitCodeDefinition>;

export type CommandOutcome = keyof typeof definitions;

export const EXIT_CODES: Readonly<Record<CommandOutcome, ExitCodeDefinition>> = definitions;

/** Where several apply, the first of these counts (design §9). */
const PRIORITY: readonly CommandOutcome[] = [
  'Usage',
  'Interrupted',
  'InvalidConfiguration',
  'SourceNotTrusted',
  'StalePlan',
  'Error',
  'PartlyApplied',
  'Held',
  'ChangesPending',
  'Done',
];

/** The exit code of all that came out of a run. */
export function exitCode(outcomes: Iterable<CommandOutcome>): number {
  const all = new Set(outcomes);
  const first = PRIORITY.find((outcome) => all.has(outcome)) ?? 'Done';
  return EXIT_CODES[first].code;
}

/** docs/exit-codes.md. */
export function exitCodesPage(): string {
  const rows = Object.values(EXIT_CODES).map(
    ({ code, meaning, next }) => `| ${code} | ${meaning} | ${next} |`,
  );
  const order = PRIORITY.map((outcome) => EXIT_CODES[outcome].code).filter((code) => code > 0 && code < 64);
  return [
    '# Exit codes',
    '',
    '<!-- Generated from src/cli/terminal/exit-codes.ts by scripts/exit-codes.ts. -->',
    '',
    '| code | meaning | next step |',
    '|---|---|---|',
    ...rows,
    '',
    `Where several apply, the first in this order counts: ${order.join(', ')}.`,
    '',
  ].join('\n');
}
