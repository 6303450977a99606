import { expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, told } from '#test/builders/planned.ts';

const [ANN, BOB, EVE] = ['ann@acme.example', 'bob@acme.example', 'eve@acme.example'];
const bounded = () =>
  organization().project('web').member(ANN).member(BOB, { state: 'Suspended' }).member(EVE).ours();

it('a plan of an identity that is bounded to projects ends no membership, and says so (V4)', () => {
  const declared = desired().project('web').member(ANN, { state: 'Suspended' }).member(BOB);
  const plan = planned(declared, bounded().with({ bounded: true }));
  expect(told(plan.steps)).toEqual([]);
  expect(reasons(plan).filter((reason) => reason.includes('NotDelegated'))).toEqual([
    `Stalled NotDelegated ${ANN}`,
    `Stalled NotDelegated ${BOB}`,
    `Stalled NotDelegated ${EVE}`,
  ]);
});

it('it claims its project, and no person, template or group (V4)', () => {
  const there = organization().project('web').member(ANN).group('ops', []).with({ bounded: true });
  const plan = planned(desired().project('web').member(ANN).group('ops', []), there);
  expect(told(plan.steps)).toEqual(['Claim Project/web']);
});

const [MEMBERS, TEMPLATES] = [
  () => organization().project('web').member(ANN),
  { Secrets: ['View' as const] },
] as const;
const notDelegated = (plan: ReturnType<typeof planned>) =>
  reasons(plan).filter((reason) => reason.includes('NotDelegated'));

it('it moves no end of a membership, which is an end of one (V4)', () => {
  const declared = desired()
    .project('web')
    .member(ANN, { expiresAt: NOW + 1_000_000 });
  const plan = planned(declared, MEMBERS().ours().with({ bounded: true }));
  expect(told(plan.steps)).toEqual([]);
  expect(notDelegated(plan)).toEqual([`Stalled NotDelegated ${ANN}`]);
  const within = desired()
    .project('web')
    .member(ANN, { grants: { web: 'Read' } });
  expect(told(planned(within, MEMBERS().ours().with({ bounded: true })).steps), 'the control').toEqual([
    `SetMemberAccess ${ANN}`,
  ]);
});

it('it takes back an invite of its own manager, and no other (V4)', () => {
  const invited = () =>
    organization()
      .project('web')
      .member(BOB, { invited: { expiresAt: NOW + 1_000_000 } });
  const adopt =
    invited()
      .build()
      .members.find(({ email }) => email === BOB)?.id ?? '';
  expect(adopt).not.toBe('');
  const declared = desired().project('web').member(BOB, { state: 'Suspended', source: { adopt } });
  expect(told(planned(declared, invited()).steps), 'the control').toContain(`CancelInvite ${BOB}`);
  const other = planned(declared, invited().with({ bounded: true }));
  expect(told(other.steps).filter((step) => step.includes(BOB))).toEqual([]);
  expect(notDelegated(other)).toEqual([`Stalled NotDelegated ${BOB}`]);
  const own = planned(declared, invited().ours().with({ bounded: true }));
  expect(told(own.steps)).toEqual([`CancelInvite ${BOB}`]);
});

it('it deletes no template that somebody holds who does not leave by it (V4)', () => {
  const state = organization()
    .project('web')
    .template('free', TEMPLATES, ['web'])
    .member(EVE, { template: 'free' })
    .ours();
  const declared = desired().project('web');
  expect(told(planned(declared, state).steps), 'the control').toContain('DeleteTemplate free');
  const plan = planned(declared, state.with({ bounded: true }));
  expect(told(plan.steps)).toEqual([]);
  expect(reasons(plan)).toContainEqual(expect.stringContaining('TemplateInUse'));
  expect(notDelegated(plan)).toEqual([`Stalled NotDelegated ${EVE}`]);
});

it.each([
  ['of the whole vault', { Machines: ['Manage' as const] }, ['web']],
  ['in all projects', TEMPLATES, 'All' as const],
])('it changes no template with cells %s (V4)', (_what, cells, scope) => {
  const state = organization().project('web').template('free', cells, scope).ours().with({ bounded: true });
  const kept = desired().project('web');
  const changed = desired()
    .project('web')
    .template('free', { ...cells, Alerts: ['View'] }, scope);
  for (const declared of [kept, changed]) {
    const plan = planned(declared, state);
    expect(told(plan.steps)).toEqual([]);
    expect(notDelegated(plan)).toEqual(['Stalled NotDelegated free']);
  }
});
