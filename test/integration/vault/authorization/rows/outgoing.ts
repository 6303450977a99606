/** What the vault tells whom: alerts, webhooks, mails, support. */
import { BUILT_IN_RULES } from '#vault/alerts/matching.ts';
import type { Asked, Row } from '../row.ts';
import type { World } from '../world.ts';

const OWNER_ALONE = { role: 'Owner' } as const;
const MANAGES_ALERTS = { cells: ['Alerts: Manage'] } as const;
const MANAGES_INTEGRATIONS = { cells: ['Integrations: Manage'] } as const;

/** V4: what tells the owner of their automation is theirs alone. */
const RULES: readonly (readonly [string, string, typeof OWNER_ALONE | typeof MANAGES_ALERTS])[] = [
  ['of the vault', 'removals', MANAGES_ALERTS],
  ...BUILT_IN_RULES.map(({ name }) => [`${name}, there from the beginning`, name, OWNER_ALONE] as const),
];

const RULE = { actions: ['member.removed'], roles: ['Owner'] };
/** Private: refused before anything is sent. */
const HOOK = { url: 'https://127.0.0.1/hook' };

async function integration(world: World, below = ''): Promise<Asked> {
  const name = world.newName();
  await world.prepare('POST', '/integrations', { name, ...HOOK });
  return { target: world.at(`/integrations/${name}${below}`) };
}
const noIntegrations = ({ vault }: World) => vault.database.edit('delete from integrations');

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/alerts',
    people: { cells: ['Alerts: View'] },
    asks: (world) => ({ target: world.at('/alerts') }),
  },
  ...RULES.flatMap(([variant, name, people]): readonly Row[] => [
    {
      route: 'PUT /api/v1/vaults/{vaultId}/alerts/{name}',
      variant,
      people,
      asks: (world) => ({ target: world.at(`/alerts/${encodeURIComponent(name)}`), body: RULE }),
    },
    {
      route: 'DELETE /api/v1/vaults/{vaultId}/alerts/{name}',
      variant,
      people,
      asks: async (world) => {
        const path = `/alerts/${encodeURIComponent(name)}`;
        await world.prepare('PUT', path, RULE);
        return { target: world.at(path) };
      },
    },
  ]),
  {
    route: 'GET /api/v1/vaults/{vaultId}/integrations',
    people: { cells: ['Integrations: View'] },
    asks: (world) => ({ target: world.at('/integrations') }),
  },
  {
    route: 'POST /api/v1/vaults/{vaultId}/integrations',
    people: MANAGES_INTEGRATIONS,
    asks: (world) => ({ target: world.at('/integrations'), body: { name: world.newName(), ...HOOK } }),
    restore: noIntegrations,
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/integrations/{name}',
    people: MANAGES_INTEGRATIONS,
    asks: async (world) => ({ ...(await integration(world)), body: { ...HOOK, enabled: false } }),
    restore: noIntegrations,
  },
  {
    route: 'DELETE /api/v1/vaults/{vaultId}/integrations/{name}',
    people: MANAGES_INTEGRATIONS,
    asks: (world) => integration(world),
    restore: noIntegrations,
  },
  ...['secret', 'test'].map(
    (what): Row => ({
      route: `POST /api/v1/vaults/{vaultId}/integrations/{name}/${what}`,
      people: MANAGES_INTEGRATIONS,
      asks: (world) => integration(world, `/${what}`),
      restore: noIntegrations,
    }),
  ),
  {
    route: 'GET /api/v1/vaults/{vaultId}/mails',
    // Addresses of invitees are among them, and letters to the owner.
    people: OWNER_ALONE,
    asks: (world) => ({ target: world.at('/mails') }),
  },
  {
    route: 'GET /api/v1/mails',
    // Development alone: the server keeps mails in place of sending them.
    people: 'account',
    asks: () => ({ target: '/api/v1/mails?limit=1' }),
  },
  {
    route: 'GET /api/v1/vaults/{vaultId}/support',
    people: { cells: ['Support: View'] },
    asks: (world) => ({ target: world.at('/support') }),
  },
  {
    route: 'PUT /api/v1/vaults/{vaultId}/support',
    people: { cells: ['Support: Manage'] },
    asks: (world) => ({
      target: world.at('/support'),
      body: { contact: 'the platform team', runbookUrl: 'https://acme.example/runbook' },
    }),
  },
];
