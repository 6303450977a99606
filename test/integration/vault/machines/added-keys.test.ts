import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import type { StepAction } from '#model/step.ts';
import { rotatePayload, signPayload } from '#protocol/signing.ts';
import { changeMachine, newMachine } from '#test/builders/machine.ts';
import { MANAGER, MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { addKey } from '#vault/machines/machines.ts';
import { putRecord } from '#vault/managed/records.ts';

describe('a key that automation adds to a machine (rail 2)', () => {
  let vault: TestVault;
  beforeEach(async () => {
    vault = await startTestVault({ clock: new MovedClock(), automation: { unprovenKeys: 2 } });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  /** Registered by this manager, with its record. */
  async function registered(name: string): Promise<{ id: string; keys: KeyPair }> {
    const keys = newKeyPair();
    const [answer] = await vault.steps([
      {
        action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
        publicKey: keys.publicKey.text,
        record: record('MachineBinding', name, { access: [] }),
      },
    ]);
    return { id: answer?.status === 'Done' ? (answer.machineId ?? '') : '', keys };
  }
  const adding = (name: string, had: readonly KeyPair[], key: KeyPair) =>
    ({
      kind: 'AddMachineKey',
      key: name,
      before: { fingerprints: had.map(({ publicKey }) => publicKey.fingerprint).sort() },
      after: { fingerprint: key.publicKey.fingerprint },
    }) as const satisfies StepAction;
  const proofOf = (machineId: string, by: KeyPair, of: KeyPair, bend: object = {}) =>
    signPayload(
      by.privateKey,
      rotatePayload({
        audience: vault.audience,
        vaultId: vault.vaultId,
        machineId,
        fingerprint: of.publicKey.fingerprint,
        ...bend,
      }),
    );
  const countOf = async (action: string) => {
    const { reader } = vault.context;
    const rows = await reader.selectFrom('audit_entries').select('id').where('action', '=', action).execute();
    return rows.length;
  };
  const publicKeyOf = (key: KeyPair) => ({ publicKey: key.publicKey.text });
  const keyless = async (name: string) => {
    const { keys } = await registered(name);
    const next = newKeyPair();
    return vault.stepUnapproved(adding(name, [keys], next), publicKeyOf(next));
  };

  it('is taken without limit where a key of the machine signed for it', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      const { id, keys } = await registered(name);
      const next = newKeyPair();
      const more = { ...publicKeyOf(next), keyProof: proofOf(id, keys, next) };
      expect(await vault.step(adding(name, [keys], next), more)).toBe('Done');
    }
    expect(await countOf('machine.key-added')).toBe(4);
    expect(await countOf('automation.key-added-unproven')).toBe(0);
  });

  it('is refused with a proof that no key of this machine gave, or that is about another thing', async () => {
    const { id, keys } = await registered('web');
    const other = await registered('api');
    const next = newKeyPair();
    const wrong = [
      proofOf(id, other.keys, next),
      proofOf(id, keys, keys),
      proofOf(other.id, keys, next),
      proofOf(id, keys, next, { audience: 'https://elsewhere.example' }),
      proofOf(id, keys, next, { vaultId: 'vault_other' }),
      proofOf(id, next, next),
    ];
    for (const keyProof of wrong) {
      const step = { action: adding('web', [keys], next), ...publicKeyOf(next), keyProof };
      expect(await vault.steps([step])).toMatchObject([
        { code: 'Invalid', next: expect.stringContaining('Sign it by a key that the machine has now') },
      ]);
    }
    const more = { ...publicKeyOf(next), keyProof: proofOf(id, keys, next) };
    expect(await vault.step(adding('web', [keys], next), more)).toBe('Done');
  });

  it('without a proof counts toward the keys of seven days; beyond them one approval covers the rest', async () => {
    expect([await keyless('a'), await keyless('b'), await keyless('c')]).toEqual([
      'Done',
      'Done',
      'NeedsApproval',
    ]);
    expect(await countOf('automation.key-added-unproven')).toBe(2);

    const rebuilt = await Promise.all(
      ['d', 'e', 'f'].map(async (name) => ({ name, had: (await registered(name)).keys, next: newKeyPair() })),
    );
    const actions = rebuilt.map(({ name, had, next }) => adding(name, [had], next));
    const approval = await vault.approved(actions);
    for (const [index, action] of actions.entries()) {
      const { next } = rebuilt[index] as (typeof rebuilt)[number];
      const released = { approval, approvalProof: vault.proofIn(actions, action) };
      expect(await vault.step(action, { ...publicKeyOf(next), ...released })).toBe('Done');
    }
  });

  it('of a machine that is not of this manager waits for an approval, however it came into its records', async () => {
    const { keys } = await newMachine(vault, 'theirs');
    const next = newKeyPair();
    const action = adding('theirs', [keys], next);
    expect(await vault.stepUnapproved(action, publicKeyOf(next))).toBe('NeedsApproval');
    const taken = { ...publicKeyOf(next), record: record('MachineBinding', 'theirs', { access: [] }) };
    expect(await vault.stepUnapproved(action, taken)).toBe('NeedsApproval');
    const claim = {
      kind: 'Claim',
      key: 'MachineBinding/theirs',
      before: null,
      after: { kind: 'MachineBinding', applied: { access: [] } },
    } as const;
    await vault.step(claim, {
      approval: await vault.approved([claim]),
      record: record('MachineBinding', 'theirs', { access: [] }),
    });
    expect(await vault.stepUnapproved(action, publicKeyOf(next))).toBe('NeedsApproval');
    const approval = await vault.approved([action]);
    expect(await vault.step(action, { ...publicKeyOf(next), approval })).toBe('Done');
  });

  it('of a machine that it took over is its own to replace once an approval let the first one in', async () => {
    const { keys } = await newMachine(vault, 'theirs');
    const first = newKeyPair();
    const action = adding('theirs', [keys], first);
    await vault.step(action, {
      ...publicKeyOf(first),
      approval: await vault.approved([action]),
      record: record('MachineBinding', 'theirs', { access: [] }),
    });
    await changeMachine(vault, 'theirs', async (act) => {
      await act.db.deleteFrom('machine_keys').where('fingerprint', '=', keys.publicKey.fingerprint).execute();
      await act.audit({ action: 'machine.key-revoked', subject: { kind: 'MachineBinding', key: 'theirs' } });
    });
    const second = newKeyPair();
    expect(await vault.step(adding('theirs', [first], second), publicKeyOf(second))).toBe('Done');
  });

  it('is told in the snapshot: which machines in the records have no key of their manager', async () => {
    await registered('own');
    await newMachine(vault, 'theirs');
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      await putRecord(act, record('MachineBinding', 'theirs'), MANAGER);
      await act.audit({ action: 'record.claimed', subject: { kind: 'MachineBinding', key: 'theirs' } });
    });
    const { machines } = await vault.snapshot();
    expect(machines.map(({ name, adopted }) => [name, adopted])).toEqual([
      ['own', undefined],
      ['theirs', true],
    ]);
  });

  it('by a person needs no proof: who may add it is decided by who they are (H1)', async () => {
    const { id } = await registered('web');
    const key = newKeyPair();
    await changeMachine(vault, 'web', async (act, machine) => {
      await addKey(act, machine, key.publicKey, vault.owner.accountId);
      await act.audit({ action: 'machine.key-added', subject: { kind: 'MachineBinding', key: 'web' } });
    });
    const { machines } = await vault.snapshot();
    expect(machines.find((machine) => machine.id === id)?.keys).toHaveLength(2);
  });
});
