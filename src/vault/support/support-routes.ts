import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { setSupport, supportOf } from './support.ts';

const path = '/api/v1/vaults/{vaultId}/support';
const params = z.object({ vaultId });

const show = createRoute({
  method: 'get',
  path,
  summary: 'Whom members turn to, and the runbook; empty where there is none; for who holds `Support: View`',
  security: bearer,
  request: { params },
  responses: {
    200: {
      description: 'As it is now.',
      content: json(z.object({ contact: z.string(), runbookUrl: z.string() })),
    },
    ...refusals,
  },
});

const set = createRoute({
  method: 'put',
  path,
  summary: 'Say whom members turn to, and where the runbook is',
  security: bearer,
  request: {
    params,
    body: {
      required: true,
      content: json(
        z.strictObject({
          contact: z
            .string()
            .max(256)
            .regex(/^[^\p{Cc}]*$/u),
          runbookUrl: z
            .string()
            .max(2048)
            .regex(/^(?:https:\/\/[^\s\p{Cc}]+)?$/u),
        }),
      ),
    },
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

export function supportRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(show, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewSupport');
    return c.json(await supportOf(context.reader, vaultId), 200);
  });
  app.openapi(set, async (c) => {
    const { vaultId } = c.req.valid('param');
    const support = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'manageSupport' }, (act) =>
      setSupport(act, support),
    );
    return c.body(null, 204);
  });
}
