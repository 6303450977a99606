import { expect, it } from 'vitest';
import { GROUP, type Kind, type Spec, VERSION } from '#api/v1alpha1/kinds.ts';
import { resourceType } from '#controllers/resources.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, EVENTS, type KubeClient, type ResourceType } from '#kube/kube.ts';
import type { Provenance } from '#model/record.ts';
import { eventually } from './world/cluster.ts';
import { emailOf, type ReadyTeam, readyTeam, untilSays } from './world/team.ts';

const FIRST = 'a'.repeat(40);
const SECOND = 'b'.repeat(40);
const ORIGIN = 'https://ci:secret-token@git.example/fleet';
const REPOSITORY = 'https://git.example/fleet';
const KUSTOMIZATIONS = fluxType('kustomize.toolkit.fluxcd.io', 'Kustomization', 'kustomizations');
const GIT_REPOSITORIES = fluxType('source.toolkit.fluxcd.io', 'GitRepository', 'gitrepositories');
/** As kustomize-controller applies. */
const FLUX = { fieldManager: 'kustomize-controller', force: true };

it('has the commit that Flux applies in the audit log, and what a hand changed as not from Git (A4)', async () => {
  const team = await readyTeam([]);
  const { admin, namespace } = team.cluster;
  await serveFlux(admin);
  await admin.apply(
    GIT_REPOSITORIES,
    { metadata: { namespace, name: 'fleet' }, spec: { url: ORIGIN } } as never,
    FLUX,
  );
  await attempted(team, FIRST);

  await fluxApplies(team, 'bob');
  await fluxApplies(team, 'alice');
  await untilSays(team.cluster, 'Member/alice', 'Ready=True/Succeeded', team.operator);
  const flux = { fieldManager: `kustomization/${namespace}/apps`, repository: REPOSITORY };
  expect(await provenance(team, 'member.invited')).toMatchObject({ ...flux, commit: FIRST });
  await eventually('the Event', async () => {
    const { items } = await admin.list(EVENTS, { namespace });
    const note = `InviteMember ${emailOf('alice')} (commit ${FIRST.slice(0, 12)} of ${REPOSITORY})`;
    return items.some((event) => event.note === note) || undefined;
  });

  await admin.apply(resourceType('Member'), member(team, 'alice', 'Admin') as never, {
    fieldManager: 'kubectl-edit',
    force: true,
  });
  const byHand = await eventually('the change by hand', () => provenance(team, 'member.access-set'));
  expect(byHand).toMatchObject({ fieldManager: 'kubectl-edit', notFromGit: true });
  expect(byHand).not.toHaveProperty('commit');

  await attempted(team, SECOND);
  await team.cluster.remove('Member', 'bob');
  const pruned = await eventually('the end of the invite', () => provenance(team, 'invite.cancelled'));
  expect(pruned).toEqual({ ...flux, commit: SECOND });
});

function member({ cluster: { namespace } }: ReadyTeam, name: string, role: 'Admin' | 'Member') {
  const labels = {
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': namespace,
  };
  const spec: Spec<'Member'> = { organizationRef: { name: 'acme' }, email: emailOf(name), role };
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: 'Member' satisfies Kind,
    metadata: { namespace, name, labels },
    spec,
  };
}

async function fluxApplies(team: ReadyTeam, name: string): Promise<void> {
  await team.cluster.admin.apply(resourceType('Member'), member(team, name, 'Member') as never, FLUX);
}

/** The Kustomization as it is while it applies a commit: the last one that was applied is another. */
async function attempted({ cluster: { admin, namespace } }: ReadyTeam, commit: string): Promise<void> {
  const metadata = { namespace, name: 'apps' };
  const spec = { sourceRef: { kind: 'GitRepository', name: 'fleet' } };
  await admin.apply(KUSTOMIZATIONS, { metadata, spec } as never, FLUX);
  const status = {
    lastAppliedRevision: `main@sha1:${'0'.repeat(40)}`,
    lastAttemptedRevision: `main@sha1:${commit}`,
    inventory: { entries: [{ id: `${namespace}_acme_seneschal.dev_Organization`, v: 'v1alpha1' }] },
  };
  await admin.applyStatus(KUSTOMIZATIONS, metadata, status, FLUX);
}

async function provenance({ vault }: ReadyTeam, action: string): Promise<Provenance | undefined> {
  return (await vault.audit()).findLast((entry) => entry.action === action)?.provenance;
}

function fluxType(group: string, kind: string, resource: string): ResourceType {
  return { group, version: 'v1', kind, resource, namespaced: true };
}

/** Flux's kinds without its schemas: nothing is checked here but what is read. */
async function serveFlux(admin: KubeClient): Promise<void> {
  for (const { group, kind, resource } of [KUSTOMIZATIONS, GIT_REPOSITORIES]) {
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const version = {
      name: 'v1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: schema },
      subresources: { status: {} },
    };
    const names = { plural: resource, singular: kind.toLowerCase(), kind, listKind: `${kind}List` };
    await admin.apply(
      CUSTOM_RESOURCE_DEFINITIONS,
      {
        metadata: { name: `${resource}.${group}` },
        spec: { group, names, scope: 'Namespaced', versions: [version] },
      } as never,
      FLUX,
    );
  }
  for (const type of [KUSTOMIZATIONS, GIT_REPOSITORIES])
    await eventually(`${type.resource} to be served`, async () => {
      const answer = await admin.list(type, { namespace: 'default' }).catch(() => undefined);
      return answer === undefined ? undefined : true;
    });
}
