import { expect, it } from 'vitest';
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { SECRETS } from '#kube/kube.ts';
import { eventually } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { declare, openTeam, untilReady, untilSays } from './world/team.ts';
import { tenantNamespace } from './world/tenant.ts';

it('another namespace brings a binding once its entry is approved, and loses nothing when it is listed no longer', async () => {
  const team = await openTeam();
  const { cluster, vault, organization } = team;
  const { admin, namespace } = cluster;
  const tenant = await tenantNamespace(cluster);
  const operator = await startOperator(cluster, { watchNamespaces: [namespace, tenant] });
  await declare(team, ['alice']);
  await untilReady(cluster, operator);
  const spec: Spec<'MachineBinding'> = {
    organizationRef: { name: 'acme', namespace },
    machineName: 'api',
    projects: [{ name: 'payments', secrets: ['db-password'] }],
    key: { secretName: 'api-key' },
    targets: [{ secretName: 'api-env', data: [{ project: 'payments', secret: 'db-password' }] }],
  };
  const metadata = { namespace: tenant, name: 'api' };
  await admin.apply(
    resourceType('MachineBinding'),
    { metadata, spec },
    { fieldManager: 'tenant', force: true },
  );
  const untilBinding = (said: string) =>
    eventually(
      `the binding to say ${said}`,
      async () => {
        const { status } = await admin.get(resourceType('MachineBinding'), metadata);
        const { conditions = [] } = (status ?? {}) as {
          conditions?: { type: string; status: string; reason: string }[];
        };
        return conditions.some((one) => `${one.type}=${one.status}/${one.reason}` === said) || undefined;
      },
      { explain: async () => [await admin.get(resourceType('MachineBinding'), metadata), operator.log] },
    );
  const secretsOfTenant = async () =>
    (await admin.list(SECRETS, { namespace: tenant })).items.map((secret) => secret.metadata.name);

  await untilBinding('Stalled=True/NamespaceNotListed');
  expect(await secretsOfTenant()).toEqual([]);

  const access = [
    { namespace: tenant, kinds: ['MachineBinding'], projects: ['payments'] },
  ] as Spec<'Organization'>['access'];
  await cluster.apply('Organization', 'acme', { ...organization, access });
  await untilSays(cluster, 'Organization/acme', 'PlanHeld=True/SettingsLoosened', operator);
  await untilBinding('Stalled=True/NotAllowed');
  expect(await secretsOfTenant()).toEqual([]);
  const { status } = await cluster.read('Organization', 'acme');
  await vault.asOwner('POST', '/approvals', {
    digest: status?.plan?.digest,
    reason: 'the tenant is one of us',
  });
  await untilBinding('Ready=True/Succeeded');
  expect((await secretsOfTenant()).sort()).toEqual(['api-env', 'api-key']);

  await cluster.apply('Organization', 'acme', organization);
  await untilSays(cluster, 'Organization/acme', 'PlanHeld=True/OriginGone', operator);
  await untilBinding('Stalled=True/NamespaceNotListed');
  expect((await vault.observe()).machines).toMatchObject([{ name: 'api', enabled: true }]);
  expect((await secretsOfTenant()).sort()).toEqual(['api-env', 'api-key']);
});
