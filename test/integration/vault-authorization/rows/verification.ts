import type { Row } from '../row.ts';

/** The last file by its name: it moves the clock on, and the lease that other rows write under runs out. */
export const rows: readonly Row[] = [
  {
    route: 'POST /api/v1/accounts/verify',
    people: 'anybody',
    asks: (world) => {
      // Wrong tokens in a row would lock the address out (V7).
      world.clock.advance(61_000);
      const token = `ver_${'a'.repeat(43)}`;
      const body = { token, userName: world.newName(), password: 'another long and boring pass phrase' };
      return { target: '/api/v1/accounts/verify', body };
    },
    reaches: 'NotFound',
  },
];
