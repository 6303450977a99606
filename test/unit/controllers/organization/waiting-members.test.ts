import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { effectiveAccess } from '#model/access.ts';
import { desired, desiredMember, member, memberObject, NOW, objects, outcome, said, state } from './pass.ts';

const LAPSED = Date.UTC(2026, 0, 1);

function statusesWith(observed: ReturnType<typeof state>) {
  const patches = statusesOf(
    objects({ members: [memberObject('alice')] }),
    desired({ members: [desiredMember('alice')] }),
    outcome(observed),
    NOW,
  );
  const of = (kind: string) => patches.find((patch) => patch.kind === kind)?.status.conditions ?? [];
  return { member: of('Member'), organization: of('Organization') };
}

describe('a member who awaits something', () => {
  it.each([
    ['Reacceptance', 'O5'],
    ['Confirmation', 'I4'],
  ] as const)('is Ready, has not joined while %s is pending (%s), and has no access', (awaits, _rule) => {
    const alice = member('alice', { state: 'Active', awaits });
    const { member: conditions } = statusesWith(state({ members: [alice] }));
    expect(said(conditions)).toEqual([
      `Joined=False/${awaits}Pending`,
      'Ready=True/Succeeded',
      'SuspensionMatches=True/Succeeded',
      'TemplateBound=True/NoTemplate',
    ]);
    expect(effectiveAccess(alice, () => undefined, [], NOW).vault.size).toBe(0);
    expect(effectiveAccess(member('alice'), () => undefined, [], NOW).vault.size).toBeGreaterThan(0);
  });
});

describe('an organization whose plan lapsed (P4)', () => {
  it('says so in its status, with where to pay', () => {
    const { plan } = state();
    const { organization } = statusesWith(
      state({ members: [member('alice')], plan: { ...plan, lapsedAt: LAPSED } }),
    );
    expect(said(organization)).toContain('SeatsAvailable=False/PlanLapsed');
    const message = organization.find(({ type }) => type === 'SeatsAvailable')?.message;
    expect(message).toContain('2026-01-01T00:00:00Z');
    expect(message).toContain(plan.billingUrl);
  });
});
