import { expect, it } from 'vitest';
import { eventually } from './world/cluster.ts';
import { declareMember, emailOf, readyTeam, untilReady, untilSays } from './world/team.ts';

it('gives nothing back that people cut in the vault until reinstate names the entry (rail 7)', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice', 'bob', 'carol']);
  await vault.answerInvite(emailOf('alice'), 'accept');
  await vault.answerInvite(emailOf('bob'), 'accept');
  await untilSays(cluster, 'Member/bob', 'Joined=True/Joined', operator);

  await vault.asOwner('POST', `/members/${emailOf('alice')}/suspend`);
  await vault.asOwner('DELETE', `/members/${emailOf('bob')}`);
  await vault.answerInvite(emailOf('carol'), 'decline');
  for (const name of ['alice', 'bob', 'carol'])
    await untilSays(cluster, `Member/${name}`, 'CutByPerson=True/ReinstateNeeded', operator);
  // An incident stops no deployment: what waits for these objects goes on.
  await untilReady(cluster, operator);
  const drifted = await untilSays(cluster, 'Organization/acme', 'Drifted=True/CutByPerson', operator);
  for (const name of ['alice', 'bob', 'carol']) expect(drifted).toContain(emailOf(name));
  // Another change wakes the pass once more; what was cut stays so.
  await cluster.apply('Project', 'other', { organizationRef: { name: 'acme' } });
  await untilSays(cluster, 'Project/other', 'Ready=True/Succeeded', operator);
  expect(await vault.members()).toEqual(['alice@acme.example Suspended', 'owner@acme.example Active']);

  for (const name of ['alice', 'bob', 'carol']) {
    const { tombstones } = await vault.observe();
    const entry = tombstones.find(({ key }) => key === emailOf(name))?.entry;
    if (entry === undefined) throw new Error(`no tombstone of ${name}`);
    await declareMember(cluster, name, { reinstate: entry });
  }
  await eventually(
    'everybody to be back',
    async () => ((await vault.members()).length === 4 ? true : undefined),
    { explain: async () => [await vault.members(), operator.log, operator.vault] },
  );
  await untilReady(cluster, operator);
  expect(await vault.members()).toEqual([
    'alice@acme.example Active',
    'bob@acme.example Invited',
    'carol@acme.example Invited',
    'owner@acme.example Active',
  ]);
});
