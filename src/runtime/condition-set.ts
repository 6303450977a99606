/** `metav1.Condition`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration?: number;
  /** RFC 3339, seconds. */
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export interface ConditionInput {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What an object as a whole is, in kstatus's words; `ready` has neither Reconciling nor Stalled. */
export type Readiness = 'ready' | 'reconciling' | 'stalled';

/** Messages are cut here: the API server refuses longer ones (32,768), and nobody reads them. */
const MESSAGE_LIMIT = 1_024;

/**
 * Sets one condition. `lastTransitionTime` moves only when the status does, so that an unchanged
 * state gives an equal list. Sorted by type.
 */
export function setCondition(
  conditions: readonly Condition[],
  input: ConditionInput,
  at: { generation: number | undefined; now: number },
): Condition[] {
  const previous = conditions.find((condition) => condition.type === input.type);
  const next: Condition = {
    type: input.type,
    status: input.status,
    ...(at.generation === undefined ? {} : { observedGeneration: at.generation }),
    lastTransitionTime:
      previous !== undefined && previous.status === input.status
        ? previous.lastTransitionTime
        : new Date(at.now).toISOString().replace(/\.\d+Z$/, 'Z'),
    reason: input.reason,
    message:
      input.message.length > MESSAGE_LIMIT ? `${input.message.slice(0, MESSAGE_LIMIT - 1)}…` : input.message,
  };
  return [...conditions.filter((condition) => condition.type !== input.type), next].sort((a, b) =>
    a.type < b.type ? -1 : 1,
  );
}

export function removeCondition(conditions: readonly Condition[], type: string): Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

/**
 * Sets Ready, and Reconciling or Stalled beside it, by kstatus's rules: never both, and a condition
 * that does not hold is removed and not `False`, because kstatus looks at Reconciling first, then
 * Stalled, then Ready.
 */
export function setReadiness(
  conditions: readonly Condition[],
  readiness: Readiness,
  why: { reason: string; message: string },
  at: { generation: number | undefined; now: number },
): Condition[] {
  const bare = removeCondition(removeCondition(conditions, 'Reconciling'), 'Stalled');
  const previous = (type: string) => conditions.filter((condition) => condition.type === type);
  const ready = setCondition(
    bare,
    { type: 'Ready', status: readiness === 'ready' ? 'True' : 'False', ...why },
    at,
  );
  if (readiness === 'ready') return ready;
  const type = readiness === 'reconciling' ? 'Reconciling' : 'Stalled';
  return setCondition([...ready, ...previous(type)], { type, status: 'True', ...why }, at);
}

/**
 * While nothing is looked at because somebody said so: Ready and Stalled keep what they were (Unknown where nobody ever
 * looked), nothing is under way, and `Suspended` says it beside them.
 */
export function setSuspended(
  conditions: readonly Condition[],
  message: string,
  at: { generation: number | undefined; now: number },
): Condition[] {
  const why = { reason: SUSPENDED, message };
  const suspended = setCondition(
    removeCondition(conditions, 'Reconciling'),
    { type: SUSPENDED, status: 'True', ...why },
    at,
  );
  return suspended.some(({ type }) => type === 'Ready')
    ? suspended
    : setCondition(suspended, { type: 'Ready', status: 'Unknown', ...why }, at);
}

/** The list of something that is looked at again. */
export function withoutSuspended(conditions: readonly Condition[]): Condition[] {
  return removeCondition(conditions, SUSPENDED);
}

const SUSPENDED = 'Suspended';

/** True if the two lists say the same, in whatever order. */
export function sameConditions(a: readonly Condition[], b: readonly Condition[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((left) => {
    const right = b.find((condition) => condition.type === left.type);
    return (
      right !== undefined &&
      left.status === right.status &&
      left.reason === right.reason &&
      left.message === right.message &&
      left.observedGeneration === right.observedGeneration &&
      left.lastTransitionTime === right.lastTransitionTime
    );
  });
}
