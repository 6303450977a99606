/** A small organization: what most tests begin with. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { organizationFields } from '#engine/declared-fields.ts';
import { planDigest } from '#model/digest.ts';
import type { Condition } from '#runtime/runtime.ts';
import { eventually, type TestCluster, testCluster } from './cluster.ts';
import { type RunningOperator, startOperator } from './operator.ts';
import { startVault, type TestVault } from './vault.ts';

export interface Team {
  readonly cluster: TestCluster;
  readonly vault: TestVault;
  readonly organization: Spec<'Organization'>;
}

const organizationRef = { name: 'acme' };

export const PEOPLE = ['alice', 'bob', 'carol', 'dave'] as const;
export const emailOf = (name: string): string => `${name}@acme.example`;

/** Cluster and vault, credentials in place, nothing declared yet. Losses settle within a second. */
export async function openTeam(people: readonly string[] = PEOPLE, adminKubeconfig?: string): Promise<Team> {
  const [cluster, vault] = await Promise.all([testCluster(adminKubeconfig), startVault(people.map(emailOf))]);
  await cluster.enable();
  await cluster.secret('vault-credentials', vault.credentials);
  const organization: Spec<'Organization'> = {
    vault: {
      seneschal: {
        url: vault.url,
        vaultId: vault.vaultId,
        credentialsSecretRef: { name: 'vault-credentials' },
      },
    },
    // Raises are met where they are meant (rail 2): plan-equals-operator, and the demo.
    rails: {
      settle: '1s',
      privilegeApproval: 'Never',
      approvers: { users: ['alice@acme.example'] },
    },
  };
  await approveRails(vault, organization);
  return { cluster, vault, organization };
}

/** The owner approves the rails of the first commit, which are looser than the defaults and name approvers (rail 1). */
async function approveRails(vault: TestVault, organization: Spec<'Organization'>): Promise<void> {
  const { vaultId } = vault;
  const { rails } = organizationFields(organization);
  const action = { kind: 'ApplySettings', key: vaultId, before: null, after: rails } as const;
  const digest = planDigest(vaultId, [action]);
  await vault.asOwner('POST', '/approvals', { digest, reason: 'the rails of the first commit' });
}

/** Declares the organization with a template, a project and the named members. */
export async function declare({ cluster, organization }: Team, members: readonly string[]): Promise<void> {
  await cluster.apply('Organization', 'acme', organization);
  await cluster.apply('PermissionTemplate', 'developers', {
    organizationRef,
    capabilities: { Projects: ['View'], Secrets: ['View'] },
    projectScope: { all: true },
  });
  await cluster.apply('Project', 'payments', {
    organizationRef,
    secrets: [{ name: 'db-password', generator: { length: 24 } }],
  });
  for (const name of members) await declareMember(cluster, name);
}

export interface ReadyTeam extends Team {
  readonly operator: RunningOperator;
}

/** A team whose operator runs and has made everything that it declares, a machine binding too if named. */
export async function readyTeam(members: readonly string[], binding?: string): Promise<ReadyTeam> {
  const team = await openTeam();
  const operator = await startOperator(team.cluster);
  await declare(team, members);
  if (binding !== undefined) await declareBinding(team.cluster, binding);
  await untilReady(team.cluster, operator);
  return { ...team, operator };
}

export async function declareMember(
  cluster: TestCluster,
  name: string,
  some: Partial<Spec<'Member'>> = {},
): Promise<void> {
  await cluster.apply('Member', name, {
    organizationRef,
    email: emailOf(name),
    templateRef: { name: 'developers' },
    ...some,
  });
}

export async function declareBinding(
  cluster: TestCluster,
  name: string,
  some: Partial<Spec<'MachineBinding'>> = {},
): Promise<void> {
  await cluster.apply('MachineBinding', name, {
    organizationRef,
    machineName: name,
    projects: [{ name: 'payments', secrets: ['db-password'] }],
    key: { secretName: `${name}-key` },
    targets: [{ secretName: `${name}-env`, data: [{ project: 'payments', secret: 'db-password' }] }],
    ...some,
  });
}

const KINDS = ['Organization', 'PermissionTemplate', 'Group', 'Project', 'Member', 'MachineBinding'] as const;

interface Row {
  readonly object: string;
  readonly generation: number;
  readonly observed: number | undefined;
  readonly conditions: readonly Condition[];
}

export async function statuses(cluster: TestCluster): Promise<Row[]> {
  const lists = await Promise.all(
    KINDS.map(async (kind) =>
      (await cluster.list(kind)).map(({ metadata, status }) => ({
        object: `${kind}/${metadata.name}`,
        generation: metadata.generation ?? 0,
        observed: status?.observedGeneration,
        conditions: (status?.conditions ?? []) as readonly Condition[],
      })),
    ),
  );
  return lists.flat();
}

/** Waits until every object is Ready for its present generation. */
export async function untilReady(cluster: TestCluster, operator?: RunningOperator): Promise<void> {
  await eventually(
    'every object to be Ready',
    async () => {
      const rows = await statuses(cluster);
      const ready = rows.every(
        ({ generation, observed, conditions }) =>
          observed === generation &&
          conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
      );
      return ready || undefined;
    },
    { explain: async () => [await statuses(cluster), operator?.log, operator?.vault] },
  );
}

/** Waits until an object says a condition, `Type=Status/Reason`; gives its message. */
export async function untilSays(
  cluster: TestCluster,
  object: string,
  said: string,
  operator?: RunningOperator,
  seconds = 30,
): Promise<string> {
  return eventually(
    `${object} to say ${said}`,
    async () => {
      const row = (await statuses(cluster)).find((one) => one.object === object);
      return row?.conditions.find(({ type, status, reason }) => `${type}=${status}/${reason}` === said)
        ?.message;
    },
    { seconds, explain: async () => [await statuses(cluster), operator?.log, operator?.vault] },
  );
}
