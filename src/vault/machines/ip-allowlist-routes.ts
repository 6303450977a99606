import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { addressRange } from '../people-api/address-range.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { ipAllowlist, setIpAllowlist } from './ip-allowlist.ts';

const shown = z.object({
  enabled: z.boolean(),
  entries: z.array(z.object({ range: z.string(), description: z.string() })),
});

const replacement = z.strictObject({
  enabled: z.boolean(),
  entries: z
    .array(z.strictObject({ range: addressRange, description: z.string().max(256).default('') }))
    .max(1000),
  force: z.boolean().default(false),
});

export function ipAllowlistRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/ip-allowlist',
    summary: 'The addresses that machines may ask and enrol from; off, from everywhere',
    operation: 'viewIpAllowlist',
    answer: { description: 'As it is now.', schema: shown },
    run: ({ vaultId }) => ipAllowlist(context.reader, vaultId),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/ip-allowlist',
    summary:
      'Replace the list, on or off; an empty one is switched on only by force, because it lets no machine through',
    operation: 'manageIpAllowlist',
    body: replacement,
    act: (act, { body: { force, ...list } }) => setIpAllowlist(act, list, force),
  });
}
