import { expect, it, onTestFinished } from 'vitest';
import { KINDS } from '#api/v1alpha1/kinds.ts';
import { crdNameOf } from '#controllers/resources.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, SECRETS } from '#kube/kube.ts';
import { startControlPlane } from '#test/control-plane/start.ts';
import { eventually } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareBinding, openTeam, PEOPLE, untilReady } from './world/team.ts';

it('removes nobody and hangs nothing when the CRDs are deleted with all that they declared (rail 9)', {
  timeout: 120_000,
}, async () => {
  // Of its own: other tests of the run need their CRDs. An existing cluster keeps its.
  const controlPlane = await startControlPlane((line) => console.log(line));
  onTestFinished(() => controlPlane.stop());
  if (controlPlane.apiserverPid === undefined) return;
  const team = await openTeam(PEOPLE, controlPlane.adminKubeconfig);
  const { cluster, vault } = team;
  const { admin, namespace } = cluster;
  const operator = await startOperator(cluster);
  await declare(team, PEOPLE);
  await declareBinding(cluster, 'checkout');
  await untilReady(cluster, operator);
  const before = await vault.observe();
  const keys = async () =>
    (await admin.list(SECRETS, { namespace })).items
      .filter(({ metadata }) => metadata.name.startsWith('checkout'))
      .map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
  const secrets = await keys();

  // Members first: what is left of the organization still stands and could act.
  for (const kind of [...KINDS].reverse())
    await admin.delete(CUSTOM_RESOURCE_DEFINITIONS, { name: crdNameOf(kind) });
  await eventually('the CRDs to be gone', async () => {
    const found = await Promise.all(
      KINDS.map((kind) => admin.find(CUSTOM_RESOURCE_DEFINITIONS, { name: crdNameOf(kind) })),
    );
    return found.every((crd) => crd === undefined) ? true : undefined;
  });
  // Longer than losses settle.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const { members, machines, templates, projects } = await vault.observe();
  expect({ members, machines, templates, projects }).toEqual({
    members: before.members,
    machines: before.machines,
    templates: before.templates,
    projects: before.projects,
  });
  expect(await keys()).toEqual(secrets);
});
