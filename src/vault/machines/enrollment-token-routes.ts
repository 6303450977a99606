/** Enrollment tokens as people make, see and revoke them. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { addressRange } from '../people-api/address-range.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import {
  createEnrollmentToken,
  listEnrollmentTokens,
  MOST_USES,
  revokeEnrollmentToken,
} from './enrollment-tokens.ts';
import { authorizeAttaching, machineAccess } from './machine-scope.ts';

const LONGEST_LIFE = 366 * 24 * 60 * 60;
const lifeSeconds = z.int().min(60).max(LONGEST_LIFE);
const hostnamePattern = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9._*?-]+$/);

const create = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/enrollment-tokens',
  summary:
    'Make a token by which machines enrol themselves, approved at once; takes Secrets: Manage in its projects too (H1)',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: displayedName,
          access: machineAccess.min(1),
          lifeSeconds,
          /** Of each machine, from its enrolment. */
          machineLifeSeconds: lifeSeconds,
          maxUses: z.int().min(1).max(MOST_USES),
          source: addressRange.optional(),
          hostnamePattern: hostnamePattern.optional(),
        }),
      ),
    },
  },
  responses: {
    201: {
      description: 'The token is answered once.',
      content: json(z.object({ id: z.string(), token: z.string(), expiresAt: z.int() })),
    },
    ...refusals,
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/enrollment-tokens',
  summary: 'Enrollment tokens, never the tokens themselves',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: {
    200: {
      description: 'Newest first.',
      content: json(
        z.object({
          tokens: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              state: z.enum(['Open', 'Revoked', 'UsedUp', 'Over']),
              createdBy: z.string(),
              createdAt: z.int(),
              expiresAt: z.int(),
              machineLifeSeconds: z.int(),
              maxUses: z.int(),
              uses: z.int(),
              source: z.string().nullable(),
              hostnamePattern: z.string().nullable(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/enrollment-tokens/{tokenId}',
  summary: 'Revoke an enrollment token; machines that enrolled by it stay',
  security: bearer,
  request: {
    params: z.object({
      vaultId,
      tokenId: z
        .string()
        .max(64)
        .openapi({ param: { name: 'tokenId', in: 'path' } }),
    }),
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

export function enrollmentTokenRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(create, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { lifeSeconds, machineLifeSeconds, source, hostnamePattern, ...fields } = c.req.valid('json');
    const created = await actAs(context, session, { vaultId, operation: 'manageMachine' }, async (act) => {
      await authorizeAttaching(act, session, fields.access);
      return createEnrollmentToken(act, {
        ...fields,
        life: lifeSeconds * 1000,
        machineLife: machineLifeSeconds * 1000,
        source: source ?? null,
        hostnamePattern: hostnamePattern ?? null,
      });
    });
    c.header('cache-control', 'no-store');
    return c.json(created, 201);
  });
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'listMachines');
    const tokens = await listEnrollmentTokens(context.reader, vaultId, context.clock.now());
    return c.json(
      {
        tokens: tokens.map(({ machineLife, ...token }) => ({
          ...token,
          machineLifeSeconds: machineLife / 1000,
        })),
      },
      200,
    );
  });
  app.openapi(revoke, async (c) => {
    const { vaultId, tokenId } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'cutMachine' }, (act) =>
      revokeEnrollmentToken(act, tokenId),
    );
    return c.body(null, 204);
  });
}
