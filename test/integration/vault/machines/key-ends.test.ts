import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KeyPair, newKeyPair } from '#identity/key-pair.ts';
import type { KeyEnd } from '#model/key-ends.ts';
import type { StepAction } from '#model/step.ts';
import type { KeyUseAnswer, StepAnswer } from '#protocol/management.ts';
import { rotatePayload, signPayload } from '#protocol/signing.ts';
import { addMachineKey, changeMachine, clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { MANAGER, MovedClock, record, send, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { addKey } from '#vault/machines/machines.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';
import { owner } from '../world/people.ts';

const OVERLAP = 24 * 60 * 60;

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly keys: KeyPair;
}

describe('a key that automation ends (V4)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let secret: string;
  /** Another process may know of a use that is not written yet. */
  let lag: number;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock, automation: { unprovenKeys: 2 } });
    lag = vault.context.hasReplicas ? 20_000 : 0;
    secret = (await setValues(vault, { 'web/cookie': 'planted value' }))['web/cookie'] ?? '';
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  async function registered(name: string): Promise<Kept> {
    const keys = newKeyPair();
    const access = [{ project: 'web', secrets: ['cookie'] }];
    const [answer] = await vault.steps([
      {
        action: { kind: 'RegisterMachine', key: name, before: null, after: {} },
        publicKey: keys.publicKey.text,
        record: record('MachineBinding', name, { access: [] }),
      },
      { action: { kind: 'SetMachineAccess', key: name, before: { access: [] }, after: { access } } },
    ]);
    return { id: answer?.status === 'Done' ? (answer.machineId ?? '') : '', name, keys };
  }
  const adding = (name: string, had: readonly string[], { publicKey }: KeyPair) =>
    ({
      ...{ kind: 'AddMachineKey', key: name, before: { fingerprints: had.toSorted() } },
      after: { fingerprint: publicKey.fingerprint },
    }) as const satisfies StepAction;
  async function rotated({ id, name, keys }: Kept): Promise<KeyPair> {
    const next = newKeyPair();
    const { fingerprint } = next.publicKey;
    const line = rotatePayload({
      audience: vault.audience,
      vaultId: vault.vaultId,
      machineId: id,
      fingerprint,
    });
    const said = await vault.step(adding(name, [keys.publicKey.fingerprint], next), {
      publicKey: next.publicKey.text,
      keyProof: signPayload(keys.privateKey, line),
    });
    expect(said).toBe('Done');
    return next;
  }
  /** The lease ran out meanwhile. */
  const later = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await vault.lease(MANAGER, 'installation-1');
  };
  const keysOf = async (name: string) =>
    (await vault.snapshot()).machines.find((machine) => machine.name === name)?.keys ?? [];
  const prints = async (name: string) => (await keysOf(name)).map(({ fingerprint }) => fingerprint);
  const ending = async (name: string, { publicKey }: KeyPair, end: Omit<KeyEnd, 'fingerprint'>) =>
    ({
      ...{ kind: 'RevokeKeyIfIdle', key: name, before: { fingerprints: await prints(name) } },
      after: { fingerprint: publicKey.fingerprint, ...end },
    }) as const satisfies StepAction;
  const end = async (name: string, key: KeyPair, how: Omit<KeyEnd, 'fingerprint'>): Promise<StepAnswer> => {
    const [answer] = await vault.steps([{ action: await ending(name, key, how) }]);
    if (answer === undefined) throw new Error('no answer');
    return answer;
  };
  const reads = async (machine: Kept, keys: KeyPair) =>
    (
      await clientOf(vault, machine, keys).send('GET', `/v1/secret/${secret}`, undefined, {
        now: clock.now(),
      })
    ).status;
  const entries = async (action: string) => {
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .selectAll()
      .where('action', '=', action)
      .execute();
    return rows.map(({ entry }) => JSON.parse(entry));
  };

  const ROTATED = { idleFor: OVERLAP, because: 'Rotated' } as const;
  const LOST = { idleFor: 600, because: 'Lost' } as const;
  const COMPROMISED = { idleFor: 0, because: 'Compromised' } as const;

  it('goes once it was idle for as long as asked; until then the answer says by whom it is used, and until when', async () => {
    const web = await registered('web');
    const next = await rotated(web);
    await later(60_000);
    expect(await reads(web, web.keys)).toBe(200);
    const usedAt = clock.now();
    await later(OVERLAP * 1000 + lag - 1);
    expect(await end('web', web.keys, ROTATED)).toMatchObject({
      code: 'KeyInUse',
      message: expect.stringContaining(web.keys.publicKey.fingerprint),
      inUse: { askAgainAt: usedAt + OVERLAP * 1000 + lag, lastUsedAt: usedAt, lastUsedFrom: '127.0.0.1' },
    });
    await later(1);
    expect(await end('web', web.keys, ROTATED)).toMatchObject({ status: 'Done' });
    expect(await reads(web, web.keys)).not.toBe(200);
    expect(await reads(web, next)).toBe(200);
    expect(await entries('machine.key-ended')).toMatchObject([
      { details: { because: 'Rotated', lastUsedAt: usedAt, lastUsedFrom: '127.0.0.1', keysLeft: 1 } },
    ]);
  });

  it('that was never used is idle from when it came', async () => {
    const web = await registered('web');
    const cameAt = clock.now();
    await later(599_999 + lag);
    expect(await end('web', web.keys, LOST)).toMatchObject({
      inUse: { askAgainAt: cameAt + 600_000 + lag, lastUsedAt: null, lastUsedFrom: null },
    });
    await later(1);
    expect(await end('web', web.keys, LOST)).toMatchObject({ status: 'Done' });
    expect(await prints('web')).toEqual([]);
  });

  it('is known to be in use before that is written, and after it', async () => {
    const web = await registered('web');
    await rotated(web);
    await later(OVERLAP * 1000);
    expect(await reads(web, web.keys)).toBe(200);
    expect(await end('web', web.keys, ROTATED)).toMatchObject({ code: 'KeyInUse' });
    await vault.context.keyUses.flush();
    expect(await end('web', web.keys, ROTATED)).toMatchObject({
      code: 'KeyInUse',
      inUse: { lastUsedFrom: '127.0.0.1' },
    });
  });

  it('goes in use where somebody wrote how long an overlap may last, and another key stays', async () => {
    const web = await registered('web');
    const now = { idleFor: 0, because: 'Rotated' } as const;
    expect(await end('web', web.keys, now)).toMatchObject({ code: 'Invalid' });
    await rotated(web);
    expect(await reads(web, web.keys)).toBe(200);
    expect(await end('web', web.keys, now)).toMatchObject({ status: 'Done' });
  });

  it('that is lost is given ten minutes, whatever the sender says', async () => {
    const web = await registered('web');
    await later(OVERLAP * 1000);
    expect(await end('web', web.keys, { idleFor: 599, because: 'Lost' })).toMatchObject({ code: 'Invalid' });
  });

  it('of a person, of a token or of another installation stays, and the answer has the command of a person', async () => {
    const web = await registered('web');
    const second = await addMachineKey(vault, web);
    await later(OVERLAP * 1000);
    expect(await end('web', second.keys, ROTATED)).toMatchObject({
      code: 'NotOurKey',
      next: expect.stringContaining(
        `seneschal vault machine revoke-key web ${second.keys.publicKey.fingerprint}`,
      ),
    });
    await vault.request('DELETE', '/lease', await vault.fence());
    const fence = await vault.lease(MANAGER, 'installation-2');
    const [answer] = await vault.steps([{ action: await ending('web', web.keys, LOST) }], { fence });
    expect(answer).toMatchObject({ code: 'NotOurKey' });
    expect(await prints('web')).toHaveLength(2);
  });

  it('of a machine that this manager has no record of stays, whatever it is said to be', async () => {
    const theirs = await newMachine(vault, 'theirs', [{ project: 'web', secrets: ['cookie'] }]);
    const action = await ending('theirs', theirs.keys, COMPROMISED);
    expect(await vault.step(action)).toBe('Foreign');
    expect(await vault.step(action, { record: record('MachineBinding', 'theirs', { access: [] }) })).toBe(
      'Foreign',
    );
  });

  it('named as compromised goes at once, in use and whoever brought it, and says who named it', async () => {
    const web = await registered('web');
    const { keys } = await addMachineKey(vault, web);
    expect(await reads(web, keys)).toBe(200);
    const provenance = { commit: 'abc' };
    const [answer] = await vault.steps([{ action: await ending('web', keys, COMPROMISED), provenance }]);
    expect(answer).toMatchObject({ status: 'Done' });
    expect(await reads(web, keys)).not.toBe(200);
    expect(await reads(web, web.keys)).toBe(200);
    expect(await entries('key.compromised')).toMatchObject([
      { details: { fingerprint: keys.publicKey.fingerprint, because: 'Compromised' }, provenance },
    ]);
  });

  it('named as compromised is told to the owner, before what needs no answer', async () => {
    const web = await registered('web');
    await end('web', web.keys, COMPROMISED);
    const notices = await vault.context.reader.selectFrom('alert_notices').selectAll().execute();
    expect(notices.filter(({ action }) => action === 'key.compromised')).toMatchObject([
      {
        subject: 'MachineBinding web',
        urgency: expect.stringContaining(web.keys.publicKey.fingerprint),
      },
    ]);
  });

  it('named as compromised ends in a frozen vault too, but where everything is frozen', async () => {
    const web = await registered('web');
    await rotated(web);
    const freeze = (all: boolean) =>
      vault.context.act(vault.vaultId, vault.owner, (act) =>
        setFreeze(act, { by: 'owner', reason: 'incident', all }),
      );
    await freeze(false);
    expect(await end('web', web.keys, LOST)).toMatchObject({ code: 'Frozen' });
    expect(await end('web', web.keys, COMPROMISED)).toMatchObject({ status: 'Done' });
    await freeze(true);
    const { fingerprint } = (await keysOf('web'))[0] ?? { fingerprint: '' };
    const [answer] = await vault.steps([
      {
        action: {
          ...{ kind: 'RevokeKeyIfIdle', key: 'web', before: { fingerprints: [fingerprint] } },
          after: { fingerprint, ...COMPROMISED },
        },
      },
    ]);
    expect(answer).toMatchObject({ code: 'Frozen' });
  });

  it('named as compromised goes also where it is the last one, and comes to no machine of the vault again', async () => {
    const web = await registered('web');
    await registered('api');
    expect(await end('web', web.keys, COMPROMISED)).toMatchObject({ status: 'Done' });
    const { text } = web.keys.publicKey;
    for (const name of ['web', 'api']) {
      const action = adding(name, await prints(name), web.keys);
      expect(await vault.step(action, { publicKey: text })).toBe('KeyCompromised');
    }
    const registering = { kind: 'RegisterMachine', key: 'new', before: null, after: {} } as const;
    expect(await vault.step(registering, { publicKey: text })).toBe('KeyCompromised');
    const byPerson = changeMachine(vault, 'api', (act, row) => addKey(act, row, web.keys.publicKey));
    await expect(byPerson).rejects.toMatchObject({ code: 'KeyCompromised' });
    const boss = await owner(vault);
    const { body } = await boss.ask<{ token: string }>(
      'POST',
      `/vaults/${vault.vaultId}/bootstrap-tokens`,
      {},
    );
    const itself = { token: body.token, publicKey: text, hostname: 'host', name: 'itself' };
    const asked = JSON.stringify(itself);
    const headers = { 'content-type': 'application/json' };
    const refused = await send(vault.server.port, 'POST', '/v1/bootstrap/register', asked, headers);
    expect(refused.status).toBe(409);
  });

  it('leaves no cut of a person behind: a manager may bring the key again', async () => {
    const web = await registered('web');
    await later(600_000 + lag);
    await end('web', web.keys, LOST);
    expect((await vault.snapshot()).tombstones).toEqual([]);
    const { text: publicKey } = web.keys.publicKey;
    expect(await vault.step(adding('web', [], web.keys), { publicKey })).toBe('Done');
  });

  it('is told with who brought it in the snapshot, and when it was used beside it, moving no revision', async () => {
    const web = await registered('web');
    await addMachineKey(vault, web);
    const before = await vault.snapshot();
    expect(before.machines[0]?.keys.map(({ installation }) => installation).sort()).toEqual([
      'installation-1',
      null,
    ]);
    await reads(web, web.keys);
    const fingerprints = [web.keys.publicKey.fingerprint, 'f'.repeat(64)];
    const asked = () => vault.request<KeyUseAnswer>('POST', '/keys/use', { fingerprints });
    const used = [{ fingerprint: fingerprints[0], lastUsedAt: clock.now(), lastUsedFrom: '127.0.0.1' }];
    expect((await asked()).body.keys).toEqual(used);
    await vault.context.keyUses.flush();
    expect((await asked()).body.keys).toEqual(used);
    expect((await vault.snapshot()).revision).toBe(before.revision);
  });

  it('sent again is stale', async () => {
    const web = await registered('web');
    await rotated(web);
    await later(OVERLAP * 1000 + lag);
    const action = await ending('web', web.keys, ROTATED);
    expect(await vault.step(action)).toBe('Done');
    expect(await vault.step(action, { idempotencyKey: 'another' })).toBe('StaleBefore');
  });
});
