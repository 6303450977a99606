/** What is open, in one line: counted by standing, with the rails and the reasons. */
import { IN_ORDER, type Standing } from '#model/standing.ts';
import type { OpenItem, WhatIsOpen } from './open.ts';

const SAID: Readonly<Record<Standing, string>> = {
  Refused: 'refused',
  ReferenceMissing: 'naming what is not there',
  Expired: 'expired',
  Failed: 'not done',
  Held: 'held',
  CutByPerson: 'cut by people',
  Queued: 'waiting for their turn',
  UnderWay: 'to apply',
  LeftToOperator: 'left to the operator',
  WaitingForPerson: 'waiting for a person',
  Scheduled: 'ending by themselves',
  Drifted: 'changed by people',
  Foreign: 'foreign',
};

/** These say no more than the word of their standing. */
const PLAIN: ReadonlySet<string> = new Set(['Progressing', 'ReinstateNeeded', 'Drift', 'Foreign']);

/** `2 to apply, 1 held (rail 1: LossBudget), 3 foreign`; empty where nothing is open. */
export function openText({ items, counts }: WhatIsOpen): string {
  return IN_ORDER.flatMap((standing) => {
    const count = counts[standing] ?? 0;
    if (count === 0) return [];
    const reasons = new Set(items.filter((item) => item.standing === standing).flatMap(reasonsOf));
    const why = reasons.size === 0 ? '' : ` (${[...reasons].join(', ')})`;
    return [`${count} ${SAID[standing]}${why}`];
  }).join(', ');
}

function reasonsOf({ reason, hold }: OpenItem): readonly string[] {
  if (PLAIN.has(reason)) return [];
  return [hold === null ? reason : `rail ${hold.rail}: ${reason}`];
}
