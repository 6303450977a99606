import { expect, it } from 'vitest';
import { startOperator } from './world/operator.ts';
import { openTeam, untilReady, untilSays } from './world/team.ts';

it('takes https alone, and the http://localhost of a vault dev only where whoever runs the operator allows it', async () => {
  const team = await openTeam();
  const { cluster, organization } = team;
  const strict = await startOperator(cluster, { allowInsecureLoopback: false });
  await cluster.apply('Organization', 'acme', organization);
  const message = await untilSays(cluster, 'Organization/acme', 'Stalled=True/InsecureUrl', strict);
  expect(message).toContain('--allow-insecure-loopback');
  expect(strict.vault, 'nothing was sent').toEqual([]);
  await strict.stop();

  await untilReady(cluster, await startOperator(cluster));
});
