import { createRoute, z } from '@hono/zod-openapi';
import { LOSS_CLASSES } from '../../model/loss.ts';
import { ABILITIES } from '../../protocol/management.ts';
import type { VaultContext } from '../domain/context.ts';
import { createAutomation } from './automations.ts';
import { actAs, authorized } from './caller.ts';
import { bearer, displayedName, json, type PeopleApp, refusals, signedIn, vaultId } from './http.ts';
import { requireRecentProof } from './reauthentication.ts';

const delegate = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/automations',
  summary: 'Make an automation identity (V4); takes a proof of the owner within the last five minutes',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: displayedName,
          abilities: z.array(z.enum(ABILITIES)).min(1),
          ceilings: z.partialRecord(z.enum(LOSS_CLASSES), z.int().min(0)).optional(),
          publicKey: z.string().max(64).optional(),
          expiresAt: z.int().min(0).optional(),
        }),
      ),
    },
  },
  responses: {
    201: {
      description: 'The private key is answered once, and only where no public key was sent.',
      content: json(z.object({ id: z.string(), privateKey: z.string().nullable() })),
    },
    ...refusals,
  },
});

export function organizationRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(delegate, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const fields = c.req.valid('json');
    await authorized(context.reader, session, vaultId, 'createAutomation');
    requireRecentProof(session, context.clock.now());
    const created = await actAs(context, session, { vaultId, operation: 'createAutomation' }, (act) =>
      createAutomation(act, fields),
    );
    c.header('cache-control', 'no-store');
    return c.json(created, 201);
  });
}
