import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { testFolder } from '#test/control-plane/test-cluster.ts';
import { eventually } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { operatorProcesses } from './world/operator-process.ts';
import { cloneInstallation, secondCluster } from './world/second-cluster.ts';
import { declare, declareMember, openTeam, untilReady, untilSays } from './world/team.ts';

/** The clock of one of the two, in a process of its own, is four minutes behind that of the vault. */
const BEHIND = `
const { now } = Date, RealDate = Date;
Date.now = () => now() - 240_000;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [Date.now()] : given, made),
});`;

it('one of two clusters with one folder writes, the other says who does, and goes on once the vault’s owner says so (rail 10)', async () => {
  const team = await openTeam();
  const { vault } = team;
  const organization: Spec<'Organization'> = { ...team.organization, manager: 'fleet/acme' };
  // With an API server of its own, from a backup of the first one's operator: what it stored is the same.
  const other = await secondCluster();
  await other.enable();
  await other.secret('vault-credentials', vault.credentials);
  const preload = join(await testFolder(), 'behind.mjs');
  await writeFile(preload, BEHIND);

  const processes = await operatorProcesses(team.cluster, { NODE_OPTIONS: `--import ${preload}` });
  const first = processes.start();
  await declare({ ...team, organization }, ['alice', 'bob']);
  await untilReady(team.cluster);
  const before = await vault.observation();
  const holder = before.volatile.lease?.installation ?? '';

  await cloneInstallation(team.cluster, other);
  const second = await startOperator(other);
  await declare({ ...team, cluster: other, organization }, ['alice', 'bob', 'carol']);
  const conflict = 'Stalled=True/ManagementConflict';
  const held = await untilSays(other, 'Organization/acme', conflict, second);
  expect(held).toContain(`installation ${holder}, has had the lease of the vault since`);
  const { snapshot } = await vault.observation();
  expect(snapshot.state.revision).toBe(before.snapshot.state.revision);

  // Killed, it gave nothing back: its lease ends, and is its own still.
  await processes.kill(first);
  const database = new DatabaseSync(vault.database);
  database.exec('pragma busy_timeout = 5000; update leases set expires_at = 1');
  database.close();
  // The other looks again because something is declared; by itself it would at the end of the lease that it knew.
  await declareMember(other, 'dave');
  const ended = await eventually('the other to say that the lease ended', async () => {
    const message = await untilSays(other, 'Organization/acme', conflict, second);
    return message.includes('did not give it back') ? message : undefined;
  });
  const writes = second.vault.filter((request) => /^POST (?!\/lease)/.test(request));
  expect(writes).toEqual([]);

  // What it says to do is done as it stands.
  const [, manager = '', installation = ''] = /--manager (\S+) --installation (\S+)/.exec(ended) ?? [];
  const [, gone = ''] = /installation ([^,\s]+), had the lease/.exec(ended) ?? [];
  expect([manager, installation]).toEqual(['fleet/acme', expect.not.stringMatching(holder)]);
  await vault.asOwner('POST', '/lease/handovers', {
    reason: 'that one is gone',
    from: { manager, installation: gone },
    to: { manager, installation },
  });
  await untilReady(other, second);
  expect(await vault.members()).toContain('carol@acme.example Invited');

  // Back again, the first one only reads: carol, whom it does not declare, stays.
  processes.start();
  const back = await untilSays(team.cluster, 'Organization/acme', conflict);
  expect(back).toContain(`installation ${installation}, has had the lease`);
  expect(await vault.members()).toContain('carol@acme.example Invited');
  // Given back, any installation of the manager has it.
  await second.stop();
  await untilSays(team.cluster, 'Organization/acme', 'Connected=True/Succeeded');
  await eventually('the first to have the lease again', async () =>
    (await vault.observation()).volatile.lease?.installation === holder ? true : undefined,
  );
}, 180_000);

it('gives the lease of the former manager back where spec.manager changed, also after it was killed (rail 10)', async () => {
  const team = await openTeam();
  const { 'automation-id': id = '' } = team.vault.credentials;
  const first = `${team.cluster.namespace}/acme`;
  await team.vault.asOwner('PATCH', `/automations/${id}`, { managers: [first, 'second', 'third'] });
  const holds = (manager: string) =>
    eventually(`${manager} to hold the lease`, async () =>
      (await team.vault.observation()).volatile.lease?.manager === manager ? true : undefined,
    );
  const processes = await operatorProcesses(team.cluster);
  const child = processes.start();
  await team.cluster.apply('Organization', 'acme', { ...team.organization, manager: first });
  await holds(first);
  await team.cluster.apply('Organization', 'acme', { ...team.organization, manager: 'second' });
  await holds('second');
  await processes.kill(child);
  await team.cluster.apply('Organization', 'acme', { ...team.organization, manager: 'third' });
  processes.start();
  await holds('third');
});
