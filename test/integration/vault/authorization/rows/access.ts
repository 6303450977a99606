/** Who may do what, and how full the plan is. */
import { OWNER } from '#test/builders/vault.ts';
import { INSIDE } from '../oracle.ts';
import type { Row } from '../row.ts';

/** What is told of others is about members; of oneself, everybody is told. */
const SEES_MEMBERS = { cells: ['Organization: View members'] } as const;

export const rows: readonly Row[] = [
  {
    route: 'GET /api/v1/vaults/{vaultId}/access',
    variant: 'my own',
    people: 'member',
    asks: (world) => ({ target: world.at('/access') }),
  },
  ...[
    ['of one', `member=${OWNER}`],
    ['who has a cell', 'cell=Trash:%20Purge'],
    ['who has anything in a project', `project=${INSIDE}`],
    ['who can', `cell=Secrets:%20View&project=${INSIDE}`],
  ].map(
    ([variant = '', query]): Row => ({
      route: 'GET /api/v1/vaults/{vaultId}/access',
      variant,
      people: SEES_MEMBERS,
      asks: (world) => ({ target: world.at(`/access?${query}`) }),
    }),
  ),
  ...['usage', 'storage'].map(
    (what): Row => ({
      route: `GET /api/v1/vaults/{vaultId}/${what}`,
      // P3 does not say to whom; plan and bill are settings, and those are the owner's (O4).
      people: { role: 'Owner' },
      asks: (world) => ({ target: world.at(`/${what}`) }),
    }),
  ),
];
