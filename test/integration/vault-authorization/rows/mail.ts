import type { Row } from '../row.ts';

const at = (
  method: string,
  path: string,
  cells: NonNullable<Row['people']>,
  more: Partial<Row> = {},
): Row => ({
  route: `${method} /api/v1/vaults/{vaultId}${path}`,
  people: cells,
  asks: (world) => ({ target: world.at(path) }),
  ...more,
});

const VIEW_ALERTS = { cells: ['Alerts: View'] } as const;
const MANAGE_ALERTS = { cells: ['Alerts: Manage'] } as const;
const VIEW_INTEGRATIONS = { cells: ['Integrations: View'] } as const;
const MANAGE_INTEGRATIONS = { cells: ['Integrations: Manage'] } as const;
const WEBHOOK = { url: 'https://hooks.acme.example/x' };

export const rows: readonly Row[] = [
  at('GET', '/alerts', VIEW_ALERTS),
  at('PUT', '/alerts/{name}', MANAGE_ALERTS, {
    asks: (world) => ({
      target: world.at('/alerts/of-the-table'),
      body: { actions: ['member.suspended'], emails: [world.vault.owner.email] },
    }),
  }),
  at('DELETE', '/alerts/{name}', MANAGE_ALERTS, {
    asks: (world) => ({ target: world.at('/alerts/none') }),
    reaches: 'NotFound',
  }),
  at('GET', '/integrations', VIEW_INTEGRATIONS),
  at('POST', '/integrations', MANAGE_INTEGRATIONS, {
    asks: (world) => ({ target: world.at('/integrations'), body: { name: world.newName(), ...WEBHOOK } }),
  }),
  at('PUT', '/integrations/{name}', MANAGE_INTEGRATIONS, {
    asks: (world) => ({ target: world.at('/integrations/none'), body: { ...WEBHOOK, enabled: false } }),
    reaches: 'NotFound',
  }),
  at('DELETE', '/integrations/{name}', MANAGE_INTEGRATIONS, {
    asks: (world) => ({ target: world.at('/integrations/none') }),
    reaches: 'NotFound',
  }),
  at('POST', '/integrations/{name}/secret', MANAGE_INTEGRATIONS, {
    asks: (world) => ({ target: world.at('/integrations/none/secret') }),
    reaches: 'NotFound',
  }),
  at('POST', '/integrations/{name}/test', MANAGE_INTEGRATIONS, {
    asks: (world) => ({ target: world.at('/integrations/none/test') }),
    reaches: 'NotFound',
  }),
  at('GET', '/support', { cells: ['Support: View'] }),
  at(
    'PUT',
    '/support',
    { cells: ['Support: Manage'] },
    {
      asks: (world) => ({
        target: world.at('/support'),
        body: { contact: 'help@acme.example', runbookUrl: 'https://acme.example/runbook' },
      }),
    },
  ),
  at('GET', '/mails', { role: 'Owner' }),
  {
    // Only where mails are kept in place of being sent, for development.
    route: 'GET /api/v1/mails',
    people: 'account',
    asks: () => ({ target: '/api/v1/mails' }),
  },
  at('GET', '/invites', 'member', {
    asks: async (world) => {
      const emails = [`${world.newName()}@acme.example`];
      await world.actor('owner').ask('POST', world.at('/invites'), { emails });
      return { target: world.at('/invites') };
    },
    // I2: the inviter sees what they sent; who has the cell, all.
    shows: {
      cell: 'Organization: View members',
      visible: ({ body }) => (body as { invites: unknown[] }).invites.length > 1,
    },
  }),
  at(
    'DELETE',
    '/invites/{email}',
    { cells: ['Organization: Invite'] },
    {
      asks: (world) => ({ target: world.at('/invites/nobody@acme.example') }),
      reaches: 'NotFound',
    },
  ),
  at(
    'POST',
    '/invites/{email}/resend',
    { cells: ['Organization: Invite'] },
    {
      asks: (world) => ({ target: world.at('/invites/nobody@acme.example/resend') }),
      reaches: 'NotFound',
    },
  ),
];
