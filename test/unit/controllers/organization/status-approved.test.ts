import { expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { ManagedRecord } from '#model/record.ts';
import {
  desired,
  desiredMember,
  member,
  memberObject,
  NOW,
  objects,
  outcome,
  patchOf,
  state,
} from './pass.ts';

it('the status of a Member says by whom a raise was approved', () => {
  const record: ManagedRecord = {
    ...{ kind: 'Member', key: 'alice@acme.example', manager: 'acme/acme', origin: 'acme', applied: {} },
    ...{ deletionPolicy: null, provenance: {}, seenUnder: null },
    approved: { by: 'carol', via: 'Vault', at: Date.UTC(2026, 10, 30) },
  };
  const patches = statusesOf(
    objects({ members: [memberObject('alice')] }),
    desired({ members: [desiredMember('alice')] }),
    outcome(state({ members: [member('alice')], records: [record] })),
    NOW,
  );
  expect(patchOf(patches, 'Member').status).toMatchObject({
    approved: { by: 'carol', via: 'Vault', at: '2026-11-30T00:00:00Z' },
  });
});
