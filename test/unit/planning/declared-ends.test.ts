import { describe, expect, it } from 'vitest';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { ActionOf } from '#model/step.ts';
import type { OrganizationPlan } from '#planning/plan-types.ts';
import { renderText } from '#planning/render-text.ts';
import { desired, settled } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const ANN = 'ann@acme.example';
const BOB = 'bob@acme.example';
const PAST = NOW - HOUR;
const SOON = NOW + HOUR;
const LATER = NOW + 48 * HOUR;

const built = (state: OrganizationState) => ({ build: () => state });
const accessSet = ({ steps }: OrganizationPlan) =>
  stepOf(steps, 'SetMemberAccess').action as ActionOf<'SetMemberAccess'>;

describe('what Git declares with an end (M5)', () => {
  it('goes with the invite, each line with its own', () => {
    const declared = desired()
      .template('dev')
      .project('web')
      .member(BOB, {
        expiresAt: LATER,
        template: 'dev',
        templateExpiresAt: SOON,
        grants: { web: { access: 'Write', expiresAt: SOON } },
      });
    expect(stepOf(planned(declared, organization()).steps, 'InviteMember').action.after).toEqual({
      expiresAt: LATER,
      role: 'Member',
      template: 'dev',
      templateExpiresAt: SOON,
      projectScope: null,
      grants: [{ project: 'web', access: 'Write', expiresAt: SOON }],
    });
  });

  it('goes with a membership of a group, and with who is invited to be listed', () => {
    const state = organization().project('web').member(BOB).ours();
    const declared = desired()
      .project('web')
      .member(BOB)
      .member(ANN)
      .group('ops', [ANN, BOB], { ends: { [ANN]: SOON, [BOB]: LATER }, grants: { web: 'Read' } });
    const { steps } = planned(declared, state);
    expect(stepOf(steps, 'CreateGroup').action.after).toMatchObject({
      members: [BOB],
      ends: [{ member: BOB, expiresAt: LATER }],
    });
    expect(stepOf(steps, 'UpdateGroup')).toMatchObject({
      why: `members: +${ANN} until ${new Date(SOON).toISOString().replace('.000Z', 'Z')}`,
      action: { after: { members: [ANN], ends: [{ member: ANN, expiresAt: SOON }] } },
    });
  });

  it('of a membership of a group is a loss of access where it comes earlier, and a gain where it comes later', () => {
    const judged = (before: number | undefined, after: number | undefined) => {
      const state = organization()
        .project('web')
        .member(BOB)
        .group('ops', [BOB], [{ project: 'web', access: 'Read' }], endsOf(before))
        .ours();
      const ends = after === undefined ? {} : { [BOB]: after };
      const declared = desired()
        .project('web')
        .member(BOB)
        .group('ops', [BOB], { ends, grants: { web: 'Read' } });
      const { steps } = planned(declared, state);
      const { action, consequence } = stepOf(steps, 'UpdateGroup');
      expect(action).toMatchObject({
        before: { members: [BOB], ...listed(before) },
        after: { members: [BOB], ...listed(after) },
      });
      return [consequence.loss?.class ?? null, consequence.gain];
    };
    const endsOf = (at: number | undefined) => (at === undefined ? [] : [{ member: BOB, expiresAt: at }]);
    const listed = (at: number | undefined) => (at === undefined ? {} : { ends: endsOf(at) });
    for (const [longer, shorter] of [
      [undefined, SOON],
      [LATER, SOON],
      [undefined, PAST],
    ] as const) {
      expect(judged(longer, shorter)).toEqual(['access', false]);
      expect(judged(shorter, longer)).toEqual([null, true]);
    }
  });

  it('that has come lists nobody in a group, and its line is proposed to go', () => {
    const declared = desired()
      .project('web', { groupGrants: { ops: { access: 'Read', expiresAt: PAST } } })
      .member(BOB)
      .group('ops', [BOB], { ends: { [BOB]: PAST }, grants: { web: { access: 'Write', expiresAt: PAST } } });
    const state = organization().project('web').member(BOB).group('ops', []).ours();
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    const at = new Date(PAST).toISOString().replace('.000Z', 'Z');
    expect(reasons(plan)).toEqual(['Info Ended ops', 'Info Ended web']);
    expect(plan.findings.map(({ message }) => message)).toEqual([
      `Ended, as declared: the membership of ${BOB} at ${at}, the grant in web at ${at}.`,
      `Ended, as declared: the grant of the group ops at ${at}.`,
    ]);
  });

  it('leaves a membership of a group that people gave for longer as it is, and tells it as foreign', () => {
    const state = organization()
      .member(BOB)
      .group('ops', [BOB])
      .record('Group', 'ops', { group: { description: '' }, members: [], grants: [] });
    const plan = planned(
      desired()
        .member(BOB)
        .group('ops', [BOB], { ends: { [BOB]: SOON } }),
      state.ours(),
    );
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Info Foreign ops']);
  });

  it('is a loss where it is added, shortened or past, and a gain where it is lengthened or dropped', () => {
    const judged = (before: number | undefined, after: number | undefined) => {
      const field = (at: number | undefined) => (at === undefined ? {} : { expiresAt: at });
      const state = organization().member(BOB, field(before)).ours();
      const plan = planned(desired().member(BOB, field(after)), state);
      const { consequence } = stepOf(plan.steps, 'SetMemberAccess');
      const action = accessSet(plan);
      expect([action.before.expiresAt, action.after.expiresAt]).toEqual([before, after]);
      return [consequence.loss?.class ?? null, consequence.gain];
    };
    for (const [longer, shorter] of [
      [undefined, SOON],
      [LATER, SOON],
      [undefined, PAST],
    ] as const) {
      expect(judged(longer, shorter)).toEqual(['people', false]);
      expect(judged(shorter, longer)).toEqual([null, true]);
    }
  });

  it('wakes the plan at the next end, declared or there', () => {
    const state = organization().project('web').member(BOB, { expiresAt: LATER }).ours();
    expect(planned(desired().project('web').member(BOB, { expiresAt: LATER }), state).wakeAt).toBe(LATER);
    const there = organization().group('ops', [], [{ project: 'web', access: 'Read', expiresAt: SOON }]);
    expect(planned(desired(), there).wakeAt).toBe(SOON);
    expect(planned(desired(), organization().member(BOB, { expiresAt: PAST })).wakeAt).toBeNull();
  });

  it('names the ends in the reason of a step and in what is gained and lost', () => {
    const state = settled(
      organization()
        .project('web')
        .member(BOB, { grants: [{ project: 'web', access: 'Read' }] })
        .ours()
        .build(),
    );
    const declared = desired()
      .project('web')
      .member(BOB, { grants: { web: { access: 'Read', expiresAt: SOON } } });
    const text = renderText(planned(declared, built(state)));
    expect(text).toContain('grants: web Read -> Read until 2026-01-01T01:00:00Z');
    expect(text).toContain('Secrets: View in web from 2026-01-01T01:00:00Z');
  });
});

