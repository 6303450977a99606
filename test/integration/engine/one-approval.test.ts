import { expect, it } from 'vitest';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { World } from './world.ts';

const PEOPLE = Array.from({ length: 60 }, (_, n) =>
  resource('Member', `person-${n}`, {
    email: `person-${n}@acme.example`,
    templateRef: { name: 'makers' },
  }),
);
const FIRST_COMMIT = [
  organizationResource({ rails: { privilegeApproval: 'Always' } }),
  resource('PermissionTemplate', 'makers', {
    capabilities: { Machines: ['Manage'], Secrets: ['Manage'] },
    projectScope: { all: true },
  }),
  ...PEOPLE,
];

it('a first commit of 60 people whose template raises takes one approval in the vault (rails 2, 8)', async () => {
  await using world = await World.start({ automation: { invitesPerHour: 25, invitesPerDay: 200 } });
  const before = await world.pass(FIRST_COMMIT);
  expect(before.plan.held.map(({ reason }) => reason)).toContain('NeedsApproval');
  const { digest } = before.plan;
  await world.vault.approve(digest ?? '');
  const after = await world.pass(FIRST_COMMIT);
  expect(after.plan.digest).toBeNull();
  const { members } = await world.vault.snapshot();
  expect(members.filter(({ state }) => state === 'Invited')).toHaveLength(60);
});
