import { describe, expect, it } from 'vitest';
import type { AuditRecord, MachineEntry, VaultContext } from '#vault/act/context.ts';
import type { PendingRead } from '#vault/machine-api/admission.ts';
import { CommittedReads } from '#vault/machine-api/committed-reads.ts';
import type { PollSources } from '#vault/machine-api/poll-sources.ts';

/** A context whose commits end when the test says so; every nonce is new. */
function slowContext() {
  const commits: { readonly record: AuditRecord | null; readonly end: () => void }[] = [];
  const run = async (work: (act: object) => Promise<unknown>): Promise<unknown> => {
    let record: AuditRecord | null = null;
    let stored: readonly object[] = [];
    const query = {
      values: (rows: readonly object[]) => {
        stored = rows;
        return query;
      },
      onConflict: () => query,
      returning: () => query,
      execute: async () => stored,
    };
    const db = { insertInto: () => query };
    const auditMachines = async (given: readonly MachineEntry[]): Promise<void> => {
      record = given[0]?.record ?? null;
    };
    const result = await work({ db, auditMachines, vault: { id: 'vault_1', revision: 1 } });
    await new Promise<void>((end) => commits.push({ record, end }));
    return result;
  };
  const context = {
    clock: { now: () => 0 },
    act: (_vaultId: string, _actor: object, work: (act: object) => Promise<unknown>) => run(work),
    bookkeep: (work: (db: object) => Promise<unknown>) => run((act) => work((act as { db: object }).db)),
  };
  return { context: context as unknown as VaultContext, commits };
}

const pending = (nonce: string): PendingRead => ({
  machine: { id: 'm', name: 'web', vaultId: 'vault_1', revision: 1 },
  key: 'f',
  nonce,
  source: '127.0.0.1',
  call: 'GET /v1/secret/{id}',
  isPoll: false,
  read: [
    {
      id: 'sk_1',
      name: 'a',
      projectId: 'proj_1',
      version: 1,
      moved: 1,
      movedAt: 0,
      fieldNames: null,
      policy: null,
    },
  ],
  observed: [],
  refused: [],
});

/** Nothing moves in these tests, so nothing may be looked at again. */
const UNMOVED: ConstructorParameters<typeof CommittedReads>[1] = {
  at: () => Promise.reject(new Error('looked at a machine again')),
  isThere: () => Promise.reject(new Error('looked at a secret again')),
};

/** Nor is there a memory of polls that moves. */
const NO_POLLS = {
  load: async () => {},
  hasMoved: () => false,
  store: async () => ({ rows: [], gone: [], reads: [] }),
  committed: () => {},
} as unknown as PollSources;

const reached = async (count: number, commits: readonly unknown[]): Promise<void> => {
  while (commits.length < count) await new Promise((resolve) => setImmediate(resolve));
};

describe('what the machine plane leaves behind (A3)', () => {
  it('gathers while a group is being committed, and enters the chain as one block a group', async () => {
    const { context, commits } = slowContext();
    const log = new CommittedReads(context, UNMOVED, NO_POLLS);
    const answered: string[] = [];
    const commit = (nonce: string): Promise<void> =>
      log.commit(pending(nonce)).then(() => void answered.push(nonce));

    const first = commit('n0');
    await reached(1, commits);
    const others = [commit('n1'), commit('n2'), commit('n3')];
    expect(answered).toEqual([]);
    commits[0]?.end();
    await first;
    await reached(2, commits);
    expect(answered).toEqual(['n0']);
    commits[1]?.end();
    await Promise.all(others);
    expect(answered).toEqual(['n0', 'n1', 'n2', 'n3']);
    const blocks = commits.map(({ record }) => (record?.details?.reads as object[] | undefined)?.length);
    expect(blocks).toEqual([1, 3]);
  });

  it('lets no answer of a group leave whose commit failed', async () => {
    const failing = {
      clock: { now: () => 0 },
      act: () => Promise.reject(new Error('disk full')),
      bookkeep: () => Promise.reject(new Error('disk full')),
    } as unknown as VaultContext;
    const log = new CommittedReads(failing, UNMOVED, NO_POLLS);
    await expect(log.commit(pending('n0'))).rejects.toThrow('disk full');
    await expect(log.commit(pending('n1'))).rejects.toThrow('disk full');
  });
});
