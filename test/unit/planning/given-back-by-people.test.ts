import { expect, it } from 'vitest';
import { commandsByPeople } from '#planning/given-back-by-people.ts';

const BOB = 'bob@acme.example';

it('names who lost it and what, ready to be typed (rail 7)', () => {
  const cut = { kind: 'Member', key: BOB, act: 'GrantRemoved', item: 'web shop' } as const;
  expect(commandsByPeople(cut, cut, false)).toEqual([
    `seneschal vault member grant ${BOB} 'web shop' ACCESS`,
  ]);
});

it('puts a person who was cut off back on the group that does not list them', () => {
  const cut = { kind: 'Member', key: BOB, act: 'Removed', item: null } as const;
  expect(commandsByPeople({ kind: 'Group', key: 'on-call' }, cut, false)).toEqual([
    `seneschal vault group add on-call ${BOB}`,
  ]);
});
