import { describe, expect, it } from 'vitest';
import { DEFAULT_RULE, isAbout } from '#vault/alerts/matching.ts';

describe('an alert rule', () => {
  const rule = { enabled: true, actions: ['member.removed', 'machine.*'], actors: null };

  it('is about the actions that it names, and those below a prefix', () => {
    const met = [
      'member.removed',
      'machine.registered',
      'machine.key-added',
      'member.removed-twice',
      'machines',
      'machine',
    ];
    expect(met.map((action) => isAbout(rule, action, 'member'))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(isAbout({ ...rule, actions: ['*'] }, 'anything.at-all', 'system')).toBe(true);
  });

  it('is about the actors that it names, and about nothing while it is off', () => {
    const of = { ...rule, actors: ['automation'] as const };
    expect([isAbout(of, 'member.removed', 'automation'), isAbout(of, 'member.removed', 'member')]).toEqual([
      true,
      false,
    ]);
    expect(isAbout({ ...rule, enabled: false }, 'member.removed', 'member')).toBe(false);
  });

  it('there from the beginning tells the owner what automation gives to machines (V4)', () => {
    expect(DEFAULT_RULE.roles).toEqual(['Owner']);
    const told = ['machine.registered', 'machine.access-set', 'machine.revoked', 'member.invited'];
    expect(told.map((action) => isAbout(DEFAULT_RULE, action, 'automation'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isAbout(DEFAULT_RULE, 'machine.access-set', 'member')).toBe(false);
  });
});
