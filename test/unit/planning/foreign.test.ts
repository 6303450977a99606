import { expect, it } from 'vitest';
import { desired, settled } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { planned } from '#test/builders/planned.ts';

const base = () => organization().with(settled(organization().build()));
const foreign = (state: ReturnType<typeof base>): readonly string[] =>
  planned(desired(), state).findings.flatMap(({ reason, keys }) =>
    reason === 'Foreign' ? (keys ?? []) : [],
  );

it('does not name the empty project that an organization is made with (P1)', () => {
  expect(foreign(base().project('Main'))).toEqual([]);
  expect(foreign(base().project('Other'))).toEqual(['Other']);
});

it.each([
  ['a secret', base().project('Main', ['token']), ['Main']],
  [
    'somebody whom it is granted to',
    base()
      .project('Main')
      .member('bob@acme.example', { grants: [{ project: 'Main', access: 'Read' }] }),
    ['bob@acme.example', 'Main'],
  ],
  [
    'a group',
    base()
      .project('Main')
      .group('ops', [], [{ project: 'Main', access: 'Read' }]),
    ['Main'],
  ],
])('names it once it has %s', (_what, state, keys) => {
  expect(foreign(state)).toEqual(keys);
});
