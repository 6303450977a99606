import { describe, expect, test } from 'vitest';
import { runPass } from '#engine/pass.ts';
import type { PassInput } from '#engine/pass-types.ts';
import type { StepAnswer } from '#protocol/management.ts';
import { ProviderError } from '#provider/provider.ts';
import { declaring, desired } from '#test/builders/desired.ts';
import { heldLease } from '#test/builders/lease.ts';
import { MANAGER, NOW, organization } from '#test/builders/organization.ts';
import { organizationResource, resource } from '#test/builders/resources.ts';
import { memoryPass } from '#test/fakes/memory-pass.ts';

const refusal: StepAnswer = {
  status: 'Refused',
  code: 'SeatsExhausted',
  message: 'no seat',
  next: 'upgrade',
};

const three = desired().member('a@x.example').member('b@x.example').member('c@x.example').build();

describe('a pass', () => {
  test('brings the vault to what is declared; the next one is one request and no write', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    const first = await runPass(input);
    expect(vault.calls).toEqual(['observe', 'lease', 'execute 4', 'observe']);
    expect(first).toMatchObject({ writes: 4, unfinished: false, plan: { steps: [] } });
    expect(vault.state.members.map(({ email }) => email)).toContain('c@x.example');

    vault.calls.length = 0;
    const second = await runPass({ ...input, known: first.observation.snapshot });
    expect(vault.calls).toEqual(['observe']);
    expect(second).toMatchObject({ writes: 0, observation: { moved: false }, answers: new Map() });
  });

  test('goes on past a step that is refused, and does not send it again', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    vault.bend = ({ action }) => (action.key === 'b@x.example' ? refusal : undefined);
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe', 'lease', 'execute 4', 'observe']);
    expect(result.unfinished).toBe(false);
    expect([...result.answers.values()].filter(({ status }) => status === 'Refused')).toEqual([refusal]);
    expect(result.plan.steps).toMatchObject([{ action: { key: 'b@x.example' } }]);
    expect(vault.state.members.map(({ email }) => email)).toContain('c@x.example');
  });

  test('sends the key of the binding that acts, never that of another which names the machine (H1)', async () => {
    const key = (fingerprint: string) => ({ fingerprint, publicKey: `public half of ${fingerprint}` });
    const declared = desired()
      .machine('ci', [], { key: key('of-the-tenant'), source: { namespace: 'tenant' } })
      .machine('ci', [], { key: key('of-ours') });
    const state = organization().record('MachineBinding', 'ci', { access: [] }, { deletionPolicy: 'Revoke' });
    const { vault, input } = memoryPass(state.build(), declared.build());
    await runPass(input);
    const sent = vault.requests.filter(({ action }) => action.kind === 'RegisterMachine');
    expect(sent).toMatchObject([{ publicKey: 'public half of of-ours' }]);
  });

  test('observes again where what a step was decided on no longer holds', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    let stale = true;
    vault.bend = ({ action }) => {
      if (!stale || action.key !== 'b@x.example') return undefined;
      stale = false;
      return { status: 'Refused', code: 'StaleBefore', message: 'moved', next: 'again' };
    };
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe', 'lease', 'execute 4', 'observe', 'execute 1', 'observe']);
    expect(result.plan.steps).toEqual([]);
  });

  test('sends the same key for the same decision at the same revision, and another later', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    vault.bend = () => ({ status: 'Failed', message: 'fault' });
    const failed = await runPass(input);
    expect(failed.unfinished).toBe(true);
    await runPass(input);
    vault.moved(vault.state);
    await runPass(input);
    const [first, second, third] = [0, 4, 8].map((at) => vault.requests[at]?.idempotencyKey);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('stops between two calls when it is aborted, and a later one goes on', async () => {
    const abort = new AbortController();
    const { vault, input } = memoryPass(organization().build(), three, { signal: abort.signal });
    vault.before = (call) => {
      if (call === 'execute 4') abort.abort();
    };
    await expect(runPass(input)).rejects.toThrow(/abort/i);
    vault.before = () => undefined;
    const result = await runPass({ ...input, signal: new AbortController().signal });
    expect(result.plan.steps).toEqual([]);
  });

  test('runs the reviewed steps and no others', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    const all = await runPass({ ...input, organization: organizationResource({ management: 'Observe' }) });
    const chosen = all.plan.steps.find(({ action }) => action.key === 'a@x.example');
    await runPass({ ...input, only: new Set([chosen?.hash ?? '']) });
    expect(vault.requests.map(({ action }) => action.key)).toEqual(['a@x.example']);
  });

  test('marks what it saw declared once, though the vault’s revision does not move for it', async () => {
    const uids = {
      Organization: 'u',
      Member: 'u',
      Group: 'u',
      PermissionTemplate: 'u',
      Project: 'u',
      MachineBinding: 'u',
    };
    const state = organization().member('a@x.example').ours().build();
    const declared = declaring(state)
      .with({ seenUnder: { acme: uids } })
      .build();
    const seen = {
      ...declared,
      members: declared.members.map((m) => ({ ...m, source: { ...m.source, seenUnder: 'u' } })),
    };
    const { vault, input } = memoryPass(state, seen);
    const first = await runPass(input);
    expect(vault.calls.filter((call) => call.startsWith('sightings'))).toHaveLength(1);
    vault.calls.length = 0;
    await runPass({ ...input, known: first.observation.snapshot });
    expect(vault.calls).toEqual(['observe']);
  });
});

