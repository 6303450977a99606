import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS } from '#vault/act/audit-actions.ts';
import { unknownAction } from '#vault/alerts/unknown-action.ts';

describe('an action of an alert rule', () => {
  it('is known by its name, by a prefix that something begins with, and as all of them', () => {
    const known = [...Object.keys(AUDIT_ACTIONS), 'member.*', 'ip-allowlist.*', '*'];
    expect(known.filter((action) => unknownAction(action) !== null)).toEqual([]);
  });

  it('that no entry has is told with the one that is a slip away', () => {
    expect(unknownAction('member.suspendet')).toBe(
      'No entry of the audit log has the action member.suspendet: did you mean member.suspended?',
    );
    expect(unknownAction('machin.*')).toContain('did you mean machine.*?');
  });

  it('that no entry has is told with those of its noun, else with the nouns', () => {
    expect(unknownAction('policy.changed')).toContain(': of policy there are policy.removed, policy.set.');
    expect(unknownAction('policy.removed.*')).toContain('did you mean policy.removed?');
    expect(unknownAction('login')).toMatch(/: they begin with access, alert-rule, .*, vault\.$/);
  });
});
