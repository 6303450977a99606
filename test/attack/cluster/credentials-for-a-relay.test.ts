import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import { SECRETS } from '#kube/kube.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { startOperator } from '#test/e2e/world/operator.ts';
import { readyTeam } from '#test/e2e/world/team.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';
import { startRelay } from '../relay.ts';

attack({
  name: 'writes credentials that lead to a relay, and has the Organization name it too',
  actor: 'Tenant who may patch Organizations',
  rule: 'V4',
  refused: ['VaultMoved'],
  permittedBy: 'the leave of whoever runs the operator, --allow-move',
  async world() {
    const team = await readyTeam([], 'api');
    return { ...team, relay: await startRelay(Number(new URL(team.vault.url).port)) };
  },
  attack: (): readonly AllowedMove[] => [],
  control: ({ cluster, relay, vault }) => [
    { organization: `${cluster.namespace}/acme`, url: relay.url, vaultId: vault.vaultId },
  ],
  async calls({ cluster, organization, operator, vault, relay }, allowedMoves: readonly AllowedMove[]) {
    const call = 'have the relay asked';
    const { admin, namespace } = cluster;
    // The operator may still have been at the true vault when the value changed: what counts is where Secrets lead.
    const isLedThere = async (name: string): Promise<boolean> => {
      const { metadata, data = {} } = await admin.get(SECRETS, { namespace, name });
      const texts = Object.values(data).map((text) => Buffer.from(text, 'base64').toString('utf8'));
      return [...texts, ...Object.values(metadata.annotations ?? {})].some((text) =>
        text.includes(relay.url),
      );
    };
    await operator.stop();
    const led = await startOperator(cluster, { allowedMoves });
    await eventually('it to go on', () => led.vault.find((route) => route.startsWith('GET /snapshot')));
    await cluster.secret('vault-credentials', { ...vault.credentials, url: relay.url });
    const { url: _, ...seneschal } = organization.vault.seneschal;
    await cluster.apply('Organization', 'acme', { ...organization, vault: { seneschal } });
    // What would be sent there with the next change.
    await vault.setSecret('payments', 'db-password', 'planted');
    const reason = await eventually(
      'the Organization to say what it makes of that',
      async () => {
        const { metadata, status } = await cluster.read('Organization', 'acme');
        const connected = status?.conditions?.find(({ type }) => type === 'Connected');
        // A pass between the two writes says that the credentials and the Organization differ: not of what is asked.
        if (connected?.observedGeneration !== metadata.generation) return undefined;
        return connected?.status === 'False' ? connected.reason : undefined;
      },
      { explain: async () => [(await cluster.read('Organization', 'acme')).status, led.log] },
    );
    await led.stop();
    const areLed = await Promise.all(['api-key', 'api-env'].map(isLedThere));
    if (areLed.includes(true)) return [done(call, 'Secrets were rewritten')];
    return [
      relay.seen.length > 0 ? done(call, `the relay saw ${relay.seen[0]}`) : refused(call, reason ?? ''),
    ];
  },
});