describe('a pass only observes', () => {
  test.each([
    ['where spec.management says so', { management: 'Observe' as const }, 'Observe'],
    ['where spec.suspend says so', { suspend: true }, 'Suspended'],
  ])('%s', async (_, spec, reason) => {
    const { vault, input } = memoryPass(organization().build(), three, {
      organization: organizationResource(spec),
    });
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe']);
    expect(result.observeOnly).toBe(reason);
    expect(result.plan.held).toMatchObject([{ reason: 'ObserveOnly' }]);
  });

  test('where another manager holds the lease (rail 10)', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    vault.lease = heldLease({ manager: 'other' });
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe']);
    expect(result.observeOnly).toBe('ManagementConflict');
  });

  test('where another process of this manager has not yielded yet (rail 10)', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    vault.lease = heldLease({ manager: MANAGER, installation: 'cli-1', holder: 'CommandLine' });
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe', 'lease']);
    expect(result).toMatchObject({ observeOnly: 'ManagementConflict', unfinished: true });
  });

  test('where somebody froze the vault (rail 12)', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    vault.freeze = { by: 'alice', reason: 'incident', at: NOW, all: false };
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe']);
    expect(result.plan.held).toMatchObject([{ reason: 'Frozen', rail: 12 }]);
  });
});

describe('the lease', () => {
  test('is kept between passes, and given back where another process of the manager waits (rail 10)', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    await runPass(input);
    expect(input.lease.fence).not.toBeNull();
    vault.yieldRequested = true;
    await runPass(input);
    expect(vault.calls.slice(-2)).toEqual(['observe', 'release']);
    expect(input.lease.fence).toBeNull();
  });

  test('is taken again where it was lost in between', async () => {
    const { vault, input } = memoryPass(organization().build(), three);
    let lost = true;
    vault.bend = () => {
      if (!lost) return undefined;
      vault.lease = null;
      return { status: 'Refused', code: 'LeaseLost', message: 'lost', next: 'again' };
    };
    vault.before = (call) => {
      if (call === 'lease' && vault.calls.includes('lease')) lost = false;
    };
    const result = await runPass(input);
    expect(vault.calls).toEqual([
      'observe',
      'lease',
      'execute 4',
      'observe',
      'lease',
      'execute 4',
      'observe',
    ]);
    expect(result.plan.steps).toEqual([]);
  });
});

