import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { storageOf } from './storage.ts';

const shown = z.object({
  plan: z.string(),
  used: z.int(),
  cap: z.int().nullable(),
  inTrash: z.int(),
  versions: z.int(),
  billingUrl: z.string(),
});

export function storageRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/storage',
    summary: 'Bytes that versions of secrets take, and the cap of the plan (P3)',
    operation: 'viewStorage',
    answer: { description: 'As it is now; the trash counts until it is purged.', schema: shown },
    run: ({ vaultId }) => storageOf(context, vaultId),
  });
}
