import { describe, expect, it } from 'vitest';
import { failedStatusOf, failureOf } from '#controllers/organization/pass-failure.ts';
import { EngineError } from '#engine/pass-types.ts';
import { ProviderError, type ProviderErrorClass } from '#provider/provider.ts';
import { NOW, ORGANIZATION, said } from './pass.ts';

const signal = new AbortController().signal;

function refusedBy(provider: ProviderErrorClass, code: string) {
  return failureOf(new ProviderError({ class: provider, code, publicMessage: 'In words.' }), signal);
}

describe('a pass that failed', () => {
  it.each([
    ['Transient', 'Unreachable', 'Transient'],
    ['RateLimited', 'RateLimited', 'RateLimited'],
    ['Auth', 'Unauthorized', 'Auth'],
    ['Conflict', 'LeaseLost', 'Conflict'],
    ['Refused', 'Invalid', 'Terminal'],
    ['Gone', 'VaultNotFound', 'Terminal'],
  ] as const)('takes an error of the vault of class %s (%s) for %s', (provider, code, expected) => {
    expect(refusedBy(provider, code)).toMatchObject({ class: expected, reason: code });
  });

  it('takes what the engine cannot read for Terminal, and anything during shutdown for Aborted', () => {
    const invalid = new EngineError('InvalidSpec', 'spec.rails is wrong.', 'Correct it.');
    expect(failureOf(invalid, signal)).toMatchObject({
      class: 'Terminal',
      publicMessage: 'spec.rails is wrong. Correct it.',
    });
    expect(failureOf(new Error('x'), AbortSignal.abort()).class).toBe('Aborted');
  });

  it('leaves the status alone until the third transient failure in a row', () => {
    const failure = refusedBy('Transient', 'Sealed');
    expect(failedStatusOf(ORGANIZATION, failure, 0, NOW)).toBeNull();
    expect(failedStatusOf(ORGANIZATION, failure, 1, NOW)).toBeNull();
    expect(said(failedStatusOf(ORGANIZATION, failure, 2, NOW)?.conditions ?? [])).toEqual([
      'Connected=False/Sealed',
      'Ready=False/Sealed',
      'Reconciling=True/Sealed',
    ]);
  });

  it('leaves it to the time since the last answer to say that a vault which answered does not any more', () => {
    const failure = refusedBy('Transient', 'Unreachable');
    const failedAfter = (status: string, reason: string) =>
      failedStatusOf(
        { ...ORGANIZATION, status: { conditions: [{ type: 'Connected', status, reason, message: '' }] } },
        failure,
        9,
        NOW,
      );
    expect(failedAfter('True', 'Succeeded')).toBeNull();
    expect(failedAfter('Unknown', 'Unreachable')).toBeNull();
    expect(failedAfter('False', 'Unreachable')).toBeNull();
    // It never answered by these credentials: there is no last answer to wait from.
    for (const status of [
      failedStatusOf(ORGANIZATION, failure, 2, NOW),
      failedAfter('False', 'CredentialsMissing'),
    ])
      expect(said(status?.conditions ?? [])).toContain('Connected=False/Unreachable');
  });

  it('stalls at once where somebody must act, and forgets nothing that the status told', () => {
    const known = { counts: { members: 3 }, auditHead: { sequence: 7 } };
    const status = failedStatusOf(
      { ...ORGANIZATION, status: known },
      refusedBy('Auth', 'Unauthorized'),
      0,
      NOW,
    );
    expect(said(status?.conditions ?? [])).toEqual([
      'Connected=False/Unauthorized',
      'Ready=False/Unauthorized',
      'Stalled=True/Unauthorized',
    ]);
    expect(status).toMatchObject(known);
  });

  it('says nothing of a conflict, a limit or a shutdown', () => {
    for (const failure of [
      refusedBy('Conflict', 'LeaseLost'),
      refusedBy('RateLimited', 'RateLimited'),
      failureOf(new Error('x'), AbortSignal.abort()),
    ])
      expect(failedStatusOf(ORGANIZATION, failure, 9, NOW)).toBeNull();
  });
});
