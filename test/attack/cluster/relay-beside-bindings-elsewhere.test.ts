import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { startOperator } from '#test/e2e/world/operator.ts';
import { teamWithBindingElsewhere } from '#test/e2e/world/tenant.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';
import { startRelay } from '../relay.ts';

attack({
  name: 'writes credentials that lead to a relay for an Organization whose Secrets are all in other namespaces, and takes those off `access`',
  actor: 'Tenant who may patch Organizations',
  rule: 'V4',
  refused: ['VaultMoved'],
  permittedBy: 'the leave of whoever runs the operator, --allow-move',
  async world() {
    const team = await teamWithBindingElsewhere();
    return { ...team, relay: await startRelay(Number(new URL(team.vault.url).port)) };
  },
  attack: (): readonly AllowedMove[] => [],
  control: ({ cluster, relay, vault }) => [
    { organization: `${cluster.namespace}/acme`, url: relay.url, vaultId: vault.vaultId },
  ],
  async calls(
    { cluster, organization, relay, vault, watchNamespaces },
    allowedMoves: readonly AllowedMove[],
  ) {
    const call = 'have the relay asked';
    await cluster.secret('vault-credentials', { ...vault.credentials, url: relay.url });
    const { url: _, ...seneschal } = organization.vault.seneschal;
    await cluster.apply('Organization', 'acme', { ...organization, vault: { seneschal } });
    const led = await startOperator(cluster, { watchNamespaces, allowedMoves });
    const said = await eventually(
      'the relay to be asked, or the Organization to say why it is not',
      async () => {
        const { status } = await cluster.read('Organization', 'acme');
        const connected = status?.conditions?.find(({ type }) => type === 'Connected');
        return relay.seen[0] ?? (connected?.status === 'False' ? connected.reason : undefined);
      },
      { explain: async () => [(await cluster.read('Organization', 'acme')).status, led.log] },
    );
    await led.stop();
    return [relay.seen.length > 0 ? done(call, `the relay saw ${relay.seen[0]}`) : refused(call, said)];
  },
});
