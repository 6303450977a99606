/** People stop every manager, and let them write again (rail 12). */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { setFreeze } from './lease.ts';

export function freezeRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/freeze',
    summary: 'Stop every manager from writing (rail 12)',
    operation: 'freeze',
    body: z.strictObject({ reason: z.string().min(1).max(1024) }),
    answer: { description: 'Frozen.' },
    async run({ vaultId, acting, body: { reason } }) {
      await acting((act, { userName }) => setFreeze(act, { by: userName, reason }));
      // The flag lies outside the revision, which alone wakes the long polls.
      context.wake(vaultId);
    },
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/freeze',
    summary: 'Let managers write again (rail 12)',
    operation: 'thaw',
    answer: { description: 'Thawed.' },
    async run({ vaultId, acting }) {
      await acting((act) => setFreeze(act, null));
      context.wake(vaultId);
    },
  });
}
