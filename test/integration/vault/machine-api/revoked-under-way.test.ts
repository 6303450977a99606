import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { changeMachine, newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { PendingRead } from '#vault/machine-api/admission.ts';
import { CommittedReads } from '#vault/machine-api/committed-reads.ts';
import { MachineDirectory } from '#vault/machine-api/directory.ts';
import { PollSources } from '#vault/machine-api/poll-sources.ts';
import { StoredSecrets } from '#vault/machine-api/secret-reader.ts';
import { setIpAllowlist } from '#vault/machines/ip-allowlist.ts';
import { addKey, revokeMachine, setEnabled, setMachineAccess } from '#vault/machines/machines.ts';
import { owner } from '../world/people.ts';

const ACCESS = [{ project: 'web', secrets: ['cookie', 'other'] }];

/** Requests that were admitted, whose commits come after the change. */
describe('a request of a machine that was cut off after it was admitted and before its commit', () => {
  let vault: TestVault;
  let log: CommittedReads;
  let ids: Record<string, string>;
  let directory: MachineDirectory;
  beforeEach(async () => {
    vault = await startTestVault();
    const { reader, cipher } = vault.context;
    directory = new MachineDirectory(reader);
    const secrets = new StoredSecrets(reader, cipher);
    log = new CommittedReads(
      vault.context,
      {
        at: (id, revision) => directory.at(id, revision),
        isThere: (vaultId, id) => secrets.isThere(vaultId, id),
      },
      new PollSources(vault.context),
    );
    ids = await setValues(vault, { 'web/cookie': 'c1', 'web/other': 'o1' });
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  /** As the plane hands it to the log. */
  const admitted = async (id: string, what: 'read' | 'observed' = 'read'): Promise<PendingRead> => {
    const machine = await directory.find(id);
    if (machine === null) throw new Error('no machine');
    const secrets = [...machine.secrets.values()];
    return {
      machine,
      key: machine.keys[0]?.fingerprint ?? '',
      nonce: crypto.randomUUID(),
      source: '198.51.100.1',
      call: 'POST /v1/secrets/export',
      isPoll: what === 'observed',
      read: [],
      observed: [],
      refused: [],
      [what]: secrets,
    };
  };
  const outcome = (served: PendingRead): Promise<unknown> =>
    log.commit(served).then(
      (kept) => Object.fromEntries(kept),
      (error) => error.code ?? error.message,
    );
  const reads = async () => {
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', '=', 'secrets.read')
      .execute();
    return rows.map(({ entry }) => JSON.parse(entry).actor.name as string);
  };

  for (const what of ['read', 'observed'] as const) {
    it(`is refused alone where it was revoked, and the others of its group are answered: ${what}`, async () => {
      const gone = await newMachine(vault, 'gone', ACCESS);
      const stays = await newMachine(vault, 'stays', ACCESS);
      const group = [await admitted(gone.id, what), await admitted(stays.id, what)];
      await changeMachine(vault, 'gone', revokeMachine);
      expect(await Promise.all(group.map(outcome))).toEqual(['UnknownMachine', {}]);
      expect(await reads()).toEqual(what === 'read' ? ['stays'] : []);
      const polls = await vault.context.reader.selectFrom('machine_polls').select('machine_id').execute();
      expect(new Set(polls.map(({ machine_id }) => machine_id))).toEqual(new Set([stays.id]));
    });

    it(`is answered where a secret was purged, without it: ${what}`, async () => {
      const { id } = await newMachine(vault, 'web', ACCESS);
      const served = await admitted(id, what);
      const boss = await owner(vault);
      const home = `/vaults/${vault.vaultId}`;
      expect((await boss.ask('DELETE', `${home}/projects/web/secrets/cookie?confirm=cookie`)).status).toBe(
        204,
      );
      expect((await boss.ask('DELETE', `${home}/trash/${ids['web/cookie']}?confirm=cookie`)).status).toBe(
        204,
      );
      expect(await outcome(served)).toEqual(
        what === 'read' ? { [ids['web/cookie'] as string]: 'NoSuchSecret' } : {},
      );
      const polls = await vault.context.reader.selectFrom('machine_polls').select('secret_id').execute();
      expect(polls).toEqual([{ secret_id: ids['web/other'] }]);
    });
  }

  it('is refused where the machine was disabled, and no read is told after that', async () => {
    const { id } = await newMachine(vault, 'web', ACCESS);
    const served = await admitted(id);
    await changeMachine(vault, 'web', (act, machine) => setEnabled(act, machine, false));
    expect(await outcome(served)).toBe('Disabled');
    expect(await reads()).toEqual([]);
  });

  it('is refused where the address is not on the new allowlist', async () => {
    const { id } = await newMachine(vault, 'web', ACCESS);
    const served = await admitted(id);
    const entries = [{ range: '203.0.113.0/24', description: '' }];
    await vault.context.act(vault.vaultId, vault.owner, (act) =>
      setIpAllowlist(act, { enabled: true, entries }, false),
    );
    expect(await outcome(served)).toBe('NotAllowed');
  });

  it('is refused where its key was revoked', async () => {
    const { id } = await newMachine(vault, 'web', ACCESS);
    const served = await admitted(id);
    await changeMachine(vault, 'web', async (act, machine) => {
      await act.db.deleteFrom('machine_keys').where('machine_id', '=', id).execute();
      await addKey(act, machine, newKeyPair().publicKey);
    });
    expect(await outcome(served)).toBe('BadSignature');
  });

  it('goes without the value whose grant was withdrawn, and has the others', async () => {
    const { id } = await newMachine(vault, 'web', ACCESS);
    const served = await admitted(id);
    await changeMachine(vault, 'web', (act, machine) =>
      setMachineAccess(act, machine, [{ project: 'web', secrets: ['other'] }]),
    );
    expect(await outcome(served)).toEqual({ [ids['web/cookie'] as string]: 'NotGranted' });
    expect(await reads()).toEqual(['web']);
  });

  it('goes without the value that a new policy keeps back', async () => {
    const { id } = await newMachine(vault, 'web', ACCESS);
    const served = await admitted(id);
    const boss = await owner(vault);
    const path = `/vaults/${vault.vaultId}/projects/web/secrets/cookie/policy`;
    const { status } = await boss.ask('PUT', path, { addresses: ['203.0.113.0/24'] });
    expect(status).toBeLessThan(300);
    expect(await outcome(served)).toEqual({ [ids['web/cookie'] as string]: 'PolicyAddress' });
  });

  it('is answered where what moved was about somebody else', async () => {
    const { id } = await newMachine(vault, 'web', ACCESS);
    const served = await admitted(id);
    await newMachine(vault, 'other');
    expect(await outcome(served)).toEqual({});
    expect(await reads()).toEqual(['web']);
  });
});
