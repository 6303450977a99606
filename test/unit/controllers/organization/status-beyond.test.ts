import { expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { desired, NOW, objects, outcome, patchOf, state } from './pass.ts';

it('lists what the vault has beyond the declaration', () => {
  const foreign = (message: string) =>
    ({
      subject: { kind: 'Organization', key: 'vault_0123456789abcdef' },
      source: null,
      reason: 'Foreign',
      severity: 'Info',
      message,
      next: 'Declare them to manage them from here.',
    }) as const;
  const findings = ['1 project not declared, and left alone: Main.', '1 machine not declared: ci.'].map(
    foreign,
  );
  const { status } = patchOf(
    statusesOf(objects(), desired(), outcome(state(), { findings }), NOW),
    'Organization',
  );
  expect(status.conditions.find(({ type }) => type === 'Drifted')).toMatchObject({
    status: 'True',
    reason: 'Foreign',
    message: '1 project not declared, and left alone: Main. 1 machine not declared: ci.',
  });
});
