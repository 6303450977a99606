import { expect, test } from 'vitest';
import { Failure, failureOf } from '#cli/terminal/failure.ts';
import { EngineError } from '#engine/pass-types.ts';
import { ProviderError } from '#provider/provider.ts';

test('an error of the vault is shown by its public message, with the next step of its code', () => {
  const error = new ProviderError({ class: 'Auth', code: 'Unauthorized', publicMessage: 'No.' });
  expect(failureOf(error)).toMatchObject({
    outcome: 'Error',
    message: 'No.',
    next: expect.stringContaining('--credentials'),
  });
});

test('an Organization that cannot be read is an invalid configuration', () => {
  expect(failureOf(new EngineError('InvalidSpec', 'spec.vault: no', 'Correct it.'))).toMatchObject({
    outcome: 'InvalidConfiguration',
    message: 'spec.vault: no',
    next: 'Correct it.',
  });
});

test('what nobody foresaw shows its name and nothing of its text', () => {
  const failure = failureOf(new TypeError('swordfish'));
  expect(failure.message).toBe('Unforeseen: TypeError.');
  expect(failureOf('swordfish').message).toBe('Unforeseen: string.');
});

test('a failure stays what it is', () => {
  const failure = new Failure('Usage', 'a', 'b');
  expect(failureOf(failure)).toBe(failure);
});
