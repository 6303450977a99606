import { expect, test } from 'vitest';
import { KubeError } from '#kube/kube.ts';
import { BugError, classify, RUNTIME_REASONS, TerminalError } from '#runtime/runtime.ts';

const of = (code: number, reason: string, more: { retryAfterMs?: number } = {}) =>
  new KubeError({ verb: 'get', resource: 'things', namespace: 'n', name: 'x' }, { code, reason, ...more });

test.each([
  [of(401, 'Unauthorized'), 'Auth', 'KubernetesUnauthorized'],
  [of(0, 'CredentialsError'), 'Auth', 'KubernetesUnauthorized'],
  [of(403, 'Forbidden'), 'Auth', 'KubernetesForbidden'],
  [of(404, 'NotFound'), 'Transient', 'KubernetesUnavailable'],
  [of(409, 'Conflict'), 'Conflict', 'KubernetesConflict'],
  [of(409, 'AlreadyExists'), 'Conflict', 'KubernetesConflict'],
  [of(422, 'Invalid'), 'Terminal', 'KubernetesInvalid'],
  [of(429, 'TooManyRequests', { retryAfterMs: 5_000 }), 'RateLimited', 'KubernetesRateLimited'],
  [of(500, 'InternalError'), 'Transient', 'KubernetesUnavailable'],
  [of(0, 'NetworkError'), 'Transient', 'KubernetesUnavailable'],
  [of(0, 'RequestTimeout'), 'Transient', 'KubernetesUnavailable'],
  [of(0, 'Aborted'), 'Aborted', 'Aborted'],
] as const)('%s is %s with the reason %s, which the table explains', (error, errorClass, reason) => {
  const classified = classify(error);
  expect([classified.class, classified.reason]).toEqual([errorClass, reason]);
  expect(RUNTIME_REASONS[reason].length).toBeGreaterThan(10);
});

test('an error of ours stays what it is; anything else is a bug whose message is not shown', () => {
  const ours = new TerminalError('Wrong', 'the spec is wrong');
  expect(classify(ours)).toBe(ours);
  const bug = classify(new Error('token=hunter2'));
  expect(bug).toBeInstanceOf(BugError);
  expect(bug.publicMessage).not.toContain('hunter2');
  expect(bug.message).not.toContain('hunter2');
});
