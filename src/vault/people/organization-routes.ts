import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../domain/context.ts';
import { bearer, displayedName, json, type PeopleApp, refusals, signedIn } from './http.ts';
import { createOrganization } from './organizations.ts';

const create = createRoute({
  method: 'post',
  path: '/api/v1/organizations',
  summary: 'Make an organization, as its owner, with a project Main (O1, P1)',
  security: bearer,
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ displayName: displayedName, plan: z.string().max(64) })),
    },
  },
  responses: {
    201: { description: 'Made.', content: json(z.object({ vaultId: z.string() })) },
    ...refusals,
  },
});

export function organizationRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(create, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json(await createOrganization(context, account, c.req.valid('json')), 201);
  });
}