describe('losses', () => {
  const state = organization().member('a@x.example').member('b@x.example').ours().build();
  const without = desired().member('a@x.example').build();

  test('are reserved right before the first of their class (rail 1)', async () => {
    const { vault, input } = memoryPass(state, without, { organization: organizationResource() });
    await runPass(input);
    const calls = vault.calls.filter((call) => call.startsWith('reserve') || call.startsWith('execute'));
    // Settings and a claim first, the removal last (design §5).
    expect(calls).toEqual(['execute 1', 'reserve people', 'execute 1']);
    expect(vault.state.members.map(({ email }) => email)).not.toContain('b@x.example');
  });

  test('stay where the reservation is refused, and everything else goes on', async () => {
    const { vault, input } = memoryPass(state, desired().member('a@x.example').member('n@x.example').build());
    vault.faults.set(
      'reserve people',
      new ProviderError({ class: 'Conflict', code: 'OverBudget', publicMessage: 'too many' }),
    );
    const result = await runPass(input);
    expect([...result.answers.values()].filter(({ status }) => status === 'Refused')).toMatchObject([
      { code: 'OverBudget' },
    ]);
    const emails = vault.state.members.map(({ email }) => email);
    expect(emails).toContain('b@x.example');
    expect(emails).toContain('n@x.example');
  });

  test('that are held are kept by the vault, once: the next pass is one request and no write (rail 1)', async () => {
    const lost = { class: 'people', units: 2, at: NOW, stepHash: 'x', approved: false } as const;
    const { vault, input } = memoryPass({ ...state, ledger: [lost] }, without);
    await runPass({ ...input, desired: desired().member('a@x.example').member('b@x.example').build() });
    vault.calls.length = 0;
    const held = await runPass(input);
    expect(vault.calls).toEqual(['observe', 'holds people 1', 'observe']);
    expect(held).toMatchObject({ writes: 1, unfinished: false, plan: { held: [{ reason: 'LossBudget' }] } });
    vault.calls.length = 0;
    const again = await runPass({ ...input, known: held.observation.snapshot });
    expect(vault.calls).toEqual(['observe']);
    expect(again.writes).toBe(0);
    // Git takes it back.
    await runPass({ ...input, desired: desired().member('a@x.example').member('b@x.example').build() });
    expect(vault.calls.slice(1)).toEqual(['observe', 'holds ', 'observe']);
  });

  test('that are held are not kept while nothing may be written (rail 12)', async () => {
    const lost = { class: 'people', units: 2, at: NOW, stepHash: 'x', approved: false } as const;
    const { vault, input } = memoryPass({ ...state, ledger: [lost] }, without);
    vault.freeze = { by: 'alice', reason: 'incident', at: NOW, all: false };
    await runPass(input);
    expect(vault.calls).toEqual(['observe']);
  });

  test('wait for the next pass where a fresh read does not confirm them (rail 1)', async () => {
    const { vault, input } = memoryPass(state, without, { confirmLosses: async () => false });
    const result = await runPass(input);
    expect(vault.calls.filter((call) => call.startsWith('reserve'))).toEqual([]);
    expect(result.unfinished).toBe(true);
    expect(vault.state.members.map(({ email }) => email)).toContain('b@x.example');
  });
});

describe('withdrawals that lose nothing', () => {
  test('wait for the next pass where a fresh read does not confirm them (rail 1)', async () => {
    const state = organization().project('api').project('ops').project('web').ours().build();
    const declared = desired().member('n@x.example').project('api').project('web').build();
    let confirmed = false;
    const { vault, input } = memoryPass(state, declared, { confirmLosses: async () => confirmed });
    const result = await runPass(input);
    const kinds = () => vault.requests.map(({ action }) => action.kind);
    expect(kinds()).not.toContain('Release');
    expect(kinds()).toContain('InviteMember');
    expect(result.unfinished).toBe(true);
    confirmed = true;
    await runPass(input);
    expect(kinds().at(-1)).toBe('Release');
  });
});

