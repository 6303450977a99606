import { expect, it } from 'vitest';
import { startRelay } from '#test/attack/relay.ts';
import { readyTeam, untilReady, untilSays } from './world/team.ts';

it('lets one of two Organizations with one vault go on, the one that was connected, and stalls the other', async () => {
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

it('asks nothing of the address of a rival, which names another for the same vault (rail 10)', async () => {
  const team = await readyTeam(['alice']);
  const { cluster, vault, operator, organization } = team;
  const relay = await startRelay(Number(new URL(vault.url).port));
  await cluster.secret('relay-credentials', { ...vault.credentials, url: relay.url });
  const { url: _, ...seneschal } = organization.vault.seneschal;
  const led = { ...seneschal, credentialsSecretRef: { name: 'relay-credentials' } };
  await cluster.apply('Organization', 'copy', { ...organization, vault: { seneschal: led } });
  await untilSays(cluster, 'Organization/copy', 'Stalled=True/Conflict', operator);
  await untilSays(cluster, 'Organization/acme', 'Ready=True/Succeeded', operator);
  expect(relay.seen).toEqual([]);

  // Alone it is asked, and gains nothing: what is signed for it the vault does not take.
  await cluster.remove('Organization', 'acme');
  await untilSays(cluster, 'Organization/copy', 'Stalled=True/WrongAudience', operator);
  expect(relay.seen).not.toEqual([]);
});
