import { describe, expect, it } from 'vitest';
import { consequence } from '#model/consequence.ts';
import type { MemberAccess, RecentRaise } from '#model/organization.ts';
import type { ActionOf } from '#model/step.ts';
import { raiseBy, TAKE_BACK_WINDOW, takenBack, withTakenBack } from '#model/take-back.ts';
import { NOW, organization } from '#test/builders/organization.ts';

const BOB = 'bob@acme.example';
const PLAIN: MemberAccess = { role: 'Member', template: null, projectScope: null, grants: [] };
const ADMIN: MemberAccess = { ...PLAIN, role: 'Admin' };
const set = (before: MemberAccess, after: MemberAccess): ActionOf<'SetMemberAccess'> => ({
  kind: 'SetMemberAccess',
  key: BOB,
  before,
  after,
});
const state = organization().project('web').member(BOB).build();
const raised = (fields: Partial<RecentRaise> = {}): RecentRaise =>
  ({
    ...raiseBy(state.members, set(PLAIN, ADMIN), consequence(state, set(PLAIN, ADMIN), NOW), {
      entry: 'aud_1',
      at: NOW - 1000,
    }),
    ...fields,
  }) as RecentRaise;
const back = set(ADMIN, PLAIN);
const takes = (raises: readonly RecentRaise[], action = back) =>
  takenBack(raises, action, consequence(state, action, NOW), NOW)?.entry ?? null;

describe('what is kept of a raise (rail 2)', () => {
  it('is what it replaced and who gained, of who is a member', () => {
    expect(raised()).toMatchObject({
      key: BOB,
      before: PLAIN,
      after: ADMIN,
      gained: [{ who: BOB }],
      takenBackAt: null,
    });
  });

  it.each([
    [
      'a gain that is no raise',
      state,
      set(PLAIN, { ...PLAIN, grants: [{ project: 'web', access: 'Write' }] }),
    ],
    ['a loss', organization().member(BOB, ADMIN).build(), back],
    ['a raise of who has not joined', organization().member(BOB, { invited: {} }).build(), set(PLAIN, ADMIN)],
  ] as const)('is nothing of %s', (_, of, action) => {
    const done = { entry: 'aud_1', at: NOW };
    expect(raiseBy(of.members, action, consequence(of, action, NOW), done)).toBeNull();
  });
});

describe('a step takes a raise back', () => {
  it('to exactly what it replaced, from exactly what it gave, within a day, once', () => {
    expect(takes([raised()])).toBe('aud_1');
    expect(takes([])).toBeNull();
    expect(takes([raised()], set(ADMIN, { ...PLAIN, projectScope: [] }))).toBeNull();
    expect(takes([raised()], set({ ...ADMIN, projectScope: [] }, PLAIN))).toBeNull();
    expect(takes([raised({ at: NOW - TAKE_BACK_WINDOW + 1 })])).toBe('aud_1');
    expect(takes([raised({ at: NOW - TAKE_BACK_WINDOW })])).toBeNull();
    expect(takes(withTakenBack([raised()], raised(), NOW))).toBeNull();
  });

  it('by which nobody loses what no raise of the day gave them', () => {
    const [cells] = raised().gained;
    const some = [{ who: BOB, gained: cells?.gained.slice(1) ?? [] }];
    const rest = [{ who: BOB, gained: cells?.gained.slice(0, 1) ?? [] }];
    expect(takes([raised({ gained: [] })])).toBeNull();
    expect(takes([raised({ gained: some })])).toBeNull();
    const own = { entry: 'aud_2', after: PLAIN, gained: rest } as const;
    expect(takes([raised({ gained: some }), raised(own)])).toBe('aud_1');
    expect(takes([raised({ gained: some }), raised({ ...own, at: NOW - 2000 })])).toBeNull();
    expect(takes([raised({ gained: some }), raised({ ...own, key: 'another@acme.example' })])).toBeNull();
  });

  it('of several the last, and ten in a day', () => {
    const taken = (count: number, at: number) =>
      Array.from({ length: count }, (_, index) => raised({ entry: `old_${index}`, takenBackAt: at }));
    expect(takes([raised({ entry: 'aud_1' }), raised({ entry: 'aud_2' })])).toBe('aud_2');
    expect(takes([...taken(9, NOW - 1), raised()])).toBe('aud_1');
    expect(takes([...taken(10, NOW - 1), raised()])).toBeNull();
    expect(takes([...taken(10, NOW - TAKE_BACK_WINDOW), raised()])).toBe('aud_1');
  });
});