describe('a vault that was rolled back (A3)', () => {
  const anchored = (fields: Partial<PassInput> = {}) => {
    const { vault, input } = memoryPass(organization().build(), three, fields);
    for (let act = 0; act < 3; act++) vault.moved(vault.state);
    return { vault, input: { ...input, anchor: vault.head } };
  };

  test('is not suspected without a request while the head has not moved', async () => {
    const { vault, input } = anchored();
    const result = await runPass(input);
    // The proof is of what this pass itself moved.
    expect(vault.calls).toEqual(['observe', 'lease', 'execute 4', 'observe', 'proof 3']);
    expect(result.anchor).toEqual(vault.head);
  });

  test('is refuted by a proof where the head moved on', async () => {
    const { vault, input } = anchored();
    vault.moved(vault.state);
    const result = await runPass(input);
    expect(vault.calls.slice(0, 2)).toEqual(['observe', 'proof 3']);
    expect(result.observeOnly).toBeNull();
  });

  test('is not asked for a proof in a pass that finds nothing to do, until the anchor is an hour old', async () => {
    const { vault, input } = anchored();
    const first = await runPass(input);
    const known = first.observation.snapshot;
    // Machines read: the head moves on, the configuration does not.
    vault.head = { ...vault.head, sequence: vault.head.sequence + 1, hash: 'a'.repeat(64) };
    vault.calls.length = 0;
    const idle = await runPass({ ...input, known, anchor: first.anchor });
    expect(vault.calls).toEqual(['observe']);
    expect(idle.anchor).toEqual(first.anchor);
    vault.calls.length = 0;
    await runPass({ ...input, known, anchor: first.anchor, anchorDue: true });
    expect(vault.calls).toEqual(['observe', `proof ${first.anchor?.sequence}`]);
  });

  test.each([
    ['a shorter chain', { sequence: 1 }],
    ['another entry at the same place', { hash: 'f'.repeat(64) }],
    ['a new epoch', { epoch: 'epoch_2' }],
  ])('is only observed: %s', async (_, head) => {
    const { vault, input } = anchored();
    vault.head = { ...vault.head, ...head };
    const result = await runPass(input);
    expect(vault.calls).toEqual(['observe']);
    expect(result.observeOnly).toBe('VaultRolledBack');
    expect(result.anchor).toEqual(input.anchor);
    expect(result.acceptDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is accepted by an approval of that epoch, proven by the API server', async () => {
    const { vault, input } = anchored();
    vault.head = { ...vault.head, epoch: 'epoch_2' };
    const { acceptDigest } = await runPass(input);
    const rails = {
      ...input.desired.organization.fields.rails,
      approvers: { users: ['alice'], groups: [], members: [] },
    };
    vault.state = organization()
      .record('Organization', vault.address.vaultId, { displayName: null, rails })
      .build();
    const approval = resource(
      'PlanApproval',
      'restore',
      { digest: acceptDigest ?? '', approver: 'alice', reason: 'restored from backup' },
      { creationTimestamp: new Date(NOW).toISOString() },
    );
    const { desired } = input;
    const fields = { ...desired.organization.fields, rails };
    const result = await runPass({
      ...input,
      desired: { ...desired, organization: { ...desired.organization, fields } },
      planApprovals: [approval],
    });
    expect(result.observeOnly).toBeNull();
    expect(result.anchor?.epoch).toBe('epoch_2');
  });

  test('is accepted by a declared approver where the vault was lost whole, and no rails with it', async () => {
    const { vault, input } = anchored();
    vault.head = { ...vault.head, epoch: 'epoch_2' };
    const { acceptDigest } = await runPass(input);
    const { desired } = input;
    const rails = {
      ...desired.organization.fields.rails,
      approvers: { users: ['alice'], groups: [], members: [] },
    };
    const fields = { ...desired.organization.fields, rails };
    const approval = resource(
      'PlanApproval',
      'restore',
      { digest: acceptDigest ?? '', approver: 'alice', reason: 'a new vault' },
      { creationTimestamp: new Date(NOW).toISOString() },
    );
    const organization = { ...desired.organization, fields };
    const result = await runPass({
      ...input,
      desired: { ...desired, organization },
      planApprovals: [approval],
    });
    expect(result.observeOnly).toBeNull();
    expect(result.plan.held, 'the rails that name them wait for an approval in the vault').toMatchObject([
      { reason: 'SettingsLoosened' },
    ]);
  });
});
