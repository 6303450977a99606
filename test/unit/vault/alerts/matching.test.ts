import { describe, expect, it } from 'vitest';
import { type AlertRule, BUILT_IN_RULES, isAbout, toldNoMore, urgencyOf } from '#vault/alerts/matching.ts';

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

  it('there from the beginning tells the owner of what automation gives to machines and people (V4, rail 2)', () => {
    const told = (action: string, actor: 'automation' | 'member' = 'automation') =>
      BUILT_IN_RULES.filter((rule) => isAbout(rule, action, actor) && rule.roles.includes('Owner')).length;
    const gains = [
      'machine.registered',
      'machine.access-set',
      'machine.key-added',
      'automation.key-added-unproven',
      'automation.machine-granted',
      'member.invited',
      'member.access-set',
      'member.unsuspended',
      'invite.sent',
      'template.created',
      'template.updated',
      'group.created',
      'group.updated',
      'record.claimed',
      'record.released',
      'machine.enabled',
      'key.compromised',
      'organization.settings-applied',
      'organization.taken-over',
      'organization.renamed',
    ];
    expect(gains.map((action) => told(action))).toEqual(gains.map(() => 1));
    expect(gains.map((action) => told(action, 'member'))).toEqual(gains.map(() => 0));
    expect(told('machine.revoked')).toBe(0);
  });

  it('there from the beginning tells the owner to whom a person handed the lease (rail 10)', () => {
    const rules = BUILT_IN_RULES.filter((one) => isAbout(one, 'lease.handed-over', 'member'));
    expect(rules).toMatchObject([{ roles: ['Owner'] }]);
    expect(rules.map((one) => toldNoMore(one, { ...one, enabled: false }))).toEqual([['lease.handed-over']]);
  });
});

describe('a built-in rule that is changed', () => {
  const [rule] = BUILT_IN_RULES as [AlertRule];

  it('tells no more what it named before and names no longer', () => {
    const fewer = { ...rule, actions: ['machine.registered', 'automation.*'] };
    expect(toldNoMore(rule, fewer)).toEqual([
      'key.compromised',
      'machine.access-set',
      'machine.enabled',
      'machine.key-added',
    ]);
    expect(toldNoMore(fewer, rule)).toEqual([]);
  });

  it('tells nothing more while it is off, about others, or to others than the owner', () => {
    const all = rule.actions.toSorted();
    expect(toldNoMore(rule, { ...rule, enabled: false })).toEqual(all);
    expect(toldNoMore(rule, { ...rule, actors: ['member'] })).toEqual(all);
    expect(toldNoMore(rule, { ...rule, roles: ['Admin'] })).toEqual(all);
    expect(toldNoMore({ ...rule, enabled: false }, { ...rule, roles: ['Admin'] })).toEqual([]);
  });

  it('of any other name concerns nobody', () => {
    expect(toldNoMore({ ...rule, name: 'own' }, { ...rule, name: 'own', enabled: false })).toEqual([]);
  });
});

describe('what a mail says first of all', () => {
  it('is who is raised by what, that nothing vouches for a key, and that one is compromised', () => {
    const raised = [
      { who: 'ana@acme.example', raised: ['Admin', 'Machines: Manage'] },
      { who: 'bob@acme.example', raised: ['Admin'] },
    ];
    expect(urgencyOf({ action: 'member.access-set', details: { raised } })).toBe(
      'raises ana@acme.example: Admin, Machines: Manage; bob@acme.example: Admin',
    );
    expect(urgencyOf({ action: 'automation.key-added-unproven' })).toMatch(/vouches/);
    expect(urgencyOf({ action: 'key.compromised', details: { fingerprint: 'abc' } })).toMatch(/abc/);
    expect(urgencyOf({ action: 'member.access-set', details: {} })).toBeNull();
  });
});
