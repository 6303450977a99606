import { describe, expect, it } from 'vitest';
import type { KeyEnd } from '#model/key-ends.ts';
import type { MachineKey } from '#model/organization.ts';
import { MANAGED_KINDS, type ManagedKind } from '#model/record.ts';
import type { DesiredMachine, PlanningPolicy, Step } from '#planning/plan-types.ts';
import { desired } from '#test/builders/desired.ts';
import { HOUR, machineKey, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const OURS = 'installation-1';
const OVERLAP = 24 * 60 * 60;
const SEEN = {
  acme: Object.fromEntries(MANAGED_KINDS.map((kind) => [kind, 'uid'])) as Record<ManagedKind, string>,
};

const key = (fingerprint: string, fields: Partial<MachineKey> = {}) =>
  machineKey(fingerprint, { addedAt: NOW - 48 * HOUR, installation: OURS, lastUsedAt: null, ...fields });
const offered = (fingerprint: string) => ({ fingerprint, publicKey: 'public' });
const rotated = (fingerprint: string): KeyEnd => ({ fingerprint, idleFor: OVERLAP, because: 'Rotated' });
const lost = (fingerprint: string, idleFor = 600): KeyEnd => ({ fingerprint, idleFor, because: 'Lost' });
const compromised = (fingerprint: string): KeyEnd => ({ fingerprint, idleFor: 0, because: 'Compromised' });

/** Of machines; the first ApplySettings of every fresh organization is left out. */
const actions = (steps: readonly Step[]) =>
  steps.filter(({ subject }) => subject.kind === 'MachineBinding').map(({ action }) => action);

/** What the operator plans for a machine of these keys. */
const plan = (
  keys: readonly MachineKey[],
  fields: Partial<DesiredMachine>,
  under: Partial<PlanningPolicy> = {},
) =>
  planned(
    desired().machine('ci', [], fields).with({ seenUnder: SEEN }),
    organization().machine('ci', [], { keys }).ours(),
    { installation: OURS, ...under },
  );
/** What the command line plans. */
const withoutCluster = (keys: readonly MachineKey[], fields: Partial<DesiredMachine>) =>
  planned(
    desired().machine('ci', [], { key: null, ...fields }),
    organization().machine('ci', [], { keys }).ours(),
  );

describe('keys that end', () => {
  it('end once they are idle and the key that follows is one of the machine', () => {
    const { steps } = plan([key('new'), key('old')], { key: offered('new'), keyEnds: [rotated('old')] });
    expect(actions(steps)).toMatchObject([
      { kind: 'RevokeKeyIfIdle', key: 'ci', before: { fingerprints: ['new', 'old'] }, after: rotated('old') },
    ]);
    expect(stepOf(steps, 'RevokeKeyIfIdle').consequence).toMatchObject({ loss: null, changes: [] });
  });

  it('wait for the key that follows, and are not asked for where they are gone already', () => {
    const waits = plan([key('old')], { key: offered('new'), keyEnds: [rotated('old')] });
    expect(told(waits.steps)).toEqual(['AddMachineKey ci']);
    const gone = plan([key('new')], { key: offered('new'), keyEnds: [rotated('old')] });
    expect(told(gone.steps)).toEqual([]);
  });

  it('that are in use stay, are told with their use, and are looked at when they may be idle', () => {
    const used = key('old', { lastUsedAt: NOW - HOUR, lastUsedFrom: '10.0.0.1' });
    const waits = plan([key('new'), used], { key: offered('new'), keyEnds: [rotated('old')] });
    expect(told(waits.steps)).toEqual([]);
    expect(waits.findings).toMatchObject([
      { reason: 'KeyInUse', message: expect.stringContaining('from 10.0.0.1') },
    ]);
    expect(waits.wakeAt).toBe(NOW - HOUR + OVERLAP * 1000);
    const now = { ...rotated('old'), idleFor: 0 };
    expect(told(plan([key('new'), used], { key: offered('new'), keyEnds: [now] }).steps)).toEqual([
      'RevokeKeyIfIdle ci',
    ]);
  });

  it('that others brought stay, with the command of a person', () => {
    for (const installation of [null, 'installation-2']) {
      const keys = [key('new'), key('old', { installation })];
      const { steps, findings } = plan(keys, { key: offered('new'), keyEnds: [rotated('old')] });
      expect(told(steps)).toEqual([]);
      expect(findings).toMatchObject([
        { reason: 'NotOurKey', next: expect.stringContaining('vault machine revoke-key ci old') },
      ]);
    }
  });

  it('of two lost halves the one that is idle longer makes room, and no more', () => {
    const keys = [key('a', { lastUsedAt: NOW - HOUR }), key('b', { lastUsedAt: NOW - 2 * HOUR })];
    const { steps } = plan(keys, { key: offered('new'), keyEnds: [lost('a'), lost('b')] });
    expect(actions(steps)).toMatchObject([
      { kind: 'RevokeKeyIfIdle', after: { fingerprint: 'b' } },
      { kind: 'AddMachineKey', before: { fingerprints: ['a'] }, after: { fingerprint: 'new' } },
    ]);
  });

  it('of two lost halves that are in use none makes room: it is told by whom, and when one may', () => {
    const at = (minutes: number) => ({ lastUsedAt: NOW - minutes * 60_000, lastUsedFrom: '10.0.0.1' });
    const blocked = plan([key('a', at(1)), key('b', at(9))], {
      key: offered('new'),
      keyEnds: [lost('a'), lost('b')],
    });
    expect(told(blocked.steps)).toEqual([]);
    expect(reasons(blocked)).toEqual(['Info KeyInUse ci', 'Info KeyInUse ci', 'Stalled RotationBlocked ci']);
    expect(blocked.findings.at(-1)).toMatchObject({
      message: expect.stringMatching(/key a of ci .* from 10\.0\.0\.1.*key b of ci/),
      next: expect.stringContaining('revoke-key ci a or seneschal vault machine revoke-key ci b'),
    });
    expect(blocked.wakeAt).toBe(NOW + 60_000);
  });

  it('that are lost wait while there is a free slot for the key that comes', () => {
    const waits = plan([key('a')], { key: offered('new'), keyEnds: [lost('a', OVERLAP)] });
    expect(told(waits.steps)).toEqual(['AddMachineKey ci']);
  });

  it('never are the key that the cluster holds, but where that is compromised', () => {
    expect(told(plan([key('a'), key('b')], { key: offered('a'), keyEnds: [lost('a')] }).steps)).toEqual([]);
    const both = plan([key('a'), key('b')], { key: offered('a'), keyEnds: [compromised('a'), lost('b')] });
    expect(told(both.steps)).toEqual(['RevokeKeyIfIdle ci']);
  });
});

describe('compromised keys', () => {
  const named = { compromised: ['a', 'b'] };

  it('end as the cluster says, which makes the next one first', () => {
    expect(told(plan([key('a')], { key: offered('a'), compromised: ['a'] }).steps)).toEqual([]);
    const switched = { key: offered('new'), compromised: ['a'], keyEnds: [compromised('a')] };
    expect(told(plan([key('a'), key('new')], switched).steps)).toEqual(['RevokeKeyIfIdle ci']);
  });

  it('end at once where no cluster acts, one after the other, whoever brought them', () => {
    const { steps, runnable } = withoutCluster([key('a'), key('b', { installation: null })], named);
    expect(actions(runnable)).toMatchObject([
      { before: { fingerprints: ['a', 'b'] }, after: { fingerprint: 'a' } },
      { before: { fingerprints: ['b'] }, after: { fingerprint: 'b' } },
    ]);
    expect(steps.filter(({ action }) => action.kind === 'RevokeKeyIfIdle').map(({ why }) => why)).toEqual([
      'key a: named as compromised',
      'key b: named as compromised; the machine is without a key then',
    ]);
  });

  it('end where the binding is suspended, where the vault is frozen, and where not all could be read', () => {
    const suspended = { compromised: ['a'], suspended: true };
    expect(told(plan([key('a')], suspended).runnable)).toEqual(['RevokeKeyIfIdle ci']);
    const freeze = { by: 'owner', reason: 'incident', at: NOW, all: false };
    expect(told(plan([key('a')], suspended, { freeze }).runnable)).toEqual(['RevokeKeyIfIdle ci']);
    expect(told(plan([key('a')], suspended, { freeze: { ...freeze, all: true } }).runnable)).toEqual([]);
    const partial = planned(
      desired().machine('ci', [], suspended).with({ seenUnder: SEEN, complete: false }),
      organization()
        .machine('ci', [], { keys: [key('a')] })
        .ours(),
    );
    expect(told(partial.runnable)).toEqual(['RevokeKeyIfIdle ci']);
  });

  it('are registered no more, though the cluster holds them', () => {
    const held = { key: offered('a'), compromised: ['a'] };
    const again = plan([key('b')], held);
    expect(told(again.steps)).toEqual([]);
    expect(reasons(again)).toEqual(['Stalled KeyCompromised ci']);
    const anew = planned(desired().machine('ci', [], held).with({ seenUnder: SEEN }), organization());
    expect(stepOf(anew.steps, 'RegisterMachine').executor).toBe('operator');
  });

  it('of a machine that is not ours stay', () => {
    const { steps } = planned(
      desired().machine('ci', [], { key: null, ...named }),
      organization().machine('ci', [], { keys: [key('a')] }),
    );
    expect(told(steps)).toEqual([]);
  });
});
