import { expect, it } from 'vitest';
import { eventually } from './world/cluster.ts';
import { PEOPLE, readyTeam, untilReady } from './world/team.ts';

it('removes a member whose object is deleted, after the settle time and nobody else (rail 1)', async () => {
  const { cluster, vault, operator } = await readyTeam(PEOPLE);

  await cluster.remove('Member', 'dave');
  await eventually(
    'dave to be removed',
    async () => ((await vault.members()).some((row) => row.startsWith('dave')) ? undefined : true),
    {
      explain: async () => [
        operator.log,
        operator.vault,
        (await cluster.read('Organization', 'acme')).status,
      ],
    },
  );
  expect(await vault.members()).toEqual([
    'alice@acme.example Invited',
    'bob@acme.example Invited',
    'carol@acme.example Invited',
    'owner@acme.example Active',
  ]);
  await untilReady(cluster, operator);
});
