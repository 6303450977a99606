import { eventually } from '#test/e2e/world/cluster.ts';
import { declareBinding, readyTeam, untilReady } from '#test/e2e/world/team.ts';
import { attack } from '../attack.ts';
import { done, refused } from '../outcome.ts';
import { startRelay } from '../relay.ts';

attack({
  name: 'patches the url of an Organization to a relay',
  actor: 'Tenant who may patch Organizations',
  rule: 'V4',
  refused: ['CredentialsForAnotherVault'],
  permittedBy: 'the address that the credentials have',
  async world() {
    const team = await readyTeam([], 'api');
    return { ...team, relay: await startRelay(Number(new URL(team.vault.url).port)) };
  },
  attack: ({ relay }) => relay.url,
  control: ({ vault }) => vault.url,
  async calls({ cluster, organization, operator, vault, relay }, url) {
    const call = 'patch Organization';
    const { seneschal } = organization.vault;
    const patched = { ...organization, vault: { seneschal: { ...seneschal, url } }, displayName: 'Patched' };
    const { metadata } = await cluster.apply('Organization', 'acme', patched);
    // What would send a value there, and rewrite a key Secret.
    await vault.setSecret('payments', 'db-password', 'planted');
    await declareBinding(cluster, 'late');
    const said = await eventually(
      'the Organization to say what it makes of that',
      async () => {
        const { status } = await cluster.read('Organization', 'acme');
        if (status?.observedGeneration !== metadata.generation) return undefined;
        return status?.conditions?.find(
          ({ type, status }) => (type === 'Ready' || type === 'Stalled') && status === 'True',
        );
      },
      { explain: async () => [(await cluster.read('Organization', 'acme')).status, operator.log] },
    );
    if (said.type === 'Ready') await untilReady(cluster, operator);
    if (relay.seen.length > 0) return [done(call, `the relay saw ${relay.seen[0]}`)];
    return [said.type === 'Ready' ? done(call, said.reason) : refused(call, said.reason)];
  },
});
