import { expect, it } from 'vitest';
import { readyTeam, untilReady, untilSays } from './world/team.ts';

it('lets one of two Organizations with one vault go on, the one that the record names, and stalls the other', async () => {
  const team = await readyTeam(['alice', 'bob']);
  const { cluster, vault, operator } = team;
  const before = await vault.members();

  await cluster.apply('Organization', 'copy', team.organization);
  const message = await untilSays(cluster, 'Organization/copy', 'Stalled=True/Conflict', operator);
  expect(message).toContain(`${cluster.namespace}/acme`);
  await untilSays(cluster, 'Organization/acme', 'Ready=True/Succeeded', operator);
  expect(await vault.members()).toEqual(before);

  await cluster.remove('Organization', 'copy');
  await untilReady(cluster, operator);
});
