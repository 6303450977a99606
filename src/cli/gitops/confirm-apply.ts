/** The question before an apply, for whoever is at a terminal and has just seen the plan. */
import { isTerminal, TERMINAL, type Terminal, withTypedLines } from '../terminal/typed-lines.ts';

/** Whether so many steps run. Throws Interruption. Null: nobody is asked, and all of them run. */
export type ConfirmApply = ((steps: number) => Promise<boolean>) | null;

export interface ConfirmingOptions {
  /** `--yes`. */
  readonly yes?: boolean;
  /** A plan that was reviewed is not asked about once more. */
  readonly plan?: string;
  readonly output: string;
}

/** A question where text is printed and somebody is at a terminal: never in a pipe, nor of what was reviewed. */
export function confirmingAtTerminal(
  { yes, plan, output }: ConfirmingOptions,
  terminal: Terminal = TERMINAL,
): ConfirmApply {
  if (yes === true || plan !== undefined || output !== 'text' || !isTerminal(terminal)) return null;
  return async (steps) => {
    const question = `Apply ${steps === 1 ? 'this step' : `these ${steps} steps`}? [y/N] `;
    const answer = await withTypedLines(terminal, (ask) => ask(question, 'shown'));
    return /^(?:y|yes)$/i.test(answer?.trim() ?? '');
  };
}
