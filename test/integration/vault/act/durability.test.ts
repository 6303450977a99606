import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, it } from 'vitest';
import { LOSS_CLASSES, type LossClass } from '#model/loss.ts';
import { populationOf } from '#model/population.ts';
import { acceptInvite, access, MovedClock, startTestVault } from '#test/builders/vault.ts';
import { verifyChain } from '#vault/audit/chain.ts';
import { population } from '#vault/reconciliation/losses.ts';
import { openStore } from '#vault/store/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'seneschal-killed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Invites people for ever; a line for each that was acknowledged. */
const WRITER = `
  import { startTestVault, access } from '${new URL('../../../builders/vault.ts', import.meta.url)}';
  const vault = await startTestVault();
  console.log(vault.database.name + ' ' + vault.vaultId);
  for (let n = 0; ; n += 1) {
    const key = 'p' + n + '@acme.example';
    const done = await vault.step({ kind: 'InviteMember', key, before: null, after: access() });
    console.log(done + ' ' + key);
  }`;

it('every write that was acknowledged is there after SIGKILL, and the chain is whole (A2, A3)', async () => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', WRITER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: folder },
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === 40) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const [database = '', vaultId = ''] = (lines.shift() ?? '').split(' ');
  const store = await openStore(database, 0);
  try {
    const rows = await store.reader.selectFrom('members').select('email').execute();
    const there = new Set(rows.map(({ email }) => email));
    expect(lines.filter((line) => !line.startsWith('Done ') || !there.has(line.slice(5)))).toEqual([]);
    const vault = await store.reader.selectFrom('vaults').selectAll().executeTakeFirstOrThrow();
    const links = await store.reader.selectFrom('audit_entries').selectAll().orderBy('sequence').execute();
    expect(verifyChain(vaultId, links)).toEqual({
      intact: true,
      sequence: vault.audit_sequence,
      hash: vault.audit_hash,
    });
  } finally {
    await store.close();
  }
});

it('rail 1: what the budgets are a percentage of is counted as the model counts it', async () => {
  const clock = new MovedClock();
  await using vault = await startTestVault({ clock });
  const grants = [{ project: 'Main', access: 'Read' }] as const;
  const template = { description: '', capabilities: {}, projectScope: 'All' } as const;
  await vault.step({ kind: 'CreateTemplate', key: 't', before: null, after: template });
  for (const [key, after] of [
    ['a@acme.example', access({ template: 't' })],
    ['b@acme.example', access({ grants })],
    ['c@acme.example', access({ template: 't', grants })],
  ] as const) {
    await vault.step({ kind: 'InviteMember', key, before: null, after });
  }
  for (const joined of ['a@acme.example', 'c@acme.example']) await acceptInvite(vault, joined);
  clock.advance(24 * 60 * 60 * 1000);
  await vault.step({ kind: 'InviteMember', key: 'd@acme.example', before: null, after: access() });
  const state = await vault.snapshot();
  const now = clock.now();
  expect(['people', 'access', 'invites'].map((one) => populationOf(state, one as LossClass, now))).toEqual([
    3, 3, 1,
  ]);
  for (const lossClass of LOSS_CLASSES) {
    const counted = await population(vault.context.reader, vault.vaultId, lossClass, now);
    expect(counted, lossClass).toBe(populationOf(state, lossClass, now));
  }
});
