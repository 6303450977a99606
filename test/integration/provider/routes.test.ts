import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { sha256, stepHash } from '#model/digest.ts';
import type { LeaseHolder } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { Fence, StepRequest } from '#protocol/management.ts';
import { signPayload } from '#protocol/signing.ts';
import { type Connected, connected } from '#test/builders/connected.ts';
import {
  access,
  MANAGER,
  OTHER_MANAGER,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';

const { signal } = new AbortController();
let vault: TestVault;
let link: Connected;
let fence: Fence;

beforeAll(async () => {
  vault = await startTestVault();
  link = connected(vault);
  const { fencing } = await link.provider.takeLease({ manager: MANAGER, installation: 'one' }, signal);
  fence = { manager: MANAGER, installation: 'one', fencing };
});
afterAll(async () => {
  await link.provider.close();
  await vault[Symbol.asyncDispose]();
});

let sent = 0;
const request = (action: StepAction, more: Partial<StepRequest> = {}): StepRequest => ({
  idempotencyKey: sha256(`${stepHash(vault.vaultId, action)} ${sent++}`),
  action,
  provenance: { commit: 'abc' },
  ...more,
});
const run = (...actions: StepAction[]) =>
  link.provider.execute(
    fence,
    actions.map((action) => request(action)),
    signal,
  );
const project = (key: string): StepAction => ({
  kind: 'CreateProject',
  key,
  before: null,
  after: { description: '' },
});

describe('the provider', () => {
  test('observes by one conditional request: what did not move is the snapshot that was known', async () => {
    const first = await link.provider.observe(null, signal);
    expect(first).toMatchObject({ moved: true, snapshot: { state: { vaultId: vault.vaultId } } });
    expect(first.volatile.lease).toMatchObject({ manager: MANAGER, fencing: fence.fencing });
    link.requests.length = 0;
    const second = await link.provider.observe(first.snapshot, signal);
    expect(second.moved).toBe(false);
    expect(second.snapshot).toBe(first.snapshot);
    expect(link.requests).toEqual(['GET /snapshot 304']);
  });

  test('sends more than a body holds in several requests, and a step that is too large by itself is refused by itself', async () => {
    const large = (key: string, size: number) =>
      request(project(key), { record: record('Project', key, 'x'.repeat(size)) });
    const MEBIBYTE = 1024 * 1024;
    const steps = [
      large('l1', 7 * MEBIBYTE),
      large('l2', 17 * MEBIBYTE),
      large('l3', 7 * MEBIBYTE),
      large('l4', 7 * MEBIBYTE),
    ];
    link.requests.length = 0;
    const answers = await link.provider.execute(fence, steps, signal);
    expect(answers.map((answer) => (answer.status === 'Refused' ? answer.code : answer.status))).toEqual([
      'Done',
      'Unreadable',
      'Done',
      'Done',
    ]);
    expect(link.requests).toEqual(['POST /steps 200', 'POST /steps 200']);
  });

  test('runs steps in order and answers each', async () => {
    const answers = await run(project('one'), project('one'), project('two'));
    expect(answers.map((answer) => (answer.status === 'Refused' ? answer.code : answer.status))).toEqual([
      'Done',
      'NameTaken',
      'Done',
    ]);
  });

  test('splits more than 500 steps into requests of 500', async () => {
    link.requests.length = 0;
    const template = (key: string): StepAction => ({
      kind: 'CreateTemplate',
      key,
      before: null,
      after: { description: '', capabilities: { Alerts: ['View'] }, projectScope: 'All' },
    });
    const answers = await run(...Array.from({ length: 501 }, (_, index) => template(`t${index}`)));
    expect(answers).toHaveLength(501);
    expect(answers.every(({ status }) => status === 'Done')).toBe(true);
    expect(link.requests).toEqual(['POST /steps 200', 'POST /steps 200']);
  });

  test('learns of a change by the long poll, which renews the lease (rail 10)', async () => {
    const { snapshot, volatile } = await link.provider.observe(null, signal);
    const since = { revision: snapshot.state.revision, secretRevision: volatile.secretRevision };
    const waiting = link.provider.changes(since, 10, fence, signal);
    await run(project('three'));
    const answer = await waiting;
    expect(answer.revision).toBeGreaterThan(snapshot.state.revision);
    expect(answer.volatile.lease?.expiresAt).toBeGreaterThanOrEqual(volatile.lease?.expiresAt ?? 0);
  });

  test('stops a long poll that is aborted', async () => {
    const { snapshot, volatile } = await link.provider.observe(null, signal);
    const since = { revision: snapshot.state.revision, secretRevision: volatile.secretRevision };
    const abort = new AbortController();
    const waiting = link.provider.changes(since, 30, null, abort.signal);
    abort.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('stopping');
  });

  test('marks records as seen, which moves no revision', async () => {
    const seen = record('Project', 'seen', { description: '', secrets: [] });
    await link.provider.execute(fence, [request(project('seen'), { record: seen })], signal);
    const { snapshot } = await link.provider.observe(null, signal);
    await link.provider.recordSightings(
      { fence, sightings: [{ kind: 'Project', key: 'seen', seenUnder: 'uids' }] },
      signal,
    );
    expect((await link.provider.observe(snapshot, signal)).moved).toBe(false);
    await run(project('later'));
    const again = await link.provider.observe(null, signal);
    expect(again.snapshot.state.records.find(({ key }) => key === 'seen')?.seenUnder).toBe('uids');
  });

  test('reserves losses, and is answered the open reservation when it asks again (rail 1)', async () => {
    const key = 'gone@acme.example';
    const invite: StepAction = { kind: 'InviteMember', key, before: null, after: access() };
    await link.provider.execute(fence, [request(invite, { record: record('Member', key) })], signal);
    const actions: StepAction[] = [{ kind: 'CancelInvite', key, before: access(), after: null }];
    const ask = () => link.provider.reserve({ fence, class: 'invites', actions, approval: null }, signal);
    const reservation = await ask();
    expect(reservation).toMatchObject({ class: 'invites', approved: false });
    expect((await ask()).id).toBe(reservation.id);
    expect(await run(...actions)).toMatchObject([{ status: 'Done' }]);
  });

  test('reads values for a machine that proves itself, wrapped so that they print as [redacted] (V9)', async () => {
    const keys = newKeyPair();
    const secret = { kind: 'CreateSecret', key: 'one/token', before: null } as const;
    const [, registered] = await link.provider.execute(
      fence,
      [
        request({ ...secret, after: { generator: { length: 32, charset: 'Hex' } } }),
        request(
          { kind: 'RegisterMachine', key: 'api', before: null, after: {} },
          {
            publicKey: keys.publicKey.text,
            record: record('MachineBinding', 'api', { access: [] }),
          },
        ),
        request({
          kind: 'SetMachineAccess',
          key: 'api',
          before: { access: [] },
          after: { access: [{ project: 'one', secrets: ['token'] }] },
        }),
      ],
      signal,
    );
    const machineId = registered?.status === 'Done' ? (registered.machineId ?? '') : '';
    const { snapshot } = await link.provider.observe(null, signal);
    const secrets = snapshot.state.secrets.map(({ id }) => id);
    const claim = (key: typeof keys) => ({
      machineId,
      secrets,
      sign: (payload: string) => signPayload(key.privateKey, payload),
    });
    const [mine] = await link.provider.sync([claim(keys)], signal);
    expect(mine).toMatchObject({ machineId, error: null, refused: [] });
    expect(mine?.secrets[0]?.value.reveal()).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.stringify(mine)).toContain('[redacted]');
    const [forged] = await link.provider.sync([claim(newKeyPair())], signal);
    expect(forged).toMatchObject({ error: 'BadProof', secrets: [] });
  });

  test('is told when keys were used, of those that the vault has (V4)', async () => {
    const { snapshot } = await link.provider.observe(null, signal);
    const there = snapshot.state.machines.flatMap(({ keys }) => keys.map(({ fingerprint }) => fingerprint));
    expect(there.length).toBeGreaterThan(0);
    const uses = await link.provider.keyUse([...there, 'f'.repeat(64)], signal);
    expect([...uses.keys()]).toEqual(there.toSorted());
    for (const use of uses.values()) expect(use).toEqual({ lastUsedAt: null, lastUsedFrom: null });
  });

  test('proves that the head follows an earlier one (A3)', async () => {
    const { volatile } = await link.provider.observe(null, signal);
    await run(project('proof'));
    const proof = await link.provider.auditProof(volatile.head.sequence, signal);
    expect(proof.hashAtAfter).toBe(volatile.head.hash);
    expect(proof.digests).toHaveLength(proof.head.sequence - volatile.head.sequence);
    expect(proof.digests.reduce((hash, digest) => sha256(hash + digest), volatile.head.hash)).toBe(
      proof.head.hash,
    );
  });

  test('is told who else holds the lease, by code (rail 10)', async () => {
    const ask = (manager: string, installation: string, holder: LeaseHolder = 'Operator') =>
      link.provider.takeLease({ manager, installation, holder }, signal);
    await expect(ask(MANAGER, 'two', 'CommandLine')).rejects.toMatchObject({
      class: 'Conflict',
      code: 'LeaseHeld',
    });
    await expect(ask(OTHER_MANAGER, 'one')).rejects.toMatchObject({
      class: 'Conflict',
      code: 'ManagementConflict',
    });
    expect((await link.provider.observe(null, signal)).volatile.yieldRequested).toBe(true);
    await link.provider.releaseLease(fence, signal);
    expect((await ask(MANAGER, 'two')).fencing).toBeGreaterThan(fence.fencing);
  });

  test('leaves no fault in the server’s log', () => expect(vault.faults).toEqual([]));
});
