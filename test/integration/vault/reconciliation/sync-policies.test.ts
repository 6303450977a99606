import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signText } from '#identity/key-pair.ts';
import type { SyncAnswer } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { MovedClock, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { setPolicy } from '#vault/secrets/policies.ts';
import type { Policy } from '#vault/secrets/policy.ts';

describe('the sync route where secrets have policies (V9)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let ids: Record<string, string>;
  let machine: Awaited<ReturnType<typeof newMachine>>;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    ids = await setValues(vault, { 'web/a': 'aa', 'web/b': 'bb' });
    machine = await newMachine(vault, 'pod', [{ project: 'web', secrets: ['a', 'b'] }]);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const set = (conditions: Partial<Policy>) =>
    vault.context.act(vault.vaultId, vault.owner, (act) =>
      setPolicy(act, 'web', 'a', {
        window: null,
        addresses: null,
        endsAt: null,
        readsPerMinute: null,
        readsPerDay: null,
        reads: null,
        ...conditions,
      }),
    );
  const sync = async () => {
    const timestamp = String(Math.floor(clock.now() / 1000));
    const nonce = crypto.randomUUID();
    const { audience, vaultId } = vault;
    const payload = syncPayload({ audience, vaultId, machineId: machine.id, timestamp, nonce });
    const proof = signText(machine.keys.privateKey, payload);
    const secrets = [ids['web/a'] ?? '', ids['web/b'] ?? ''];
    const claim = { machineId: machine.id, timestamp, nonce, proof, secrets };
    const { body } = await vault.request<SyncAnswer>('POST', '/sync', { machines: [claim] });
    const [answer] = body.machines;
    return {
      names: answer?.secrets.map(({ name }) => name),
      refused: answer?.refused.map(({ id, reason }) => [id === ids['web/a'] ? 'a' : id, reason]),
    };
  };

  it('refuses one whose policy meters reads, because a copy is read uncounted', async () => {
    for (const limit of ['readsPerMinute', 'readsPerDay', 'reads'] as const) {
      await set({ [limit]: 1000 });
      expect(await sync()).toEqual({ names: ['b'], refused: [['a', 'PolicyForbidsSync']] });
    }
  });

  it('holds to all other conditions, for the address that the values leave to', async () => {
    await set({ addresses: ['127.0.0.0/8'], endsAt: clock.now() + 60_000 });
    expect(await sync()).toEqual({ names: ['a', 'b'], refused: [] });
    clock.advance(60_000);
    expect(await sync()).toEqual({ names: ['b'], refused: [['a', 'PolicyOver']] });
    await set({ addresses: ['10.0.0.0/8'] });
    expect(await sync()).toEqual({ names: ['b'], refused: [['a', 'PolicyAddress']] });
  });

  it('audits what a policy kept back (A1)', async () => {
    await set({ reads: 5 });
    await sync();
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', '=', 'secrets.refused-by-policy')
      .execute();
    expect(rows.map(({ entry }) => JSON.parse(entry))).toMatchObject([
      {
        actor: { type: 'automation', id: vault.identity.id },
        details: {
          refusals: [{ machine: machine.id, secrets: [{ id: ids['web/a'], why: 'PolicyForbidsSync' }] }],
        },
      },
    ]);
  });
});
