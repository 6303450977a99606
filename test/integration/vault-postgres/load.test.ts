import { describe, expect, it } from 'vitest';
import { newKeyPair, signText } from '#identity/key-pair.ts';
import { SecretValue } from '#model/secret-value.ts';
import type { StepAction } from '#model/step.ts';
import type { Fence, SyncAnswer } from '#protocol/management.ts';
import { syncPayload } from '#protocol/signing.ts';
import { clientOf, newMachine, setValues } from '#test/builders/machine.ts';
import { access, MANAGER, type TestVault } from '#test/builders/vault.ts';
import { verifyChain } from '#vault/audit/chain.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';
import { startTwoReplicas, tally } from './two-replicas.ts';

const invite = (key: string) => ({ kind: 'InviteMember', key, before: null, after: access() }) as const;

/** One step under an idempotency key that nobody else uses: `Done`, or the code of the refusal. */
async function step(vault: TestVault, fence: Fence, action: StepAction, publicKey?: string): Promise<string> {
  const idempotencyKey = crypto.randomUUID();
  const [answer] = await vault.steps(
    [{ action, idempotencyKey, ...(publicKey === undefined ? {} : { publicKey }) }],
    { fence },
  );
  return answer?.status === 'Refused' ? answer.code : (answer?.status ?? 'none');
}

