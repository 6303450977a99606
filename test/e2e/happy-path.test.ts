import { expect, it } from 'vitest';
import { SECRETS } from '#kube/kube.ts';
import { emailOf, readyTeam, untilReady, untilSays } from './world/team.ts';

it('brings a small organization from objects to Ready statuses, and a machine’s key and value to Secrets', async () => {
  const { cluster, vault, operator } = await readyTeam(['alice', 'bob'], 'checkout');
  const state = await vault.observe();
  expect(state.members.map(({ email, state: is }) => `${email} ${is}`)).toEqual([
    'alice@acme.example Invited',
    'bob@acme.example Invited',
    'owner@acme.example Active',
  ]);
  expect(state.templates.map(({ name }) => name)).toEqual(['developers']);
  expect(state.machines).toMatchObject([
    { name: 'checkout', enabled: true, access: [{ project: 'payments', secrets: ['db-password'] }] },
  ]);
  const ref = { namespace: cluster.namespace, name: 'checkout-env' };
  expect(Object.keys((await cluster.admin.get(SECRETS, ref)).data ?? {})).toEqual(['db-password']);

  await vault.answerInvite(emailOf('alice'), 'accept');
  await untilSays(cluster, 'Member/alice', 'Joined=True/Joined', operator);
  await untilReady(cluster, operator);
});
