import { INSIDE } from '../oracle.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';

/** O4: who is an admin. T4: templates and scopes of members. */
const OWNER_ALONE = { role: 'Owner' } as const;
/** O4: "groups and grants" are in the baseline of admins; Projects: Manage, which a template can give, is not that. */
const ADMINS = { role: 'Admin' } as const;

/** The address of somebody who is invited, and is granted Read in the project, if one is named. */
async function invited(world: World, project?: string): Promise<string> {
  const email = `${world.newName()}@acme.example`;
  await world.prepare('POST', '/invites', { emails: [email] });
  if (project !== undefined) {
    await world.prepare('PUT', `/members/${email}/grants/${project}`, { access: 'Read' });
  }
  return email;
}

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/members',
    people: { cells: ['Organization: View members'] },
    asks: (world) => ({ target: world.at('/members') }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/declined-invites',
    people: { cells: ['Organization: View members'] },
    asks: (world) => ({ target: world.at('/declined-invites') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/invites',
    people: { cells: ['Organization: Invite'] },
    asks: (world) => ({
      target: world.at('/invites'),
      body: { emails: [`${world.newName()}@acme.example`] },
    }),
  },
  // Who invites gives with it only what they may give to a member.
  ...(
    [
      ['with a role', { role: 'Admin' }],
      ['with a template', { template: 'all' }],
      ['with a scope', { projectScope: [] }],
      ['with a grant', { grants: [{ project: INSIDE, access: 'Read' }] }],
    ] as const
  ).map(
    ([variant, preset]): Row => ({
      route: 'POST /api/v1/vaults/{vaultId}/invites',
      variant,
      people: OWNER_ALONE,
      asks: (world) => ({
        target: world.at('/invites'),
        body: { emails: [`${world.newName()}@acme.example`], ...preset },
      }),
    }),
  ),
  {
    route: 'GET /api/v1/vaults/{vaultId}/invites',
    people: 'member',
    asks: async (world) => {
      await invited(world);
      return { target: world.at('/invites') };
    },
    // I2: the inviter sees their own; who sees members, all.
    shows: {
      cell: 'Organization: View members',
      visible: ({ body }) =>
        (body as { invites: { invitedBy: string | null }[] }).invites.some(
          ({ invitedBy }) => invitedBy === 'owner',
        ),
    },
  },
  ...(['POST', 'DELETE'] as const).map(
    (method): Row => ({
      route: `${method} /api/v1/vaults/{vaultId}/invites/{email}${method === 'POST' ? '/resend' : ''}`,
      people: { cells: ['Organization: Invite'] },
      asks: async (world) => ({
        target: world.at(`/invites/${await invited(world)}${method === 'POST' ? '/resend' : ''}`),
      }),
      // I1: nobody learns whom others invited; who sees members knows.
      reaches: (actor) => (actor === 'member with Organization: Invite' ? 'NotFound' : undefined),
    }),
  ),
  {
    route: 'POST /api/v1/vaults/{vaultId}/members/{email}/suspend',
    people: { cells: ['Organization: Suspend'] },
    asks: (world) => ({ target: world.at('/members/nobody@acme.example/suspend') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/members/{email}/unsuspend',
    people: { cells: ['Organization: Suspend'] },
    asks: (world) => ({ target: world.at('/members/nobody@acme.example/unsuspend') }),
    reaches: 'NotFound',
  },
  ...(
    [
      ['an earlier one', 1],
      ['none', null],
    ] as const
  ).map(
    ([variant, expiresAt]): Row => ({
      route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/end',
      variant,
      people: { cells: ['Organization: Suspend'] },
      asks: (world) => ({ target: world.at('/members/nobody@acme.example/end'), body: { expiresAt } }),
      reaches: 'NotFound',
    }),
  ),
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/members/{email}',
    people: { cells: ['Organization: Remove'] },
    asks: (world) => ({ target: world.at('/members/nobody@acme.example') }),
    reaches: 'NotFound',
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/leave',
    people: 'member',
    asks: (world) => ({ target: world.at('/leave') }),
    // O3: the owner stays.
    reaches: (actor) => (actor === 'owner' ? 'Floor' : undefined),
    usesUp: true,
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/role',
    people: OWNER_ALONE,
    asks: async (world) => ({
      target: world.at(`/members/${await invited(world)}/role`),
      body: { role: 'Admin' },
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/template',
    people: OWNER_ALONE,
    asks: async (world) => ({
      target: world.at(`/members/${await invited(world)}/template`),
      body: { template: 'all', projectScope: [] },
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/template',
    variant: 'taken away',
    people: OWNER_ALONE,
    asks: async (world) => {
      const email = await invited(world);
      await world.prepare('PUT', `/members/${email}/template`, { template: 'all' });
      return { target: world.at(`/members/${email}/template`), body: { template: null } };
    },
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/scope',
    people: OWNER_ALONE,
    asks: async (world) => ({
      target: world.at(`/members/${await invited(world)}/scope`),
      body: { projectScope: [] },
    }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/members/{email}/grants/{project}',
    people: ADMINS,
    asks: async (world, project) => ({
      target: world.at(`/members/${await invited(world)}/grants/${project}`),
      body: { access: 'Write' },
    }),
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/members/{email}/grants/{project}',
    people: ADMINS,
    asks: async (world, project) => ({
      target: world.at(`/members/${await invited(world, project)}/grants/${project}`),
    }),
  },
];
