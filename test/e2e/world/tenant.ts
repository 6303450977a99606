/** A namespace beside the team's, of people who have nothing to do with the Organization's. */
import { inject, onTestFinished } from 'vitest';
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { clientFor, createNamespace } from '#test/control-plane/access.ts';
import { eventually, letSecretsBeHandled, type TestCluster } from './cluster.ts';
import { startOperator } from './operator.ts';
import { declare, openTeam, untilSays } from './team.ts';

const BINDING = resourceType('MachineBinding');

/** One where the operator may handle Secrets; it goes when the test ends. */
export async function tenantNamespace({ admin, system }: TestCluster): Promise<string> {
  const tenant = await createNamespace(admin, 'tenant');
  const kubeconfig = inject('adminKubeconfig');
  onTestFinished(async () => {
    const client = await clientFor(kubeconfig);
    await client.request({ method: 'DELETE', path: `/api/v1/namespaces/${tenant}` }).catch(() => undefined);
    await client.close();
  });
  await letSecretsBeHandled(admin, tenant, system);
  return tenant;
}

/** An organization whose one binding `api`, with its Secret `api-key`, is in another namespace; no operator runs. */
export async function teamWithBindingElsewhere() {
  const team = await openTeam();
  const { cluster, vault, organization } = team;
  const { admin, namespace } = cluster;
  const elsewhere = await tenantNamespace(cluster);
  const watchNamespaces = [namespace, elsewhere];
  const access = [
    { namespace: elsewhere, kinds: ['MachineBinding'], projects: ['payments'] },
  ] as Spec<'Organization'>['access'];
  const operator = await startOperator(cluster, { watchNamespaces });
  await declare({ ...team, organization: { ...organization, access } }, []);
  const place = { namespace: elsewhere, name: 'api' };
  const spec: Spec<'MachineBinding'> = {
    organizationRef: { name: 'acme', namespace },
    machineName: 'api',
    projects: [{ name: 'payments', secrets: ['db-password'] }],
    key: { secretName: 'api-key' },
  };
  await admin.apply(BINDING, { metadata: place, spec }, { fieldManager: 'tenant', force: true });
  await untilSays(cluster, 'Organization/acme', 'PlanHeld=True/SettingsLoosened', operator);
  const { status } = await cluster.read('Organization', 'acme');
  const digest = status?.plan?.digest;
  await vault.asOwner('POST', '/approvals', { digest, reason: 'the other team is one of us' });
  await eventually(
    'the binding to be Ready',
    async () => {
      const { status } = await admin.get(BINDING, place);
      const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
      return conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True') || undefined;
    },
    { explain: async () => [await admin.get(BINDING, place), operator.log] },
  );
  await operator.stop();
  return { ...team, elsewhere, watchNamespaces };
}