describe('a line of Git that has ended (M5)', () => {
  it('is told of, with the deletion as what to do, and gives nothing back', () => {
    const declared = desired()
      .template('dev')
      .project('web', { grants: { [BOB]: { access: 'Write', expiresAt: PAST } } })
      .member(BOB, {
        template: 'dev',
        templateExpiresAt: PAST,
        grants: { api: { access: 'Read', expiresAt: PAST } },
      })
      .project('api');
    const state = organization().template('dev').project('web').project('api').member(BOB).ours();
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    const ended = plan.findings.filter(({ reason }) => reason === 'Ended');
    expect(ended.map(({ subject, severity }) => [subject.kind, severity])).toEqual([
      ['Member', 'Info'],
      ['Project', 'Info'],
    ]);
    expect(ended[0]?.message).toBe(
      'Ended, as declared: the template dev at 2025-12-31T23:00:00Z, the grant in api at 2025-12-31T23:00:00Z.',
    );
    expect(ended[1]?.next).toContain('Take that line out of Project acme/web');
  });

  it('invites nobody, and sends no invite again', () => {
    expect(told(planned(desired().member(BOB, { expiresAt: PAST }), organization()).steps)).toEqual([]);
    const expired = organization()
      .member(BOB, { expiresAt: PAST, invited: { expiresAt: NOW - 1, attempts: 1 } })
      .ours();
    expect(told(planned(desired().member(BOB, { expiresAt: PAST }), expired).steps)).toEqual([]);
  });

  it('leaves what is there as it is while it is declared', () => {
    const ended = { expiresAt: PAST, grants: [{ project: 'web', access: 'Read', expiresAt: PAST }] } as const;
    const state = organization().project('web').member(BOB, ended).ours();
    const declared = desired()
      .project('web')
      .member(BOB, { expiresAt: PAST, grants: { web: { access: 'Read', expiresAt: PAST } } });
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toContain(`Info Ended ${BOB}`);
  });

  it('is withdrawn on no budget, though more people leave than it holds', () => {
    const emails = Array.from({ length: 40 }, (_, index) => `p${index}@acme.example`);
    const builder = emails.reduce(
      (organized, email, index) => organized.member(email, index < 19 ? { expiresAt: PAST } : {}),
      organization(),
    );
    const state = settled(builder.ours().build());
    const staying = emails.slice(19).reduce((declared, email) => declared.member(email), desired());
    const plan = planned(staying, built(state));
    expect(plan.held).toEqual([]);
    expect(plan.runnable.filter(({ action }) => action.kind === 'RemoveMember')).toHaveLength(19);
    const lasting = emails.reduce((organized, email) => organized.member(email), organization());
    const early = planned(staying, built(settled(lasting.ours().build())));
    expect(early.held.map(({ reason }) => reason)).toContain('LossBudget');
  });
});

