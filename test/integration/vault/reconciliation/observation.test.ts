import { expect, it } from 'vitest';
import { SecretValue } from '#model/secret-value.ts';
import { type AuditProof, VOLATILE_HEADER, type VolatileState } from '#protocol/management.ts';
import {
  access,
  MovedClock,
  newIdentity,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { genesis, leadsTo, verifyChain } from '#vault/audit/chain.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';

const invite = (email: string) =>
  ({ kind: 'InviteMember', key: email, before: null, after: access() }) as const;
const setValue = (vault: TestVault, text: string) =>
  vault.context.act(vault.vaultId, vault.owner, (act) =>
    setByPerson(act, 'Main', 'token', new SecretValue(text)),
  );

it('V1: the ETag is epoch and revision, 304 while it holds, and the lease and the head come beside both', async () => {
  await using vault = await startTestVault();
  const first = await vault.request('GET', '/snapshot');
  const { epoch, revision } = await vault.snapshot();
  expect(first.headers.etag).toBe(`"${epoch}.${revision}"`);
  const headers = { 'if-none-match': String(first.headers.etag) };
  const again = await vault.request('GET', '/snapshot', undefined, { headers });
  expect([again.status, again.body, again.headers.etag]).toEqual([304, null, first.headers.etag]);
  const volatile = JSON.parse(String(again.headers[VOLATILE_HEADER])) as VolatileState;
  expect(volatile).toMatchObject({ lease: null, freeze: null, yieldRequested: false, head: { epoch } });

  await vault.step(invite('alice@acme.example'));
  const moved = await vault.request('GET', '/snapshot', undefined, { headers });
  expect([moved.status, moved.headers.etag]).toEqual([200, `"${epoch}.${revision + 1}"`]);
});

it('rail 1: the snapshot names the ceilings of the delegation that asks', async () => {
  await using vault = await startTestVault({ automation: { ceilings: { people: 7 } } });
  const other = await newIdentity(vault.context, vault.vaultId, vault.owner, { ceilings: { people: 8 } });
  expect((await vault.snapshot()).ceilings.people).toBe(7);
  expect((await vault.snapshot(other)).ceilings.people).toBe(8);
});

it('V1: the long poll tells of a change at once, and of nothing when the wait is over', async () => {
  await using vault = await startTestVault();
  await vault.fence();
  const { revision } = await vault.snapshot();
  const nothing = await vault.changes(`since=${revision}&wait=0`);
  expect(nothing).toMatchObject({ revision, secrets: [] });
  const waiting = vault.changes(`since=${revision}&wait=30`);
  await vault.step(invite('alice@acme.example'));
  expect(await waiting).toMatchObject({ revision: revision + 1 });
  expect(await vault.changes(`since=${revision}&wait=30`)).toMatchObject({ revision: revision + 1 });
});

it('V1: a new version of a secret moves its own revision and not the configuration’s', async () => {
  await using vault = await startTestVault();
  const { id } = await setValue(vault, 'one');
  const { revision } = await vault.snapshot();
  const before = await vault.changes(`since=${revision}&wait=0`);
  const query = `since=${revision}&secretsSince=${before.volatile.secretRevision}&wait=30`;
  const waiting = vault.changes(query);
  await setValue(vault, 'two');
  const answer = await waiting;
  expect(answer).toMatchObject({ revision, secrets: [{ id, version: 2 }] });
  expect(answer.volatile.secretRevision).toBe(before.volatile.secretRevision + 1);
});

it('a server that stops ends its long polls', async () => {
  await using vault = await startTestVault();
  const { revision } = await vault.snapshot();
  const waiting = vault.changes(`since=${revision}&wait=30`);
  const sighted = vault.request('GET', '/snapshot');
  await sighted;
  await vault.restart();
  expect(await waiting).toMatchObject({ revision });
});

it('A3: the proof leads from any head that was seen to the present one, and the chain verifies', async () => {
  await using vault = await startTestVault();
  const seen = (await vault.changes('since=0&wait=0')).volatile.head;
  await vault.steps([{ action: invite('alice@acme.example') }, { action: invite('bob@acme.example') }]);
  const { body } = await vault.request<AuditProof>('GET', `/audit/proof?after=${seen.sequence}`);
  expect(body.hashAtAfter).toBe(seen.hash);
  expect(body.digests).toHaveLength(2);
  expect(leadsTo(seen.hash, body.digests, body.head.hash)).toBe(true);
  const from = await vault.request<AuditProof>('GET', '/audit/proof?after=0');
  expect(leadsTo(genesis(vault.vaultId), from.body.digests, from.body.head.hash)).toBe(true);
  const beyond = await vault.request<AuditProof>('GET', '/audit/proof?after=999');
  expect(beyond.body).toMatchObject({ hashAtAfter: null, digests: [] });

  const links = await vault.context.reader
    .selectFrom('audit_entries')
    .select(['entry', 'digest', 'hash'])
    .orderBy('sequence')
    .execute();
  expect(verifyChain(vault.vaultId, links)).toEqual({
    intact: true,
    sequence: body.head.sequence,
    hash: body.head.hash,
  });
});

it('A2: a step that is refused leaves neither an entry nor a revision', async () => {
  await using vault = await startTestVault();
  const before = await vault.changes('since=0&wait=0');
  expect(await vault.step({ ...invite('alice@acme.example'), after: access({ template: 'none' }) })).toBe(
    'NotFound',
  );
  const after = await vault.changes('since=0&wait=0');
  expect([after.revision, after.volatile.head]).toEqual([before.revision, before.volatile.head]);
});

it('a reservation that ran out is a revision of its own (V1)', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const key = 'alice@acme.example';
  await vault.steps([{ action: invite(key), record: record('Member', key) }]);
  const cancel = { kind: 'CancelInvite', key, before: access(), after: null };
  const request = { fence: await vault.fence(), class: 'invites', actions: [cancel], approval: null };
  await vault.request('POST', '/reservations', request);
  const { revision } = await vault.snapshot();
  await sweep(vault.context);
  expect((await vault.snapshot()).revision).toBe(revision);
  clock.advance(60 * 60 * 1000);
  await sweep(vault.context);
  expect(await vault.snapshot()).toMatchObject({ revision: revision + 1, reservations: [] });
});

it('rail 12: a reason for a freeze in any script is told beside the snapshot, and costs nobody the snapshot', async () => {
  await using vault = await startTestVault();
  const reason = 'Störung – 🔒 angehalten';
  expect((await vault.request('POST', '/freeze', { reason })).status).toBeLessThan(300);
  const answer = await vault.request('GET', '/snapshot');
  expect(answer.status).toBe(200);
  const volatile = JSON.parse(String(answer.headers[VOLATILE_HEADER])) as VolatileState;
  expect(volatile.freeze).toMatchObject({ reason });
});

it('a sighting is in the next snapshot though no revision moved (design §4)', async () => {
  await using vault = await startTestVault();
  const fence = await vault.fence();
  await vault.step(invite('alice@acme.example'), { record: record('Member', 'alice@acme.example') });
  const { revision } = await vault.snapshot();
  const sightings = [{ kind: 'Member', key: 'alice@acme.example', seenUnder: 'org/namespace/crd' }];
  await vault.request('POST', '/sightings', { fence, sightings });
  const snapshot = await vault.snapshot();
  expect(snapshot.revision).toBe(revision);
  expect(snapshot.records).toMatchObject([{ key: 'alice@acme.example', seenUnder: 'org/namespace/crd' }]);
});
