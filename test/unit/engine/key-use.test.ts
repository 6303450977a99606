import { describe, expect, test } from 'vitest';
import { whatIsOpen } from '#engine/open.ts';
import { runPass } from '#engine/pass.ts';
import type { KeyEnd } from '#model/key-ends.ts';
import { MANAGED_KINDS, type ManagedKind } from '#model/record.ts';
import type { DesiredMachine } from '#planning/plan-types.ts';
import { desired } from '#test/builders/desired.ts';
import { HOUR, machineKey, NOW, organization } from '#test/builders/organization.ts';
import { memoryPass } from '#test/fakes/memory-pass.ts';

const OVERLAP = 24 * 60 * 60;
const SEEN = {
  acme: Object.fromEntries(MANAGED_KINDS.map((kind) => [kind, 'uid'])) as Record<ManagedKind, string>,
};
const ENDS: readonly KeyEnd[] = [{ fingerprint: 'old', idleFor: OVERLAP, because: 'Rotated' }];

const passOf = (fingerprints: readonly string[], fields: Partial<DesiredMachine>) => {
  const keys = fingerprints.map((fingerprint) =>
    machineKey(fingerprint, { addedAt: NOW - 48 * HOUR, installation: 'installation-1' }),
  );
  const state = organization().machine('ci', [], { keys }).ours().build();
  const key = { fingerprint: 'new', publicKey: 'public' };
  const declared = desired()
    .machine('ci', [], { key, ...fields })
    .with({ seenUnder: SEEN })
    .build();
  return memoryPass({ ...state, settings: null }, declared);
};

describe('a pass over machines with keys that may end', () => {
  test('asks for no uses where each machine has the key of the cluster alone', async () => {
    const { vault, input } = passOf(['new'], { keyEnds: ENDS });
    await runPass(input);
    expect(vault.calls.filter((call) => call.startsWith('uses'))).toEqual([]);
  });

  test('ends a key that its uses let go', async () => {
    const { vault, input } = passOf(['new', 'old'], { keyEnds: ENDS });
    vault.uses.set('old', { lastUsedAt: NOW - OVERLAP * 1000, lastUsedFrom: '10.0.0.1' });
    await runPass(input);
    expect(vault.calls).toContain('uses 2');
    expect(vault.state.machines[0]?.keys.map(({ fingerprint }) => fingerprint)).toEqual(['new']);
  });

  test('leaves one that is in use, tells its use to who asks for the state, and wakes when it may go', async () => {
    const { vault, input } = passOf(['new', 'old'], { keyEnds: ENDS });
    vault.uses.set('old', { lastUsedAt: NOW - HOUR, lastUsedFrom: '10.0.0.1' });
    const result = await runPass(input);
    expect(result.wakeAt).toBe(NOW - HOUR + OVERLAP * 1000);
    const { snapshot } = result.observation;
    expect(snapshot.state.machines[0]?.keys).toContainEqual(
      expect.objectContaining({ fingerprint: 'old', lastUsedAt: NOW - HOUR, lastUsedFrom: '10.0.0.1' }),
    );
    // Nothing moved: the snapshot stays the one that is kept.
    const again = await runPass({ ...input, known: snapshot });
    expect(again.observation.snapshot).toBe(snapshot);
  });

  test('asks the vault again when that says so, and nothing of the binding stalls until then', async () => {
    const { vault, input } = passOf(['new', 'old'], { keyEnds: ENDS });
    const inUse = { askAgainAt: NOW + 20_000, lastUsedAt: NOW, lastUsedFrom: '10.0.0.1' };
    const said = { status: 'Refused', code: 'KeyInUse', message: 'in use', next: '', inUse } as const;
    vault.bend = ({ action }) => (action.kind === 'RevokeKeyIfIdle' ? said : undefined);
    const result = await runPass(input);
    expect(result.wakeAt).toBe(NOW + 20_000);
    const { items } = whatIsOpen(input.desired, result);
    expect(items.filter(({ subject }) => subject.key === 'ci')).toMatchObject([
      { standing: 'Scheduled', reason: 'KeyInUse' },
    ]);
  });
});
