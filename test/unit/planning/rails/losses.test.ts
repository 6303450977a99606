import { describe, expect, it } from 'vitest';
import type { OrganizationPlan, Settling } from '#planning/plan-types.ts';
import { desired } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { held, planned, told } from '#test/builders/planned.ts';

const SECOND = 1000;
const names = 'abcdefgh'.split('').map((letter) => `${letter}@acme.example`);
const everyone = () => names.reduce((state, email) => state.member(email), organization()).ours();
const without = (...gone: string[]) =>
  names
    .filter((email) => !gone.includes(email))
    .reduce((declared, email) => declared.member(email), desired());
const [A = '', B = '', C = ''] = names;

describe('the loss budget (rail 1)', () => {
  it('lets a class run whole where it fits, in one group', () => {
    const plan = planned(without(A, B), everyone());
    expect(told(plan.runnable)).toEqual([`RemoveMember ${A}`, `RemoveMember ${B}`]);
    expect(plan.lossGroups).toMatchObject([{ class: 'people', approval: null, reservationId: null }]);
    expect(plan.digest).toBeNull();
  });

  it('holds all of a class that does not fit, and prints the digest that releases it', () => {
    const plan = planned(without(A, B, C), everyone());
    expect(told(plan.runnable)).toEqual([]);
    expect(held(plan)).toEqual([
      ['LossBudget', [`RemoveMember ${A}`, `RemoveMember ${B}`, `RemoveMember ${C}`]],
    ]);
    expect(plan.held[0]?.digest).toBe(plan.digest);
    expect(plan.held[0]?.message).toBe('People removed or demoted: 3; seven days may lose 2.');
  });

  it('counts what seven days lost, but not what was approved or is older', () => {
    const plans = [
      everyone().lost('people', 2),
      everyone().lost('people', 2, { approved: true }),
      everyone().lost('people', 2, { at: NOW - 7 * 24 * HOUR }),
      everyone().lost('access', 50),
    ].map((state) => told(planned(without(A), state).runnable));
    expect(plans).toEqual([[], [`RemoveMember ${A}`], [`RemoveMember ${A}`], [`RemoveMember ${A}`]]);
  });

  it('releases a group by its own digest or by that of the whole plan, until the approval expires', () => {
    const state = everyone().project('web', ['key']).ours();
    const { records } = state.build();
    state.with({
      records: records.map((r) => (r.kind === 'Project' ? { ...r, deletionPolicy: 'Delete' } : r)),
    });
    const declared = without(A, B, C);
    const plan = planned(declared, state);
    expect(plan.held).toHaveLength(2);
    const approval = {
      approver: 'alice',
      via: 'PlanApproval',
      reference: 'x',
      reason: 'meant',
      expiresAt: NOW + HOUR,
    } as const;
    const group = plan.held.find(({ reason }) => reason === 'LossBudget');
    const one = planned(declared, state, { approvals: [{ ...approval, digest: group?.digest ?? '' }] });
    expect(told(one.runnable)).toEqual([A, B, C].map((email) => `RemoveMember ${email}`));
    expect(one.held).toHaveLength(1);
    const whole = { ...approval, digest: plan.digest ?? '' };
    expect(planned(declared, state, { approvals: [whole] }).held).toEqual([]);
    expect(planned(declared, state, { approvals: [whole] }, NOW + HOUR).held).toHaveLength(2);
  });

  it('runs what an open reservation covers, whatever the budget says now', () => {
    const [first] = planned(without(A), everyone()).steps.filter(({ action }) => action.key === A);
    const state = everyone()
      .lost('people', 9)
      .reservation('people', [first?.hash ?? '']);
    const plan = planned(without(A, B), state, { settle: true });
    expect(told(plan.runnable)).toEqual([`RemoveMember ${A}`]);
    expect(plan.lossGroups).toMatchObject([{ class: 'people', reservationId: 'res_1' }]);
    const expired = everyone()
      .lost('people', 9)
      .reservation('people', [first?.hash ?? ''], { expiresAt: NOW });
    expect(told(planned(without(A, B), expired).runnable)).toEqual([]);
  });
});

