/** What came of the steps, for people. */
export interface StepResult {
  readonly hash: string;
  readonly kind: string;
  readonly key: string;
  readonly status: 'Done' | 'Refused' | 'Failed';
  readonly code?: string;
  readonly message?: string;
  readonly next?: string;
}

/** A line for each step that was sent, and how many were done; none where none was. */
export function appliedLines(results: readonly StepResult[]): readonly string[] {
  if (results.length === 0) return [];
  const lines = results.flatMap(({ kind, key, status, code, message, next }) =>
    status === 'Done'
      ? [`done ${kind} ${key}`]
      : [
          `${status.toLowerCase()} ${kind} ${key}: ${code === undefined ? '' : `${code}: `}${message ?? ''}`,
          ...(next === undefined ? [] : [`  next: ${next}`]),
        ],
  );
  const done = results.filter(({ status }) => status === 'Done').length;
  const others = results.length - done;
  return ['', ...lines, '', `${done} done${others > 0 ? `, ${others} not` : ''}.`];
}
