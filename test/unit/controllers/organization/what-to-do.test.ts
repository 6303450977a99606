import { expect, test } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import { observeOnlyText } from '#engine/may-write.ts';
import type { Condition } from '#runtime/runtime.ts';
import { heldLease } from '#test/builders/lease.ts';
import {
  desired,
  desiredMember,
  invitation,
  memberObject,
  NOW,
  object,
  objects,
  outcome,
  removal,
  state,
} from './pass.ts';

type Args = Parameters<typeof outcome>;

/** Messages of the Organization, or of the only other object, by `Type=Status/Reason`. */
function messages(kind: string, plan: Args[1], some: Args[2] = {}, of = objects()): Record<string, string> {
  const patches = statusesOf(
    of,
    desired({ members: of.members.map(({ metadata }) => desiredMember(metadata.name)) }),
    outcome(state(), plan, some),
    NOW,
  );
  const { status } = patches.find((patch) => patch.kind === kind) ?? {};
  const conditions: readonly Condition[] = status?.conditions ?? [];
  return Object.fromEntries(
    conditions.map(({ type, status: is, reason, message }) => [`${type}=${is}/${reason}`, message]),
  );
}

test('losses that settle: the Organization says what they wait for, and what to do if they were not meant (rail 1)', () => {
  const steps = [removal('bob')];
  const pending = [{ class: 'people', steps, dueAt: NOW + 30_000 }] as const;
  const said = messages('Organization', { steps, pending });
  expect(said['Ready=False/Settling']).toContain('bring back in Git what was not meant');
});

test.each([
  ['VaultRolledBack', /an approver accepts it as it is/],
  [
    'ManagementConflict',
    /Stop that one, so that it gives the lease back; or .* seneschal claim takeover --manager acme\/acme --installation here/,
  ],
] as const)('%s says what ends it where nothing waits for it, too', (observeOnly, next) => {
  const own = { manager: 'acme/acme', installation: 'here', holder: 'Operator' } as const;
  const stopped = observeOnlyText(observeOnly, heldLease(), own);
  const said = messages('Organization', {}, { observeOnly, stopped });
  expect(said[`Ready=False/${observeOnly}`]).toMatch(next);
});

test('a member whose step the vault failed at says that it is tried again, and where the cause is', () => {
  const step = invitation('alice');
  const answers = new Map([[step.hash, { status: 'Failed', message: 'The vault failed.' } as const]]);
  const of = objects({ members: [memberObject('alice')] });
  const said = messages('Member', { steps: [step], runnable: [step] }, { answers }, of);
  expect(said['Ready=False/VaultError']).toMatch(/^The vault failed\. Nothing: the next pass tries it again/);
});

test('a binding says of a key that is not there yet, and of grants that are missing, what ends that', () => {
  const binding = object('MachineBinding', 'web', {
    organizationRef: { name: 'acme' },
    machineName: 'web',
    projects: [],
    key: { secretName: 'web' },
  });
  const said = messages('MachineBinding', {}, {}, objects({ bindings: [binding] }));
  expect(said['Registered=False/WaitingForKey']).toMatch(/the operator makes one/);
  expect(said['Granted=False/WaitingForGrants']).toMatch(/once the machine is registered/);
  const staged = object('MachineBinding', 'web', binding.spec, { fingerprint: 'f'.repeat(64) });
  const then = messages('MachineBinding', {}, {}, objects({ bindings: [staged] }));
  expect(then['Registered=False/WaitingForRegistration']).toMatch(/next pass registers it/);
});
