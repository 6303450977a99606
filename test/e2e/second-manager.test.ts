import { expect, it } from 'vitest';
import { testCluster } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareMember, openTeam, untilReady, untilSays } from './world/team.ts';

it('only reads where another manager holds the lease of the vault, and says so (rail 10)', async () => {
  const team = await openTeam();
  const first = await startOperator(team.cluster);
  await declare(team, ['alice', 'bob']);
  await untilReady(team.cluster, first);
  // One credential in two clusters acts for both names (V4): what is left is the lease.
  const { 'automation-id': id = '' } = team.vault.credentials;
  const managers = [`${team.cluster.namespace}/acme`, 'another'];
  await team.vault.asOwner('PATCH', `/automations/${id}`, { managers });
  const before = await team.vault.observe();

  const other = await testCluster();
  await other.enable();
  await other.secret('vault-credentials', team.vault.credentials);
  const second = await startOperator(other);
  await declareMember(other, 'carol', {});
  await other.apply('PermissionTemplate', 'developers', {
    organizationRef: { name: 'acme' },
    capabilities: { Secrets: ['View'] },
  });
  // Last, so that its first pass has something to hold.
  await other.apply('Organization', 'acme', { ...team.organization, manager: 'another' });
  const message = await untilSays(other, 'Organization/acme', 'Stalled=True/ManagementConflict', second);
  expect(message).toContain('manages this organization');
  expect(
    second.vault.filter((request) => request.startsWith('POST') && !request.startsWith('POST /lease')),
  ).toEqual([]);
  const after = await team.vault.observe();
  expect(after.revision).toBe(before.revision);
});
