import { it } from 'vitest';
import { faultyProxy } from '#test/fakes/kube-proxy.ts';
import { eventually } from './world/cluster.ts';
import { startOperator } from './world/operator.ts';
import { declare, declareMember, emailOf, openTeam, untilReady, untilSays } from './world/team.ts';

it('goes on at once with a suspension when the vault comes back, though calls of before it hang for a minute', async () => {
  const team = await openTeam();
  const { cluster, vault } = team;
  const port = Number(new URL(vault.url).port);
  // Nothing is refused while it is frozen: what is sent is swallowed, as on a network that is cut.
  const proxy = await faultyProxy({ host: 'localhost', port });
  const operator = await startOperator(cluster, { connectTo: { host: 'localhost', port: proxy.port } });
  await declare(team, ['alice']);
  await untilReady(cluster, operator);
  await vault.answerInvite(emailOf('alice'), 'accept');
  await untilSays(cluster, 'Member/alice', 'Joined=True/Joined', operator);

  proxy.freeze();
  await untilSays(cluster, 'Organization/acme', 'Connected=Unknown/Unreachable', operator, 90);
  // Its pass begins to ask now, and has a minute to wait for the answer.
  await declareMember(cluster, 'alice', { state: 'Suspended' });
  const asked = proxy.accepted;
  await eventually('a call to hang', () => proxy.accepted > asked || undefined, { seconds: 40 });
  proxy.thaw();
  await eventually(
    'the suspension',
    async () => (await vault.members()).includes(`${emailOf('alice')} Suspended`) || undefined,
    { seconds: 20 },
  );
  await operator.stop();
  await proxy.close();
}, 180_000);