const numbered = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('two replicas on one PostgreSQL, asked at once', () => {
  it('accept a nonce once, of automation, of a machine and of a synced machine (V1, V9)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second, both } = replicas;
    const ids = await setValues(first, { 'web/cookie': 'c1' });
    const id = ids['web/cookie'] ?? '';
    const {
      client,
      keys,
      id: machineId,
    } = await newMachine(first, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    const clients = [client, clientOf(second, { id: machineId, name: 'web' }, keys)];
    const read = (nonce: string) =>
      clients.map(async (one) => (await one.send('GET', `/v1/secret/${id}`, undefined, { nonce })).status);
    const machines = numbered(40).flatMap(() => read(crypto.randomUUID()));
    expect(tally(await Promise.all(machines))).toEqual({ 200: 40, 401: 40 });

    // One nonce after the other: what is refused counts toward the lock-out until something passes.
    for (const _ of numbered(20)) {
      const nonce = crypto.randomUUID();
      const asked = both.map((vault) =>
        vault.request('GET', '/changes?since=0&wait=0', undefined, { nonce }),
      );
      expect(tally((await Promise.all(asked)).map(({ status }) => status))).toEqual({ 200: 1, 401: 1 });

      const timestamp = String(Math.floor(Date.now() / 1000));
      const { audience, vaultId } = first;
      const proof = signText(
        keys.privateKey,
        syncPayload({ audience, vaultId, machineId, timestamp, nonce }),
      );
      const claims = { machines: [{ machineId, timestamp, nonce, proof, secrets: [id] }] };
      const synced = both.map((vault) => vault.request<SyncAnswer>('POST', '/sync', claims));
      const errors = (await Promise.all(synced)).map(({ body }) => body.machines[0]?.error ?? 'none');
      expect(tally(errors)).toEqual({ none: 1, BadProof: 1 });
    }
    expect(first.faults).toEqual([]);
  });

  it('sell no seat twice (I5), send no invite twice (rail 8), register no fingerprint twice', async () => {
    await using replicas = await startTwoReplicas({ plan: 'Family' });
    const { first, both } = replicas;
    const fence = await first.lease(MANAGER, 'load');
    const key = newKeyPair().publicKey.text;
    const machine = (name: string): StepAction => ({
      kind: 'RegisterMachine',
      key: name,
      before: null,
      after: {},
    });
    const registered = numbered(12).map((n) => step(both[n % 2] as TestVault, fence, machine(`m${n}`), key));
    const same = both.flatMap((vault) =>
      numbered(6).map(() => step(vault, fence, invite('twice@acme.example'))),
    );
    expect(tally(await Promise.all(registered))).toEqual({ Done: 1, FingerprintTaken: 11 });
    expect(tally(await Promise.all(same))).toEqual({ Done: 1, AlreadyInvited: 11 });
    // The owner and the one above hold two of ten seats.
    const others = numbered(20).map((n) =>
      step(both[n % 2] as TestVault, fence, invite(`p${n}@acme.example`)),
    );
    expect(tally(await Promise.all(others))).toEqual({ Done: 8, SeatsExhausted: 12 });
    const state = await replicas.second.snapshot();
    expect([state.members.length, state.machines.length]).toEqual([10, 1]);
    expect(first.faults).toEqual([]);
  });

  it('show every revision in order, and keep one chain (V1, A2, A3)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, second, both } = replicas;
    const fence = await first.lease(MANAGER, 'load');
    await setValues(first, { 'web/cookie': 'c0' });
    const {
      client,
      keys,
      id: machineId,
    } = await newMachine(first, 'web', [{ project: 'web', secrets: ['cookie'] }]);
    const clients = [client, clientOf(second, { id: machineId, name: 'web' }, keys)];
    let isOver = false;
    const watch = async (vault: TestVault): Promise<[number, number][]> => {
      const seen: [number, number][] = [];
      let [since, secretsSince] = [0, 0];
      while (!isOver) {
        const { revision, volatile, secrets } = await vault.changes(
          `since=${since}&secretsSince=${secretsSince}&wait=1`,
        );
        [since, secretsSince] = [revision, volatile.secretRevision];
        seen.push([revision, Math.max(0, ...secrets.map(({ version }) => version))]);
      }
      return seen;
    };
    const watched = both.map(watch);

    const WRITES = 40;
    const write = async (vault: TestVault, name: string): Promise<void> => {
      const [, other] = vault === first ? both : [second, first];
      for (const n of numbered(WRITES)) {
        const before = (await vault.changes('since=0&wait=0')).revision;
        expect(await step(vault, fence, invite(`${name}-${n}@acme.example`))).toBe('Done');
        // What one has acknowledged the other knows.
        const after = await other.snapshot();
        expect(after.revision).toBeGreaterThan(before);
        expect(after.members.map(({ email }) => email)).toContain(`${name}-${n}@acme.example`);
        await vault.context.act(vault.vaultId, vault.owner, (act) =>
          setByPerson(act, 'web', 'cookie', new SecretValue(`${name}-${n}`)),
        );
      }
    };
    const read = async (index: number): Promise<void> => {
      for (const _ of numbered(WRITES)) await clients[index]?.exported();
    };
    await Promise.all([write(first, 'a'), write(second, 'b'), read(0), read(1)]);
    isOver = true;

    for (const seen of await Promise.all(watched)) {
      const revisions = seen.map(([revision]) => revision);
      expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
      const versions = seen.map(([, version]) => version).filter((version) => version > 0);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(versions.at(-1)).toBe(1 + 2 * WRITES);
    }
    const vault = await second.context.reader.selectFrom('vaults').selectAll().executeTakeFirstOrThrow();
    const links = await second.context.reader
      .selectFrom('audit_entries')
      .selectAll()
      .orderBy('sequence')
      .execute();
    expect(verifyChain(first.vaultId, links)).toEqual({
      intact: true,
      sequence: vault.audit_sequence,
      hash: vault.audit_hash,
    });
    const actions = tally(links.map(({ action }) => action));
    expect([actions['member.invited'], actions['secret.value-set']]).toEqual([2 * WRITES, 2 * WRITES]);
    expect(first.faults).toEqual([]);
  });

  it('give each holder of the lease a fencing number of its own, and let only the newest write (rail 10)', async () => {
    await using replicas = await startTwoReplicas();
    const { first, both } = replicas;
    const taken = await Promise.all(
      numbered(20).map((n) =>
        (both[n % 2] as TestVault).request<Fence>('POST', '/lease', {
          manager: MANAGER,
          installation: 'one',
        }),
      ),
    );
    const numbers = taken.map(({ body }) => body.fencing).sort((a, b) => a - b);
    expect(numbers).toEqual(numbered(20).map((n) => n + 1));
    const written = await Promise.all(
      numbers.map((fencing, n) =>
        step(
          both[n % 2] as TestVault,
          { manager: MANAGER, installation: 'one', fencing },
          invite(`p${n}@acme.example`),
        ),
      ),
    );
    expect(written).toEqual([...numbers.slice(1).map(() => 'LeaseLost'), 'Done']);
    expect(first.faults).toEqual([]);
  });
});
