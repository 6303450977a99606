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

export function appliedText(results: readonly StepResult[]): string {
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
  return ['', ...lines, '', `${done} done${others > 0 ? `, ${others} not` : ''}.`].join('\n');
}