describe('suspensions (rail 1)', () => {
  const suspended = (...gone: string[]) =>
    names.reduce(
      (declared, email) => declared.member(email, gone.includes(email) ? { state: 'Suspended' } : {}),
      desired(),
    );
  const five = names.slice(0, 5);

  it('are held as a class beyond five, and one approval releases it', () => {
    expect(told(planned(suspended(...five), everyone()).runnable)).toHaveLength(5);
    const more = planned(suspended(...names.slice(0, 6)), everyone());
    expect(told(more.runnable)).toEqual([]);
    expect(held(more)).toEqual([['LossBudget', names.slice(0, 6).map((email) => `SuspendMember ${email}`)]]);
    expect(more.digest).not.toBeNull();
  });

  it('count a person once, however often the window saw them suspended', () => {
    const state = everyone();
    const first = planned(suspended(...five), state).lossGroups.flatMap(({ steps }) => steps);
    for (const { hash: stepHash } of first)
      state.lost('suspensions', 1, { stepHash }).lost('suspensions', 1, { stepHash });
    expect(told(planned(suspended(A, B), state).runnable)).toEqual([
      `SuspendMember ${A}`,
      `SuspendMember ${B}`,
    ]);
    const another = planned(suspended(A, names[5] ?? ''), state);
    expect(held(another)).toEqual([['LossBudget', [`SuspendMember ${A}`, `SuspendMember ${names[5]}`]]]);
    expect(another.held[0]?.message).toBe('People suspended: 1; seven days may lose 5, 5 of them used.');
  });
});

describe('invites that nobody accepted (rail 1)', () => {
  const invitees = Array.from({ length: 60 }, (_, index) => `invitee-${index}@acme.example`);
  const invited = (since: number) =>
    invitees.reduce((state, email) => state.member(email, { invited: { since } }), everyone()).ours();
  const declaredBut = (gone: number) =>
    invitees.slice(gone).reduce((declared, email) => declared.member(email), without());

  it('have a budget of their own, and use nothing of that of people', () => {
    const plan = planned(declaredBut(20), invited(NOW).lost('people', 50));
    expect(told(plan.runnable)).toHaveLength(20);
    expect(plan.lossGroups.map((group) => group.class)).toEqual(['invites']);
    expect(told(planned(declaredBut(21), invited(NOW)).runnable)).toEqual([]);
  });

  it('are half of those that have been open for a day: what was just invited raises nothing', () => {
    const yesterday = NOW - 24 * HOUR;
    expect(told(planned(declaredBut(30), invited(yesterday)).runnable)).toHaveLength(30);
    expect(told(planned(declaredBut(30), invited(yesterday + 1)).runnable)).toEqual([]);
  });

  it('are narrowed on the same budget: nobody has yet what is promised less', () => {
    const state = everyone().member(A, { invited: {}, role: 'Admin' }).ours().lost('people', 50);
    const plan = planned(without(), state);
    expect(told(plan.runnable)).toEqual([`SetMemberAccess ${A}`]);
    expect(plan.lossGroups.map((group) => group.class)).toEqual(['invites']);
  });
});

describe('rails.losses: Hold', () => {
  const holding = (declared: ReturnType<typeof desired>) => declared.rails({ losses: 'Hold' });

  it('lets gains go on and holds every loss, with the digest that releases it', () => {
    const plan = planned(holding(without(A).member('new@acme.example')), everyone());
    expect(told(plan.runnable).filter((step) => !step.startsWith('ApplySettings'))).toEqual([
      'InviteMember new@acme.example',
    ]);
    expect(held(plan)).toEqual([['LossBudget', [`RemoveMember ${A}`]]]);
    expect(plan.held[0]).toMatchObject({
      message: 'People removed or demoted: 1; rails.losses is Hold, so each loss waits.',
      digest: plan.digest,
    });
  });

  it('lets an explicit suspension run, and what takes nothing away', () => {
    const declared = holding(without(A, B).member(A, { state: 'Suspended' }).member(B)).template('kept');
    const plan = planned(declared, everyone().template('kept').template('unused').ours());
    expect(held(plan)).toEqual([]);
    expect(told(plan.runnable)).toEqual(
      expect.arrayContaining([`SuspendMember ${A}`, 'DeleteTemplate unused']),
    );
  });
});

