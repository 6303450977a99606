import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { addressRange } from '../people-api/address-range.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { ipAllowlist, setIpAllowlist } from './ip-allowlist.ts';

const path = '/api/v1/vaults/{vaultId}/ip-allowlist';

const show = createRoute({
  method: 'get',
  path,
  summary: 'The addresses that machines may ask and enrol from; off, from everywhere',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: {
    200: {
      description: 'As it is now.',
      content: json(
        z.object({
          enabled: z.boolean(),
          entries: z.array(z.object({ range: z.string(), description: z.string() })),
        }),
      ),
    },
    ...refusals,
  },
});

const set = createRoute({
  method: 'put',
  path,
  summary:
    'Replace the list, on or off; an empty one is switched on only by force, because it lets no machine through',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    body: {
      required: true,
      content: json(
        z.strictObject({
          enabled: z.boolean(),
          entries: z
            .array(z.strictObject({ range: addressRange, description: z.string().max(256).default('') }))
            .max(1000),
          force: z.boolean().default(false),
        }),
      ),
    },
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

export function ipAllowlistRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(show, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewIpAllowlist');
    return c.json(await ipAllowlist(context.reader, vaultId), 200);
  });
  app.openapi(set, async (c) => {
    const { vaultId } = c.req.valid('param');
    const { force, ...list } = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'manageIpAllowlist' }, (act) =>
      setIpAllowlist(act, list, force),
    );
    return c.body(null, 204);
  });
}
