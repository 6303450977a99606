import type { WhatIsOpen } from '#engine/open.ts';
import { isResting, type Resting, type Standing } from '#model/standing.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';

/** What is taken as it is: a pipeline need not be red for a month because somebody declined. */
export type Accepted = 'cuts';

type Hurried = Exclude<Standing, Resting>;

/** What each standing comes to; what is at rest leaves 0. */
const OUTCOMES: Readonly<Record<Hurried, CommandOutcome>> = {
  Refused: 'PartlyApplied',
  ReferenceMissing: 'PartlyApplied',
  Expired: 'PartlyApplied',
  Failed: 'PartlyApplied',
  Held: 'Held',
  CutByPerson: 'Held',
  Queued: 'Held',
  UnderWay: 'ChangesPending',
};

/** What a run comes to that leaves this open. */
export function outcomeOf(standing: Standing): CommandOutcome {
  return isResting(standing) ? 'Done' : OUTCOMES[standing];
}

/** What a plan or an apply comes to, by what is open; empty: it is done. */
export function outcomesOf({ counts }: WhatIsOpen, accepted?: Accepted): CommandOutcome[] {
  return (Object.keys(counts) as Standing[])
    .filter((standing) => standing !== 'CutByPerson' || accepted !== 'cuts')
    .map(outcomeOf)
    .filter((outcome) => outcome !== 'Done');
}
