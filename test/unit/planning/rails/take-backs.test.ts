import { expect, it } from 'vitest';
import { consequence } from '#model/consequence.ts';
import type { MemberAccess } from '#model/organization.ts';
import type { Json } from '#model/record.ts';
import { plan } from '#planning/plan.ts';
import { renderText } from '#planning/render-text.ts';
import { desired, policy, settled } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { held, planned, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const before: MemberAccess = { role: 'Member', template: null, projectScope: null, grants: [] };
const after: MemberAccess = { ...before, role: 'Admin' };
const AT = NOW - 26_000;
const demoted = { kind: 'SetMemberAccess', key: BOB, before: after, after: before } as const;
const { changes } = consequence(organization().member(BOB, after).build(), demoted, NOW);
const gained = changes.map(({ who, lost }) => ({ who, gained: lost }));
const raise = { entry: 'aud_1', kind: 'SetMemberAccess', key: BOB, gained, at: AT } as const;
const raised = () =>
  organization()
    .member(BOB, after)
    .ours()
    .lost('people', 50)
    .with({ raises: [{ ...raise, before, after, takenBackAt: null }] });

it('a raise of the last day is taken back beside the budget, without quiet, and the plan says so (rail 2)', () => {
  const result = planned(desired().member(BOB), raised(), { settle: true });
  expect(told(result.runnable)).toEqual([`SetMemberAccess ${BOB}`]);
  expect([result.lossGroups, result.held, result.pending]).toEqual([[], [], []]);
  expect(renderText(result).replace(/\s+/g, ' ')).toContain(
    `(takes back the raise of ${new Date(AT).toISOString()})`,
  );
});

it('what the vault keeps as held is no take-back, so that the rest of a plan releases nothing (rails 1 and 2)', () => {
  const step = stepOf(planned(desired().member(BOB), raised()).steps, 'SetMemberAccess');
  const state = raised().with({ holds: [{ class: 'people', stepHashes: [step.hash] }] });
  expect(held(planned(desired().member(BOB), state))).toEqual([['LossBudget', [`SetMemberAccess ${BOB}`]]]);
});

it('a record goes by a Release of its own where the step that took it along only takes a raise back (rail 1)', () => {
  const granted: MemberAccess = { ...before, grants: [{ project: 'web', access: 'Write' }] };
  const withdrawn = { ...demoted, before: granted, after: before } as const;
  const asGranted = organization().project('web').member(BOB, granted);
  const lost = consequence(asGranted.build(), withdrawn, NOW).changes;
  const given = lost.map(({ who, lost: cells }) => ({ who, gained: cells }));
  const state = asGranted
    .record('Member', BOB, { member: null, grants: granted.grants } as unknown as Json)
    .with({ raises: [{ ...raise, gained: given, before, after: granted, takenBackAt: null }] });
  const result = planned(desired().project('web'), state);
  const own = result.steps.filter(({ subject }) => subject.key === BOB);
  expect(told(own)).toEqual([`SetMemberAccess ${BOB}`, `Release Member/${BOB}`]);
  expect(stepOf(own, 'SetMemberAccess').record?.applied).toEqual({ member: null, grants: [] });
});

it('a required admin, and a partial view, keep what was raised (rails 3 and 6)', () => {
  const required = desired()
    .rails({ requiredAdmins: [BOB] })
    .member(BOB);
  const state = raised().build();
  const floor = plan(
    required.build(),
    { ...state, ...settled(state, required.build().organization.fields.rails) },
    policy(),
    NOW,
  );
  expect(held(floor).map(([reason]) => reason)).toEqual(['Floor']);
  const partial = planned(desired().member(BOB).with({ complete: false }), raised());
  expect(held(partial).map(([reason]) => reason)).toEqual(['PartialView']);
});
