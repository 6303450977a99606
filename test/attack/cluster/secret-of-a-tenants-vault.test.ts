import type { Spec } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { SECRETS } from '#kube/kube.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { startOperator } from '#test/e2e/world/operator.ts';
import { openTeam } from '#test/e2e/world/team.ts';
import { tenantNamespace } from '#test/e2e/world/tenant.ts';
import { startVault } from '#test/e2e/world/vault.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';

const TENANT = { fieldManager: 'tenant', force: true } as const;
const BINDING = resourceType('MachineBinding');
const ORGANIZATION = resourceType('Organization');

attack({
  name: 'has a Secret sealed for a vault of their own, and gives it to a binding that names another Organization, to stop that',
  actor: 'Tenant who may patch Organizations',
  rule: 'V4',
  refused: ['VaultMoved of the binding alone'],
  permittedBy: 'the namespace of the Organization, where its own people write',
  async world() {
    const team = await openTeam();
    const { cluster, organization } = team;
    const tenant = await tenantNamespace(cluster);
    const access = [{ namespace: tenant, kinds: ['MachineBinding'] }] as Spec<'Organization'>['access'];
    const listing = { ...organization, access };
    return { ...team, organization: listing, tenant, ofTenant: await startVault([]) };
  },
  attack: ({ tenant }) => tenant,
  control: ({ cluster }) => cluster.namespace,
  async calls({ cluster, organization, tenant, ofTenant }, namespace: string) {
    const call = 'stop the Organization';
    const { admin } = cluster;
    const watchNamespaces = [cluster.namespace, tenant];
    const place = { namespace, name: 'x' };
    const bind = (organizationRef: Spec<'MachineBinding'>['organizationRef']) => {
      const spec = { organizationRef, machineName: 'x', projects: [], key: { secretName: 'x-key' } };
      return admin.apply(BINDING, { metadata: place, spec }, TENANT);
    };
    const conditionsOf = (status: unknown) =>
      (status as { conditions?: { type: string; status: string; reason: string }[] } | undefined)
        ?.conditions ?? [];

    // A Secret that the operator seals for the tenant's vault.
    const data = Object.fromEntries(
      Object.entries(ofTenant.credentials).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    );
    await admin.apply(
      SECRETS,
      { metadata: { namespace, name: 'own-credentials' }, type: 'Opaque', data },
      TENANT,
    );
    const vaultSpec = { seneschal: { credentialsSecretRef: { name: 'own-credentials' } } };
    await admin.apply(
      ORGANIZATION,
      {
        metadata: { namespace, name: 'own' },
        spec: { vault: vaultSpec, rails: { privilegeApproval: 'Never' } },
      },
      TENANT,
    );
    await bind({ name: 'own', namespace });
    const first = await startOperator(cluster, { watchNamespaces });
    const own = await eventually(
      'the Secret of the tenant',
      () => admin.get(SECRETS, { namespace, name: 'x-key' }).catch(() => undefined),
      { explain: async () => [first.log, await admin.get(BINDING, place)] },
    );
    await first.stop();
    await admin.delete(ORGANIZATION, { namespace, name: 'own' });
    await admin.delete(BINDING, place);
    // The key may have been on its way to its Secret as the operator ended.
    for (const name of ['x-key', 'x-key-next'])
      await admin.delete(SECRETS, { namespace, name }).catch(() => undefined);

    await bind({ name: 'acme', namespace: cluster.namespace });
    const { labels = {}, annotations = {} } = own.metadata;
    const saved = { metadata: { namespace, name: 'x-key', labels, annotations }, data: own.data ?? {} };
    await admin.apply(SECRETS, saved, TENANT);
    await cluster.apply('Organization', 'acme', organization);
    const second = await startOperator(cluster, { watchNamespaces });
    const connected = async (): Promise<string | undefined> => {
      const { status } = await cluster.read('Organization', 'acme');
      const said = conditionsOf(status).find(({ type }) => type === 'Connected');
      return said && `${said.status}/${said.reason}`;
    };
    const said = await eventually('the Organization to say what it makes of that', connected, {
      explain: async () => second.log,
    });
    if (said !== 'True/Succeeded') {
      await admin.delete(SECRETS, { namespace, name: 'x-key' });
      // Whoever takes the Secret away has it go on at once.
      await eventually(
        'it to go on',
        async () => ((await connected()) === 'True/Succeeded' ? true : undefined),
        {
          explain: async () => [await connected(), second.log],
        },
      );
      return [done(call, said)];
    }
    const stalled = await eventually(
      'the binding to say why it stands',
      async () => {
        const { status } = await admin.get(BINDING, place);
        return conditionsOf(status).find(({ type, status: is }) => type === 'Stalled' && is === 'True')
          ?.reason;
      },
      { explain: async () => [await admin.get(BINDING, place), second.log] },
    );
    return [refused(call, `${stalled} of the binding alone`)];
  },
});
