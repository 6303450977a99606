import { expect, it } from 'vitest';
import { OWNER_COMMANDS } from '#cli/person/person-commands.ts';
import { BROUGHT_KINDS } from '#model/record.ts';
import { commandByPeople, GIVEN_BACK_BY } from '#planning/given-back-by-people.ts';

it('names commands that there are, for whatever was cut (rail 7)', () => {
  const known = OWNER_COMMANDS.map(({ words }) => `seneschal vault ${words.join(' ')}`);
  for (const act of Object.keys(GIVEN_BACK_BY) as (keyof typeof GIVEN_BACK_BY)[]) {
    for (const kind of BROUGHT_KINDS) expect(known).toContain(commandByPeople(kind, { kind, act }, false));
  }
  for (const verb of ['set-role', 'set-template', 'grant']) {
    expect(known).toContain(`seneschal vault member ${verb}`);
    expect(commandByPeople('Member', { kind: 'Member', act: 'Removed' }, true)).toContain(verb);
  }
  expect(commandByPeople('Group', { kind: 'Member', act: 'Removed' }, false)).toBe(
    'seneschal vault group add',
  );
  expect(known).toContain('seneschal vault cut lift');
});
