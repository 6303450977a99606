// biome-ignore lint/correctness/noUnresolvedImports: built into Node 24, which biome does not know yet
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { startOperator } from './world/operator.ts';
import {
  declare,
  declareBinding,
  declareMember,
  openTeam,
  PEOPLE,
  statuses,
  untilReady,
  untilSays,
} from './world/team.ts';

it('says on a member that the vault refuses why and what to do, and holds up no other object (I5)', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  // P4: who runs the server sets the plan. Free has five seats, and the owner takes one.
  const database = new DatabaseSync(vault.database);
  database.exec("PRAGMA busy_timeout = 5000; UPDATE vaults SET plan = 'Free'");
  database.close();
  const operator = await startOperator(cluster);
  await declare(team, PEOPLE);
  await untilReady(cluster, operator);

  await declareMember(cluster, 'zoe');
  await declareBinding(cluster, 'checkout');
  const message = await untilSays(cluster, 'Member/zoe', 'Stalled=True/SeatsExhausted', operator);
  expect(message).toMatch(/seat/);
  await untilSays(cluster, 'MachineBinding/checkout', 'Ready=True/Succeeded', operator);
  await untilSays(cluster, 'Organization/acme', 'Ready=True/PartlyAsDeclared', operator);
  await untilSays(cluster, 'Organization/acme', 'SeatsAvailable=False/SeatsExhausted', operator);
  const notReady = (await statuses(cluster))
    .filter(({ conditions }) => !conditions.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .map(({ object }) => object);
  expect(notReady).toEqual(['Member/zoe']);

  await cluster.remove('Member', 'dave');
  await untilSays(cluster, 'Member/zoe', 'Ready=True/Succeeded', operator);
});
