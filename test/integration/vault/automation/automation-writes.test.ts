import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepsAnswer } from '#protocol/management.ts';
import { record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { setFreeze } from '#vault/reconciliation/lease.ts';

let vault: TestVault;
beforeEach(async () => {
  vault = await startTestVault();
});
afterEach(() => vault[Symbol.asyncDispose]());

const KEY = { 'idempotency-key': 'one-write' };
const PROVENANCE = { commit: 'abc', author: 'Alicé' };
const STALE = { 'if-match': '"old.1"' };

const hash = 'a'.repeat(64);
const held = async () => ({
  fence: await vault.fence(),
  holds: [{ class: 'people', stepHashes: [hash] }],
});
const steps = async (...names: string[]) => ({
  fence: await vault.fence(),
  steps: names.map((key) => ({
    idempotencyKey: `step-${key}`,
    provenance: {},
    action: { kind: 'CreateProject', key, before: null, after: { description: '' } },
    record: record('Project', key),
  })),
});
const freeze = async () => ({ reason: 'drill' });
const lease = async () => ({ manager: 'acme/acme', installation: 'installation-1' });

async function etag(): Promise<string> {
  return String((await vault.request('GET', '/snapshot')).headers.etag);
}
async function entries(): Promise<{ action: string; provenance: object }[]> {
  const rows = await vault.context.reader
    .selectFrom('audit_entries')
    .select('entry')
    .orderBy('sequence')
    .execute();
  return rows.map(({ entry }) => JSON.parse(entry));
}
const counted = async (action: string): Promise<number> =>
  (await entries()).filter((entry) => entry.action === action).length;

describe('If-Match on writes of automation (V1)', () => {
  it.each([
    ['POST', '/freeze', freeze],
    ['POST', '/holds', held],
    ['POST', '/lease', lease],
    ['POST', '/steps', () => steps('late')],
  ])('%s %s is 412 where it names another state, and changes nothing', async (method, path, body) => {
    const asked = await body();
    const before = (await entries()).length;
    const answer = await vault.request(method, path, asked, { headers: STALE });
    expect(answer).toMatchObject({ status: 412, body: { code: 'Stale' } });
    expect(await entries()).toHaveLength(before);
    const now = await vault.request(method, path, asked, { headers: { 'if-match': await etag() } });
    expect([200, 204]).toContain(now.status);
  });

  it('of a batch is about its first step, which moves what the others would be held against', async () => {
    const headers = { 'if-match': await etag() };
    const { body } = await vault.request<StepsAnswer>('POST', '/steps', await steps('a', 'b'), { headers });
    expect(body.results).toMatchObject([{ status: 'Done' }, { status: 'Done' }]);
  });
});

describe('Idempotency-Key on writes of automation (V1)', () => {
  it.each([
    ['/freeze', 'vault.frozen', freeze],
    ['/holds', 'losses.held', held],
    ['/steps', 'project.created', () => steps('one')],
  ])(
    'POST %s happens once and is answered the same, whatever it was decided on',
    async (path, action, body) => {
      const asked = await body();
      const headers = { ...KEY, 'if-match': await etag() };
      const first = await vault.request('POST', path, asked, { headers });
      const second = await vault.request('POST', path, asked, { headers });
      expect(second).toMatchObject({ status: first.status, body: first.body });
      expect(await counted(action)).toBe(1);
    },
  );

  it('is refused for another request', async () => {
    await vault.request('POST', '/freeze', { reason: 'one' }, { headers: KEY });
    const other = await vault.request('POST', '/freeze', { reason: 'two' }, { headers: KEY });
    expect(other).toMatchObject({ status: 422, body: { code: 'IdempotencyKeyReused' } });
  });

  it('is refused where nothing is written: values that a sync answers are kept nowhere', async () => {
    const body = { machines: [] };
    const answer = await vault.request('POST', '/sync', body, { headers: KEY });
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
  });
});

describe('provenance of what automation does (A4)', () => {
  it('that is signed with the request stands in its audit entries', async () => {
    const headers = { provenance: '{"commit":"abc","author":"Alic\\u00e9"}' };
    await vault.request('POST', '/holds', await held(), { headers });
    await vault.request('POST', '/freeze', await freeze(), { headers });
    await vault.context.act(vault.vaultId, vault.owner, (act) => setFreeze(act, null));
    await vault.request('POST', '/steps', await steps('one'), { headers });
    const said = (await entries()).filter(({ action }) =>
      ['losses.held', 'vault.frozen', 'project.created'].includes(action),
    );
    expect(said.slice(-3).map(({ provenance }) => provenance)).toEqual(Array(3).fill(PROVENANCE));
  });

  it('of a step is its own where it brings one', async () => {
    const {
      fence,
      steps: [step],
    } = await steps('one');
    const body = { fence, steps: [{ ...step, provenance: { commit: 'of the step' } }] };
    await vault.request('POST', '/steps', body, { headers: { provenance: '{"commit":"abc"}' } });
    expect((await entries()).at(-1)?.provenance).toEqual({ commit: 'of the step' });
  });

  it('that says what nobody knows, is refused', async () => {
    for (const provenance of ['{"token":"x"}', 'abc', '[]']) {
      const answer = await vault.request('POST', '/freeze', await freeze(), { headers: { provenance } });
      expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidRequest' } });
    }
    expect(await counted('vault.frozen')).toBe(0);
  });
});