describe('held losses (rail 1)', () => {
  /** As the vault is once the holds of a plan are kept. */
  const keeping = (plan: OrganizationPlan, state = everyone()) => state.with({ holds: plan.holds });
  const tight = () => everyone().lost('people', 2);
  const hashesOf = (plan: OrganizationPlan) =>
    plan.held.flatMap(({ steps }) => steps.map(({ hash }) => hash));

  it('are to be kept by the vault, and that is said once', () => {
    const first = planned(without(A), tight());
    expect(first.holds).toEqual([{ class: 'people', stepHashes: hashesOf(first) }]);
    expect(planned(without(A), keeping(first, tight())).holds).toEqual(first.holds);
  });

  it('are never released because the window moved on, by another process either', () => {
    const later = planned(without(A), keeping(planned(without(A), tight())), {}, NOW + 8 * 24 * HOUR);
    expect(told(later.runnable)).toEqual([]);
    expect(held(later).map(([reason]) => reason)).toEqual(['LossBudget']);
    expect(later.held[0]?.message).toMatch(/^Held before; only an approval or Git releases it/);
  });

  it('are held at once by an operator that has just started', () => {
    const plan = planned(without(A), keeping(planned(without(A), tight())), { settle: true });
    expect(plan.pending).toEqual([]);
    expect(held(plan)).toEqual([['LossBudget', [`RemoveMember ${A}`]]]);
  });

  it('hold what is added to them', () => {
    const state = keeping(planned(without(A), tight()));
    const plan = planned(without(A, B), state);
    expect(held(plan)).toEqual([['LossBudget', [`RemoveMember ${A}`, `RemoveMember ${B}`]]]);
    expect(plan.holds).toEqual(state.build().holds);
  });

  it('are judged afresh once Git takes one of them back', () => {
    const plan = planned(without(A), keeping(planned(without(A, B, C), everyone())));
    expect(told(plan.runnable)).toEqual([`RemoveMember ${A}`]);
    expect(plan.holds).toEqual([]);
  });

  it('run once approved, and are kept until a reservation covers them', () => {
    const state = keeping(planned(without(A, B, C), everyone()));
    const { digest } = planned(without(A, B, C), state);
    const approval = {
      digest: digest ?? '',
      approver: 'alice',
      via: 'Vault',
      reference: 'apr_1',
      reason: 'meant',
      expiresAt: NOW + HOUR,
    } as const;
    const approved = planned(without(A, B, C), state, { approvals: [approval] });
    expect(told(approved.runnable)).toEqual([A, B, C].map((email) => `RemoveMember ${email}`));
    expect(approved.holds).toEqual(state.build().holds);
    const reserved = state.reservation('people', state.build().holds[0]?.stepHashes ?? []);
    expect(planned(without(A, B, C), reserved).holds).toEqual([]);
  });

  it('stay while not every object can be read (rail 6)', () => {
    const state = keeping(planned(without(A), tight()));
    const plan = planned(without().with({ complete: false }), state);
    expect(plan.holds).toEqual(state.build().holds);
  });

  it('are read off the objects each time where no time can release them', () => {
    const unseen = without(A).with({ seenUnder: {} });
    const plan = planned(unseen, everyone());
    expect(held(plan).map(([reason]) => reason)).toEqual(['OriginGone']);
    expect(plan.holds).toEqual([]);
  });
});

describe('quiet (rail 1)', () => {
  const settle = (declared: ReturnType<typeof without>, now: number, people?: Settling) =>
    planned(declared, everyone(), { settle: true, settling: people === undefined ? {} : { people } }, now);

  it('is waited for, and looked for again when it is due', () => {
    const first = settle(without(A), NOW);
    expect(told(first.runnable)).toEqual([]);
    expect(first.pending).toMatchObject([{ class: 'people', dueAt: NOW + 30 * SECOND }]);
    expect(first.wakeAt).toBe(NOW + 30 * SECOND);
    const later = settle(without(A), NOW + 30 * SECOND, first.settling.people);
    expect(told(later.runnable)).toEqual([`RemoveMember ${A}`]);
  });

  it('starts again when the losses change, so that a prune one by one is seen whole', () => {
    let last = settle(without(A), NOW);
    last = settle(without(A, B), NOW + 20 * SECOND, last.settling.people);
    expect(last.pending).toMatchObject([{ dueAt: NOW + 50 * SECOND }]);
    last = settle(without(A, B, C), NOW + 40 * SECOND, last.settling.people);
    last = settle(without(A, B, C), NOW + 70 * SECOND, last.settling.people);
    expect(told(last.runnable)).toEqual([]);
    expect(held(last).map(([reason]) => reason)).toEqual(['LossBudget']);
  });

  it('holds what did not come to rest for five minutes', () => {
    let last = settle(without(A), NOW);
    for (let at = 20; at <= 300; at += 20) {
      last = settle(at % 40 === 0 ? without(A) : without(A, B), NOW + at * SECOND, last.settling.people);
    }
    expect(held(last).map(([reason]) => reason)).toEqual(['NotSettled']);
    expect(last.digest).not.toBeNull();
    // Rest that comes afterwards releases nothing.
    const kept = everyone().with({ holds: last.holds });
    const later = planned(without(A, B), kept, { settle: true, settling: last.settling }, NOW + HOUR);
    expect(told(later.runnable)).toEqual([]);
    expect(later.held[0]?.message).toMatch(/^Held before/);
  });

  it('is not asked of a folder, which is seen whole', () => {
    expect(told(planned(without(A), everyone()).runnable)).toEqual([`RemoveMember ${A}`]);
  });

  it('is asked anew of a loss that comes long after another was refused', () => {
    const first = settle(without(A), NOW);
    const quiet = settle(without(A), NOW + HOUR, first.settling.people);
    const more = settle(without(A, B), NOW + 2 * HOUR, quiet.settling.people);
    expect(more.held).toEqual([]);
    expect(more.pending).toMatchObject([{ dueAt: NOW + 2 * HOUR + 30 * SECOND }]);
  });
});
