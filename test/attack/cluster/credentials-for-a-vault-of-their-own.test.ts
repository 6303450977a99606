import type { AllowedMove } from '#controllers/organization/vault-moves.ts';
import { SECRETS } from '#kube/kube.ts';
import { eventually } from '#test/e2e/world/cluster.ts';
import { startOperator } from '#test/e2e/world/operator.ts';
import { readyTeam } from '#test/e2e/world/team.ts';
import { startVault } from '#test/e2e/world/vault.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';

attack({
  name: 'writes credentials of a vault of their own on the server that the true one was allowed to move to',
  actor: 'Tenant who may patch Organizations',
  rule: 'V4',
  refused: ['VaultMoved'],
  permittedBy: 'a leave that names no vault, and so means any there',
  async world() {
    const team = await readyTeam([], 'api');
    await team.operator.stop();
    return { ...team, theirs: await startVault([]) };
  },
  attack: ({ vault, theirs }) => ({ url: theirs.url, vaultId: vault.vaultId }),
  control: ({ theirs }) => ({ url: theirs.url, vaultId: null }),
  async calls({ cluster, organization, theirs }, leave: Omit<AllowedMove, 'organization'>) {
    const call = 'have Secrets lead there';
    const { admin, namespace } = cluster;
    await cluster.secret('vault-credentials', theirs.credentials);
    const { url: _, vaultId: __, ...seneschal } = organization.vault.seneschal;
    await cluster.apply('Organization', 'acme', { ...organization, vault: { seneschal } });
    const allowedMoves = [{ organization: `${namespace}/acme`, ...leave }];
    const operator = await startOperator(cluster, { allowedMoves });
    const vaultOf = async (name: string): Promise<string | undefined> =>
      (await admin.get(SECRETS, { namespace, name })).metadata.annotations?.['seneschal.dev/vault-id'];
    return eventually(
      'the Organization to go there, or to say why it does not',
      async () => {
        const led = await Promise.all(['api-key', 'api-env'].map(vaultOf));
        if (led.every((vaultId) => vaultId === theirs.vaultId)) return [done(call, 'Secrets were rewritten')];
        const { status } = await cluster.read('Organization', 'acme');
        const connected = status?.conditions?.find(({ type }) => type === 'Connected');
        const isAsked = operator.vault.length > 0;
        if (connected?.status !== 'False' || isAsked) return undefined;
        return [refused(call, connected.reason)];
      },
      {
        explain: async () => [
          (await cluster.read('Organization', 'acme')).status,
          operator.log,
          operator.vault,
        ],
      },
    );
  },
});
