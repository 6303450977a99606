import { expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { desired, desiredMember, member, memberObject, NOW, objects, outcome, said, state } from './pass.ts';

const statusAt = (now: number, end: { readonly expiresAt?: number; readonly templateExpiresAt?: number }) => {
  const declared = desiredMember('alice', 'dev');
  const patches = statusesOf(
    objects({ members: [memberObject('alice')] }),
    desired({ members: [{ ...declared, member: { ...declared.member, ...end } }] }),
    outcome(state({ members: [member('alice', { template: 'dev', ...end })] })),
    now,
  );
  return patches.find(({ kind }) => kind === 'Member')?.status as unknown as {
    readonly state: string;
    readonly conditions: (Parameters<typeof said>[0][number] & { readonly message: string })[];
  };
};

it('a Member is shown as Ended from its end on, and stays Ready (M5)', () => {
  expect(statusAt(NOW - 1, { expiresAt: NOW }).state).toBe('Active');
  const { state: shown, conditions } = statusAt(NOW, { expiresAt: NOW });
  expect(shown).toBe('Ended');
  expect(said(conditions)).toContain('Ready=True/Succeeded');
  expect(said(conditions)).toContain('TemplateBound=False/Ended');
  expect(conditions.find(({ type }) => type === 'Ready')?.message).toBe(
    'Ended at 2026-01-02T03:04:05Z, as declared.',
  );
});

it('a Member whose template alone has ended is Active, and bound to it no more (M5)', () => {
  const { state: shown, conditions } = statusAt(NOW, { templateExpiresAt: NOW });
  expect(shown).toBe('Active');
  expect(said(conditions)).toContain('TemplateBound=False/Ended');
  expect(said(statusAt(NOW - 1, { templateExpiresAt: NOW }).conditions)).toContain(
    'TemplateBound=True/Succeeded',
  );
});
