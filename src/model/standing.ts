/** How something that is open stands: it is not as declared, or nobody declares it. */
export const STANDINGS = {
  Refused: 'It cannot be done as it is declared, or there is no room for it.',
  ReferenceMissing: 'It names something that is not there, neither declared nor in the vault.',
  Expired: 'It ended unanswered, and goes on when what is declared changes.',
  Failed: 'It was tried and did not succeed; the next run tries again.',
  Held: 'A rail keeps it, or an approval is missing.',
  CutByPerson: 'A person cut it in the vault, and Git declares it all the same (rail 7).',
  Queued: 'It waits for its turn in a budget of the delegation.',
  UnderWay: 'It runs with the next pass, or with `apply`.',
  LeftToOperator: 'Only a cluster can do it.',
  WaitingForPerson: 'A person has to answer, or to bring a value; nobody here can hurry them.',
  Scheduled: 'It is declared no longer, and ends by itself at a time that is known.',
  Drifted: 'A person changed it in the vault; the step that puts it back stands beside it.',
  Foreign: 'It is in the vault and nobody declares it; it is left alone (rail 11).',
} as const;

export type Standing = keyof typeof STANDINGS;

/** In the order in which they are told. */
export const IN_ORDER = Object.keys(STANDINGS) as readonly Standing[];

/** Nobody here can hurry them: they are named and counted, and a run leaves 0. */
const RESTING = ['LeftToOperator', 'WaitingForPerson', 'Scheduled', 'Drifted', 'Foreign'] as const;
export type Resting = (typeof RESTING)[number];

export function isResting(standing: Standing): standing is Resting {
  return (RESTING as readonly Standing[]).includes(standing);
}

/** A standing as a key of JSON: `waitingForPerson`. */
export type OpenKey = Uncapitalize<Standing>;

export function openKeyOf(standing: Standing): OpenKey {
  return `${standing.charAt(0).toLowerCase()}${standing.slice(1)}` as OpenKey;
}
