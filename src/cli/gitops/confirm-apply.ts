/** The question before an apply, for whoever is at a terminal and has just seen the plan. */
import { isTerminal, TERMINAL, type Terminal, withTypedLines } from '../terminal/typed-lines.ts';

/** Whether so many steps run. Throws Interruption. */
export type ConfirmApply = (steps: number) => Promise<boolean>;

export interface ConfirmingOptions {
  /** `--yes`. */
  readonly yes?: boolean;
  /** A plan that was reviewed is not asked about once more. */
  readonly plan?: string;
  readonly output: string;
}

/** Asks where text is printed and somebody is at a terminal: never in a pipe, nor what was reviewed. */
export function confirmingAtTerminal(
  { yes, plan, output }: ConfirmingOptions,
  terminal: Terminal = TERMINAL,
): ConfirmApply {
  return async (steps) => {
    if (yes === true || plan !== undefined || output !== 'text' || !isTerminal(terminal)) return true;
    const question = `Apply ${steps === 1 ? 'this step' : `these ${steps} steps`}? [y/N] `;
    const answer = await withTypedLines(terminal, (ask) => ask(question, 'shown'));
    return /^(?:y|yes)$/i.test(answer?.trim() ?? '');
  };
}
