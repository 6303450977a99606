import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { held, planned, told } from '#test/builders/planned.ts';

const names = 'abcd'.split('').map((letter) => `${letter}@acme.example`);
const [A = '', B = '', C = '', D = ''] = names;
const everyone = () => names.reduce((state, email) => state.member(email), organization()).ours();
const declaring = (...emails: string[]) =>
  emails.reduce((declared, email) => declared.member(email), desired());

describe('loss by absence', () => {
  it('is held where more than half of a kind of one origin is gone, even within the budget', () => {
    expect(held(planned(declaring(C, D), everyone()))).toEqual([]);
    const state = [A, B, C].reduce((some, email) => some.member(email), organization()).ours();
    const plan = planned(declaring(A), state);
    expect(held(plan)).toEqual([['MassAbsence', [`RemoveMember ${B}`, `RemoveMember ${C}`]]]);
    expect(plan.held[0]?.digest).toBe(plan.digest);
  });

  it('is judged alike before and after what is new was created, so that no gain of a plan releases its losses', () => {
    const few = fc.integer({ min: 0, max: 4 });
    fc.assert(
      fc.property(few, few, few, (gone, kept, added) => {
        const named = (what: string, count: number) =>
          Array.from({ length: count }, (_, index) => `${what}${index}@acme.example`);
        const present = [...named('gone', gone), ...named('kept', kept)];
        const declared = declaring(...named('kept', kept), ...named('new', added)).project('web');
        const state = (emails: readonly string[]) =>
          emails.reduce((some, email) => some.member(email), organization().project('web')).ours();
        const reasonsOf = (emails: readonly string[]) =>
          planned(declared, state(emails)).held.map(({ reason }) => reason);
        const before = reasonsOf(present);
        expect(before).toEqual(reasonsOf([...present, ...named('new', added)]));
        expect(before.includes('MassAbsence')).toBe(gone > kept + added);
      }),
    );
  });

  it('is held where a kind falls to zero, the last one too', () => {
    const state = organization().member(A).project('web').ours();
    expect(held(planned(desired().project('web'), state))).toEqual([['MassAbsence', [`RemoveMember ${A}`]]]);
  });

  it('lets the one object of a kind be replaced by another', () => {
    const plan = planned(declaring(B), organization().member(A).ours());
    expect(told(plan.runnable)).toEqual([`InviteMember ${B}`, `RemoveMember ${A}`]);
  });

  it('passes with an approval', () => {
    const state = organization().member(A).project('web').ours();
    const digest = planned(desired().project('web'), state).digest ?? '';
    const approval = {
      digest,
      approver: 'alice',
      via: 'PlanApproval',
      reference: 'x',
      reason: 'meant',
      expiresAt: Number.MAX_SAFE_INTEGER,
    } as const;
    expect(told(planned(desired().project('web'), state, { approvals: [approval] }).runnable)).toEqual([
      `RemoveMember ${A}`,
    ]);
  });

  it('keeps the grants and the records of projects that are gone all at once', () => {
    const grants = [{ project: 'web', access: 'Read' }] as const;
    const state = organization()
      .project('web')
      .member(A)
      .ours()
      .member(B, { grants })
      .record('Member', B, { member: null, grants });
    const plan = planned(declaring(A), state);
    expect(held(plan)).toEqual([['MassAbsence', [`SetMemberAccess ${B}`, 'Release Project/web']]]);
    expect(told(plan.runnable)).toEqual([]);
  });

  it('counts only what was seen declared under the present UIDs of Organization, namespace and CRD', () => {
    const present = {
      Organization: 'o1/n1/c0',
      Member: 'o1/n1/c1',
      PermissionTemplate: 'o1/n1/c2',
      Group: 'o1/n1/c5',
      Project: 'o1/n1/c3',
      MachineBinding: 'o1/n1/c4',
    };
    const seen = (under: string) => {
      const { records } = everyone().build();
      return everyone().with({ records: records.map((record) => ({ ...record, seenUnder: under })) });
    };
    const declared = declaring(B, C, D).with({ seenUnder: { acme: present } });
    expect(told(planned(declared, seen('o1/n1/c1')).runnable)).toEqual([`RemoveMember ${A}`]);
    expect(held(planned(declared, seen('o0/n1/c1')))).toEqual([['NotSeenDeclared', [`RemoveMember ${A}`]]]);
    expect(held(planned(declared, everyone()))).toEqual([['NotSeenDeclared', [`RemoveMember ${A}`]]]);
    const gone = declaring(B, C, D).with({ seenUnder: {} });
    expect(held(planned(gone, seen('o1/n1/c1')))).toEqual([['OriginGone', [`RemoveMember ${A}`]]]);
  });

  it('of everything is held as an empty source (rail 5)', () => {
    const plan = planned(desired(), everyone());
    expect(held(plan)).toEqual([['EmptySource', names.map((email) => `RemoveMember ${email}`)]]);
  });

  it('of anything is held while the view is partial, and no approval releases it (rail 6)', () => {
    const plan = planned(declaring(B, C, D).with({ complete: false }), everyone());
    expect(held(plan)).toEqual([['PartialView', [`RemoveMember ${A}`]]]);
    expect(plan.held[0]?.digest).toBeNull();
    expect(plan.digest).toBeNull();
  });
});
