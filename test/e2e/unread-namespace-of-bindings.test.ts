import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { startRelay } from '#test/attack/relay.ts';
import { eventually, letSecretsBeHandled } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { untilSays } from './world/team.ts';
import { teamWithBindingElsewhere } from './world/tenant.ts';

it('where Secrets of a binding in another namespace may not be read, no other address is asked; who lets them be read, or deletes them, is followed at once (V4)', async () => {
  const { cluster, organization, vault, elsewhere, watchNamespaces } = await teamWithBindingElsewhere();
  const { admin, system } = cluster;
  const relay = await startRelay(Number(new URL(vault.url).port));
  const roleBindings = `/apis/rbac.authorization.k8s.io/v1/namespaces/${elsewhere}/rolebindings`;
  await admin.request({ method: 'DELETE', path: `${roleBindings}/seneschal-secrets` });
  await cluster.secret('vault-credentials', { ...vault.credentials, url: relay.url });
  const { url: _, ...seneschal } = organization.vault.seneschal;
  await cluster.apply('Organization', 'acme', { ...organization, vault: { seneschal } });

  const operator = await startOperator(cluster, { watchNamespaces });
  const said = await untilSays(cluster, 'Organization/acme', 'Stalled=True/NamespaceNotEnabled', operator);
  expect(said).toContain(`--namespace ${elsewhere} `);
  expect(said).toContain(`--allow-move ${cluster.namespace}/acme=${relay.url}/${vault.vaultId} `);

  await letSecretsBeHandled(admin, elsewhere, system);
  const moved = await untilSays(cluster, 'Organization/acme', 'Stalled=True/VaultMoved', operator);
  expect(moved).toContain(`(${elsewhere}/api-key)`);
  expect(relay.seen).toEqual([]);

  await admin.delete(SECRETS, { namespace: elsewhere, name: 'api-key' });
  await eventually('the Organization to go on', () => relay.seen[0], { explain: async () => operator.log });
});
