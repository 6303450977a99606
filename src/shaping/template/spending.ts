/** What one rendering may spend. Counted, never timed: the same template and values end in the same way on any machine. */

/** Characters that filters, operators, ranges and output take together. */
const MOST_WORK = 16 << 20;
/** Nodes that are rendered, turns of loops included. */
const MOST_STEPS = 50_000;
/** Characters of the result; a Secret holds no more bytes. */
export const LONGEST_RESULT = 1 << 20;

/** A template that asks for more than it may have; the message is for its author, and has no value in it. */
export class OverBudget extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'OverBudget';
  }
}

export class Budget {
  #work = MOST_WORK;
  #steps = MOST_STEPS;

  /** Called before the work is done. @throws OverBudget */
  spend(characters: number): void {
    this.#work -= characters;
    if (!(this.#work >= 0))
      throw new OverBudget('handles too much text; at most 16 million characters in all');
  }

  /** @throws OverBudget */
  step(): void {
    this.#steps -= 1;
    if (this.#steps < 0) throw new OverBudget(`takes too many steps; at most ${MOST_STEPS}`);
  }
}
