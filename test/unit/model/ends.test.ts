import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessWhenActive, cellUntil, type EffectiveAccess, effectiveAccess } from '#model/access.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { Group, Member, MemberAccess, OrganizationState } from '#model/organization.ts';
import { toRotate } from '#model/rotation.ts';
import { arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { HOUR, NOW } from '#test/builders/organization.ts';

const END = NOW + HOUR;
const PLAIN: MemberAccess = { role: 'Member', template: null, projectScope: null, grants: [] };
const ALERTS = { capabilities: { Alerts: ['View', 'Manage'] }, projectScope: 'All' } as const;

/** Cells with the place that they are held in, sorted. */
function cellsOf({ vault, allProjects, projects }: EffectiveAccess): string[] {
  return [
    ...[...vault.keys()],
    ...[...allProjects.keys()].map((cell) => `${cell} everywhere`),
    ...[...projects].flatMap(([project, cells]) => [...cells.keys()].map((cell) => `${cell} in ${project}`)),
  ].sort();
}

function accessAt(state: OrganizationState, member: Member, now: number): EffectiveAccess {
  const template = (name: string) => state.templates.find((one) => one.name === name);
  return effectiveAccess(member, template, groupGrantsOf(state.groups, member.email), now);
}

/** The same person without what ended by then: as if it had been taken away. */
function withoutEnded(member: Member, now: number): Member {
  const isOver = (end: number | undefined) => end !== undefined && end <= now;
  return {
    ...member,
    state: isOver(member.expiresAt) ? 'Suspended' : member.state,
    template: isOver(member.templateExpiresAt) ? null : member.template,
    grants: member.grants.filter(({ expiresAt }) => !isOver(expiresAt)),
  };
}

function groupsWithoutEnded(groups: readonly Group[], now: number): Group[] {
  return groups.map((group) => ({
    ...group,
    members: group.members.filter(
      (email) => !(group.ends ?? []).some((end) => end.member === email && end.expiresAt <= now),
    ),
    grants: group.grants.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now),
  }));
}

const moments = fc.constantFrom(
  ...[NOW - HOUR, NOW + HOUR, NOW + 48 * HOUR].flatMap((end) => [end - 1, end, end + 1]),
);

describe('access that ends (M5)', () => {
  it('is held until the moment of its end, and not at it, whatever gives it', () => {
    const whenActive = (member: MemberAccess, groups: readonly Group[], now: number) =>
      accessWhenActive(member, () => ALERTS, groupGrantsOf(groups, 'bob'), now);
    const group: Group = {
      id: '',
      description: '',
      name: 'ops',
      members: ['bob'],
      grants: [{ project: 'web', access: 'Read' }],
    };
    const ways: [MemberAccess, Group[]][] = [
      [{ ...PLAIN, role: 'Admin', expiresAt: END }, []],
      [{ ...PLAIN, template: 't', templateExpiresAt: END }, []],
      [{ ...PLAIN, grants: [{ project: 'web', access: 'Write', expiresAt: END }] }, []],
      [PLAIN, [{ ...group, ends: [{ member: 'bob', expiresAt: END }] }]],
      [PLAIN, [{ ...group, grants: [{ project: 'web', access: 'Read', expiresAt: END }] }]],
    ];
    const plain = cellsOf(whenActive(PLAIN, [], NOW)).length;
    for (const [member, groups] of ways) {
      expect(cellsOf(whenActive(member, groups, END - 1)).length).toBeGreaterThan(plain);
      expect(cellsOf(whenActive(member, groups, END)).length).toBeLessThanOrEqual(plain);
    }
    expect(cellsOf(whenActive({ ...PLAIN, role: 'Admin', expiresAt: END }, [], END))).toEqual([]);
  });

  it('at any time is the access without what ended before', () => {
    fc.assert(
      fc.property(arbitraryOrganization, moments, (state, now) => {
        const without = { ...state, groups: groupsWithoutEnded(state.groups, now) };
        for (const member of state.members) {
          const access = accessAt(state, member, now);
          expect(cellsOf(access)).toEqual(cellsOf(accessAt(without, withoutEnded(member, now), now)));
        }
      }),
    );
  });

  it('is back when a clock that was wrong is put right, and never grows as time passes', () => {
    fc.assert(
      fc.property(arbitraryOrganization, moments, moments, (state, one, other) => {
        const [right, wrong] = [Math.min(one, other), Math.max(one, other)];
        for (const member of state.members) {
          const before = cellsOf(accessAt(state, member, right));
          expect(before).toEqual(expect.arrayContaining(cellsOf(accessAt(state, member, wrong))));
          expect(cellsOf(accessAt(state, member, right))).toEqual(before);
        }
      }),
    );
  });

  it('is held until the latest of its paths, each until the earliest end on it', () => {
    const member: MemberAccess = {
      ...PLAIN,
      expiresAt: NOW + 5 * HOUR,
      grants: [{ project: 'web', access: 'Read', expiresAt: NOW + HOUR }],
    };
    const byGroup = [{ group: 'ops', project: 'web', access: 'Read', expiresAt: NOW + 9 * HOUR }] as const;
    const access = accessWhenActive(member, () => undefined, byGroup, NOW);
    expect(
      access.projects
        .get('web')
        ?.get('Secrets: View')
        ?.map(({ expiresAt }) => expiresAt),
    ).toEqual([NOW + HOUR, NOW + 5 * HOUR]);
    expect(cellUntil(access, 'Secrets: View', 'web')).toBe(NOW + 5 * HOUR);
    expect(cellUntil(access, 'Secrets: View', 'api')).toBe(0);
  });

  it('is reckoned with in what should be rotated: it was held before (M2)', () => {
    const basis = { templates: [], groups: [], machines: [], secrets: [{ project: 'web', name: 'key' }] };
    const grants = [{ project: 'web', access: 'Write', expiresAt: 1 }] as const;
    expect(toRotate(basis, 'bob', { ...PLAIN, expiresAt: 1, grants }).rotate).toEqual(['web/key']);
  });
});
