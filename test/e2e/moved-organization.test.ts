import { expect, it } from 'vitest';
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { SECRETS } from '#kube/kube.ts';
import { createNamespace } from '#test/control-plane/access.ts';
import { eventually, letSecretsBeHandled, type TestCluster } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareBinding, openTeam, PEOPLE, type Team, untilReady, untilSays } from './world/team.ts';

const KINDS = [
  'PermissionTemplate',
  'Project',
  'Member',
  'MachineBinding',
] as const satisfies readonly Kind[];

/** The commit: all objects under another name of the Organization, or in another namespace, and then the prune. */
async function commit(
  { cluster, organization }: Team,
  { name, namespace, takeOver }: { name: string; namespace: string; takeOver: string },
): Promise<void> {
  const { admin, namespace: before } = cluster;
  const put = (kind: Kind, metadata: object, spec: object) =>
    admin.apply(
      resourceType(kind),
      { apiVersion: 'seneschal.dev/v1alpha1', kind, metadata: { namespace, ...metadata }, spec } as never,
      { fieldManager: 'team', force: true },
    );
  const objects = await Promise.all(
    KINDS.map(async (kind) => ({
      kind,
      items: (await admin.list(resourceType(kind), { namespace: before })).items,
    })),
  );
  await put('Organization', { name, annotations: { 'seneschal.dev/take-over': takeOver } }, organization);
  // A reference to an Organization is immutable: what keeps its name is made anew.
  await Promise.all(
    objects.flatMap(({ kind, items }) =>
      items.map(async ({ metadata, spec }) => {
        await cluster.remove(kind, metadata.name);
        await put(kind, { name: metadata.name }, { ...spec, organizationRef: { name } });
      }),
    ),
  );
  await cluster.remove('Organization', 'acme');
}

async function ofBoth({ vault, cluster }: Team, next: string): Promise<string> {
  const { 'automation-id': id = '' } = vault.credentials;
  const former = `${cluster.namespace}/acme`;
  await vault.asOwner('PATCH', `/automations/${id}`, { managers: [former, next] });
  return former;
}

/** Approves, as the owner, what the Organization says is held. */
async function approveHeld({ vault }: Team, cluster: TestCluster, name: string, log: unknown): Promise<void> {
  const message = await untilSays(cluster, `Organization/${name}`, 'PlanHeld=True/NeedsApproval').catch(
    (error) => {
      throw new Error(`${error.message} ${JSON.stringify(log)}`);
    },
  );
  expect(message).not.toContain('PlanApproval,');
  const digest = /seneschal approve ([0-9a-f]{64})/.exec(message)?.[1];
  await vault.asOwner('POST', '/approvals', { digest, reason: 'it moved' });
}

it('a renamed Organization takes over from its former name: one approval, and nothing and nobody is lost (rail 10)', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  const operator = await startOperator(cluster);
  await declare(team, PEOPLE);
  await declareBinding(cluster, 'checkout');
  await untilReady(cluster, operator);
  const takeOver = await ofBoth(team, `${cluster.namespace}/renamed`);
  const before = await vault.observe();

  await commit(team, { name: 'renamed', namespace: cluster.namespace, takeOver });
  await approveHeld(team, cluster, 'renamed', operator.log);
  await untilReady(cluster, operator);

  const after = await vault.observe();
  const kept = ({ members, templates, projects, secrets, machines }: typeof after) => ({
    ...{ members, templates, projects, secrets },
    machines: machines.map(({ name, access, keys }) => ({
      name,
      access,
      keys: keys.map(({ fingerprint }) => fingerprint),
    })),
  });
  expect(kept(after)).toEqual(kept(before));
  expect(new Set(after.records.map(({ manager }) => manager))).toEqual(
    new Set([`${cluster.namespace}/renamed`]),
  );
  expect((await vault.audit()).filter(({ action }) => action === 'organization.taken-over')).toHaveLength(1);
}, 120_000);

it('an Organization that moved to another namespace takes over likewise, and what is declared there no more waits (rail 10)', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  const { admin, system } = cluster;
  const namespace = await createNamespace(admin, 'moved');
  await letSecretsBeHandled(admin, namespace, system);
  const moved: TestCluster = {
    ...cluster,
    namespace,
    list: async (kind) => (await admin.list(resourceType(kind), { namespace })).items as never,
  };
  const operator = await startOperator(cluster, { watchNamespaces: [cluster.namespace, namespace] });
  await declare(team, PEOPLE);
  await untilReady(cluster, operator);
  const takeOver = await ofBoth(team, `${namespace}/acme`);
  const before = await vault.members();
  const { data } = await admin.get(SECRETS, { namespace: cluster.namespace, name: 'vault-credentials' });
  const metadata = { namespace, name: 'vault-credentials' };
  await admin.create(SECRETS, { metadata, type: 'Opaque', ...(data === undefined ? {} : { data }) });
  await commit(team, { name: 'acme', namespace, takeOver });
  // Declared no more in the same commit: it waits until its record was seen under the new object.
  await admin.delete(resourceType('Member'), { namespace, name: 'dave' });
  await approveHeld(team, moved, 'acme', operator.log);
  await eventually('the records to be of the new namespace', async () => {
    const { records } = await vault.observe();
    const ofAlice = records.find(({ key }) => key === 'alice@acme.example');
    return ofAlice?.manager === `${namespace}/acme` && ofAlice.origin === namespace ? true : undefined;
  });
  const message = await untilSays(moved, 'Organization/acme', 'PlanHeld=True/NotSeenDeclared', operator);
  expect(message).toContain('dave@acme.example');
  expect(await vault.members()).toEqual(before);
}, 120_000);
