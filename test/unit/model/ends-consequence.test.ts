import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessWhenActive, type EffectiveAccess } from '#model/access.ts';
import { consequence } from '#model/consequence.ts';
import { groupGrantsOf } from '#model/groups.ts';
import type { MemberAccess, OrganizationState } from '#model/organization.ts';
import { belowFloor } from '#model/people-floor.ts';
import type { ActionOf, StepAction } from '#model/step.ts';
import { raiseBy, takenBack } from '#model/take-back.ts';
import { arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';

const BOB = 'bob@acme.example';
const EARLY = NOW + HOUR;
const LATE = NOW + 48 * HOUR;
const PAST = NOW - HOUR;

const access = (fields: Partial<MemberAccess> = {}): MemberAccess => ({
  role: 'Member',
  template: null,
  projectScope: null,
  grants: [],
  ...fields,
});
const change = (before: MemberAccess, after: MemberAccess): ActionOf<'SetMemberAccess'> => ({
  kind: 'SetMemberAccess',
  key: BOB,
  before,
  after,
});
const state = organization().project('web').template('viewers').member(BOB).build();
const judged = (before: MemberAccess, after: MemberAccess, of = state) =>
  consequence(of, change(before, after), NOW);
const PEOPLE = { class: 'people', units: 1 };
const ACCESS = { class: 'access', units: 1 };

describe('what an end takes and gives (M5, rail 1)', () => {
  it('is a loss of a person where that of a membership is added, is shortened or has passed', () => {
    const ends = [
      [access(), access({ expiresAt: LATE })],
      [access({ expiresAt: LATE }), access({ expiresAt: EARLY })],
      [access({ expiresAt: EARLY }), access({ expiresAt: PAST })],
    ] as const;
    for (const [before, after] of ends) {
      expect(judged(before, after)).toMatchObject({ loss: PEOPLE, gain: false });
      expect(judged(after, before)).toMatchObject({ loss: null, gain: true });
    }
  });

  it('is a loss of access where that of a template or a grant is', () => {
    const grant = { project: 'web', access: 'Write' } as const;
    const ends = [
      [access({ template: 'viewers' }), access({ template: 'viewers', templateExpiresAt: EARLY })],
      [access({ grants: [grant] }), access({ grants: [{ ...grant, expiresAt: EARLY }] })],
      [
        access({ grants: [{ ...grant, expiresAt: EARLY }] }),
        access({ grants: [{ ...grant, expiresAt: PAST }] }),
      ],
    ] as const;
    for (const [before, after] of ends) {
      expect(judged(before, after)).toMatchObject({ loss: ACCESS, gain: false });
      expect(judged(after, before)).toMatchObject({ loss: null, gain: true });
    }
  });

  it('is nothing where another path lasts as long', () => {
    const grants = [{ project: 'web', access: 'Read' }] as const;
    const grouped = organization().project('web').member(BOB, { grants }).group('ops', [BOB], grants).build();
    const ended = access({ grants: [{ project: 'web', access: 'Read', expiresAt: EARLY }] });
    expect(judged(access({ grants }), ended, grouped)).toEqual({ loss: null, gain: false, changes: [] });
  });

  it('is nothing once it has passed: who has ended leaves on no budget, and what has ended goes on none', () => {
    const gone = access({ expiresAt: PAST, grants: [{ project: 'web', access: 'Write' }] });
    const remove = {
      kind: 'RemoveMember',
      key: BOB,
      before: { ...gone, state: 'Active' },
      after: null,
    } as const;
    expect(consequence(state, remove, NOW)).toEqual({
      loss: { class: 'people', units: 0 },
      gain: false,
      changes: [],
    });
    expect(consequence(state, remove, PAST - 1).loss).toEqual(PEOPLE);
    const grants = [{ project: 'web', access: 'Write', expiresAt: PAST }] as const;
    expect(judged(access({ grants }), access()).loss).toBeNull();
  });

  it('says until when what is gained is held, and from when what is lost is not', () => {
    const grants = [{ project: 'web', access: 'Read', expiresAt: EARLY }] as const;
    const [gained] = judged(access(), access({ grants })).changes;
    const [lost] = judged(
      access({ grants: [{ project: 'web', access: 'Read' }] }),
      access({ grants }),
    ).changes;
    expect(gained).toMatchObject({ until: { 'Secrets: View in web': EARLY }, lost: [] });
    expect(lost).toMatchObject({ until: { 'Secrets: View in web': EARLY }, gained: [] });
  });

  it('is lost or gained exactly where there is a time at which it makes a difference', () => {
    // What holds in all projects holds in each of them too.
    const cells = ({ vault, allProjects, projects }: EffectiveAccess) =>
      new Set([
        ...vault.keys(),
        ...[...allProjects.keys()].map((cell) => `${cell} in all projects`),
        ...['billing', 'payments', 'web'].flatMap((project) =>
          [...(projects.get(project)?.keys() ?? []), ...allProjects.keys()].map(
            (cell) => `${cell} in ${project}`,
          ),
        ),
      ]);
    const times = [NOW, EARLY - 1, EARLY, LATE - 1, LATE, LATE + HOUR];
    const accessOver = (of: OrganizationState, member: MemberAccess) =>
      times.map((now) =>
        cells(
          accessWhenActive(
            member,
            (name) => of.templates.find((one) => one.name === name),
            groupGrantsOf(of.groups, BOB),
            now,
          ),
        ),
      );
    fc.assert(
      fc.property(arbitraryOrganization, fc.nat(), fc.nat(), (of, one, other) => {
        const before = of.members[one % of.members.length] ?? access();
        const after = of.members[other % of.members.length] ?? access();
        const { changes } = consequence(of, change(before, after), NOW);
        const [had, has] = [accessOver(of, before), accessOver(of, after)];
        const more = (a: Set<string>[], b: Set<string>[]) =>
          a.flatMap((held, index) => [...held].filter((cell) => b[index]?.has(cell) !== true));
        const isSame = (said: readonly string[] = [], found: readonly string[]) => {
          expect(found).toEqual(expect.arrayContaining([...said]));
          expect(said.length > 0).toBe(found.length > 0);
        };
        isSame(changes[0]?.lost, more(had, has));
        isSame(changes[0]?.gained, more(has, had));
      }),
    );
  });
});

describe('what an end raises (rail 2)', () => {
  it('is what has one, and what has a later one', () => {
    const admin = access({ role: 'Admin', expiresAt: EARLY });
    const raised = (before: MemberAccess, after: MemberAccess) =>
      judged(before, after).changes[0]?.raised ?? [];
    expect(raised(access(), admin)).toContain('Admin');
    expect(raised(admin, access({ role: 'Admin', expiresAt: LATE }))).toContain('Admin');
    expect(raised(admin, access({ role: 'Admin' }))).toContain('Admin');
    expect(raised(access({ role: 'Admin' }), admin)).toEqual([]);
    expect(raised(access({ expiresAt: EARLY }), access())).toEqual([]);
  });

  it('is taken back by the end that was before, and by no other', () => {
    const before = access({ role: 'Admin', expiresAt: EARLY });
    const after = access({ role: 'Admin', expiresAt: LATE });
    const of = organization().member(BOB, before).build();
    const longer = change(before, after);
    const done = { entry: 'aud_1', at: NOW };
    const raise = raiseBy(of.members, longer, consequence(of, longer, NOW), done);
    expect(raise).not.toBeNull();
    const takesBack = (action: ActionOf<'SetMemberAccess'>) =>
      takenBack(raise === null ? [] : [raise], action, consequence(of, action, NOW), NOW);
    expect(takesBack(change(after, before))).toEqual(raise);
    expect(takesBack(change(after, access({ role: 'Admin', expiresAt: EARLY - 1 })))).toBeNull();
  });
});

describe('whom no end is given (rail 3)', () => {
  const required = { requiredAdmins: [BOB], approvers: [] };
  const approving = { requiredAdmins: [], approvers: [BOB] };

  it('are required admins and the last approver besides the owner; they may lose one', () => {
    const invited: StepAction = {
      kind: 'InviteMember',
      key: BOB,
      before: null,
      after: access({ role: 'Admin', expiresAt: EARLY }),
    };
    const given = change(access(), access({ expiresAt: LATE }));
    expect(belowFloor(required, invited)).toBe(`${BOB} is in rails.requiredAdmins`);
    expect(belowFloor(required, given)).toBe(`${BOB} is in rails.requiredAdmins`);
    expect(belowFloor(approving, given)).toBe(`${BOB} is the last approver besides the owner`);
    expect(belowFloor(required, change(access({ expiresAt: EARLY }), access()))).toBeNull();
    expect(belowFloor({ ...approving, approvers: [BOB, 'carol@acme.example'] }, given)).toBeNull();
  });
});