describe('one grant that several objects declare with different ends (G1)', () => {
  const grantOf = (byMember: number | undefined, byProject: number | undefined) => {
    const terms = (expiresAt: number | undefined) => ({
      access: 'Read' as const,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    const declared = desired()
      .project('web', { grants: { [BOB]: terms(byProject) } })
      .member(BOB, { grants: { web: terms(byMember) } });
    const state = organization().project('web').member(BOB).ours();
    return accessSet(planned(declared, state)).after.grants[0]?.expiresAt;
  };

  it('is given until the latest of them', () => {
    expect(grantOf(SOON, LATER)).toBe(LATER);
    expect(grantOf(LATER, SOON)).toBe(LATER);
    expect(grantOf(undefined, SOON)).toBeUndefined();
    expect(grantOf(PAST, SOON)).toBe(SOON);
  });

  it('is the greater of what has not ended: of a Write that has, the Read remains', () => {
    const grantsWith = (writeUntil: number) => {
      const declared = desired()
        .project('web', { grants: { [BOB]: 'Read' } })
        .member(BOB, { grants: { web: { access: 'Write', expiresAt: writeUntil } } });
      return accessSet(planned(declared, organization().project('web').member(BOB).ours())).after.grants;
    };
    expect(grantsWith(SOON)).toEqual([{ project: 'web', access: 'Write', expiresAt: SOON }]);
    expect(grantsWith(PAST)).toEqual([{ project: 'web', access: 'Read' }]);
  });
});

describe('what a person let end earlier (rail 7)', () => {
  it('stays so until the entry is named, and a lesser one of Git is set', () => {
    const state = organization()
      .member(BOB, { expiresAt: SOON })
      .ours()
      .tombstone('Member', BOB, 'EndShortened', { entry: 'aud_1' });
    const plan = planned(desired().member(BOB, { expiresAt: LATER }), state);
    expect(told(plan.steps)).toEqual([]);
    expect(plan.findings.find(({ reason }) => reason === 'ReinstateNeeded')?.message).toContain(
      `carol let the membership of ${BOB} end earlier`,
    );
    const answered = desired().member(BOB, { expiresAt: LATER, source: { reinstate: 'aud_1' } });
    expect(accessSet(planned(answered, state)).after.expiresAt).toBe(LATER);
    expect(told(planned(desired().member(BOB, { expiresAt: NOW + 1 }), state).steps)).toEqual([
      `SetMemberAccess ${BOB}`,
    ]);
  });
});

describe('whom no end is given (rail 3)', () => {
  it('are required admins and the last approver; nobody who ends becomes a required admin', () => {
    const floored = (rails: Partial<typeof DEFAULT_RAILS>) => {
      const settings = { ...DEFAULT_RAILS, ...rails };
      const there = { role: 'Admin' } as const;
      const state = settled(organization().member(BOB, there).ours().build(), settings);
      const builder = desired().member(BOB, { ...there, expiresAt: LATER });
      const declared = builder.build();
      const own = declared.organization;
      const plan = planned(
        builder.with({ organization: { ...own, fields: { ...own.fields, rails: settings } } }),
        built(state),
      );
      return plan.held.map(({ reason, rail }) => [reason, rail]);
    };
    expect(floored({ requiredAdmins: [BOB] })).toEqual([['Floor', 3]]);
    expect(floored({ approvers: { users: [], groups: [], members: [BOB] } })).toEqual([['Floor', 3]]);
  });
});
