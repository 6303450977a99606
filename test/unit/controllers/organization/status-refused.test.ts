import { expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import {
  desired,
  desiredMember,
  invitation,
  member,
  memberObject,
  NOW,
  objects,
  outcome,
  patchOf,
  said,
  state,
} from './pass.ts';

it('says a refusal of the vault on its object alone, with cause and next step', () => {
  const steps = [invitation('alice')];
  const patches = statusesOf(
    objects({ members: [memberObject('alice'), memberObject('bob')] }),
    desired({ members: [desiredMember('alice'), desiredMember('bob')] }),
    outcome(
      state({ members: [member('bob')] }),
      { steps, runnable: steps },
      {
        answers: new Map([
          [
            'hash-of-inviting-alice',
            {
              status: 'Refused' as const,
              code: 'SeatsExhausted' as const,
              message: 'No seat is free.',
              next: 'Free one.',
            },
          ],
        ]),
      },
    ),
    NOW,
  );
  const [alice, bob] = patches.filter(({ kind }) => kind === 'Member');
  expect(said(alice?.status.conditions ?? [])).toContain('Stalled=True/SeatsExhausted');
  expect(alice?.status.conditions.find(({ type }) => type === 'Ready')?.message).toBe(
    'No seat is free. Free one.',
  );
  expect(said(bob?.status.conditions ?? [])).toContain('Ready=True/Succeeded');
  const organization = patchOf(patches, 'Organization').status;
  expect(said(organization.conditions)).toContain('Ready=True/PartlyAsDeclared');
  expect(organization.conditions.find(({ type }) => type === 'Ready')?.message).toBe(
    'As declared but for: 1 refused (SeatsExhausted).',
  );
  expect(organization).toMatchObject({ open: { refused: 1 } });
});
