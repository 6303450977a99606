/** Machines that people make, and what falls away with a machine. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { originOf } from '../http/network.ts';
import { addressRange } from '../people-api/address-range.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import {
  badHost,
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { timeWindow } from '../secrets/time-window-schema.ts';
import { provisionMachine } from './machine-provision.ts';
import { revocationPreview } from './machine-revocation.ts';
import { authorizeAttaching, machineAccess, mountPath } from './machine-scope.ts';

const HOUR = 60 * 60;
const TWELVE_MONTHS = 366 * 24 * HOUR;

const guardrails = z.strictObject({
  /** Ranges of source addresses that it may ask from. */
  addresses: z.array(addressRange).min(1).max(100).optional(),
  /** When it may ask; `to` not later than `from`: on the next day. */
  window: timeWindow.optional(),
});

const provision = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/machines',
  summary:
    'Make a machine: temporary (1 hour to 12 months) by its life, standard without one; takes Secrets: Manage in its projects too (H1)',
  security: bearer,
  request: {
    params: z.object({ vaultId }),
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: displayedName,
          lifeSeconds: z.int().min(HOUR).max(TWELVE_MONTHS).optional(),
          guardrails: guardrails.optional(),
          access: machineAccess.default([]),
          /** Left out, the key is made here, and the bundle answered with it. */
          publicKey: z.string().max(64).optional(),
          mountPath,
        }),
      ),
    },
  },
  responses: {
    201: {
      description: 'The bundle, files of the identity by name, is answered once: the private key is in it.',
      content: json(
        z.object({
          machineId: z.string(),
          machineName: z.string(),
          vaultId: z.string(),
          expiresAt: z.int().nullable(),
          bundle: z.record(z.string(), z.string()).nullable(),
        }),
      ),
    },
    ...refusals,
  },
});

const preview = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/revocation',
  summary: 'What falls away when the machine is revoked',
  security: bearer,
  request: {
    params: z.object({
      vaultId,
      name: displayedName.openapi({ param: { name: 'name', in: 'path' } }),
    }),
  },
  responses: {
    200: {
      description: 'As it is now; nothing is done.',
      content: json(
        z.object({
          machineId: z.string(),
          projects: z.array(z.object({ project: z.string(), secrets: z.array(z.string()).readonly() })),
          keys: z.array(z.object({ fingerprint: z.string(), lastUsedAt: z.int().nullable() })),
          /** Who declares it in Git; it is not made again unless Git names the entry (rail 7). */
          manager: z.string().nullable(),
        }),
      ),
    },
    ...refusals,
  },
});

export function provisionRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(provision, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const body = c.req.valid('json');
    const apiUrl = originOf(c.env.incoming, context.network);
    if (apiUrl === null) throw badHost();
    const provisioned = await actAs(
      context,
      session,
      { vaultId, operation: 'manageMachine' },
      async (act) => {
        await authorizeAttaching(act, session, body.access);
        return provisionMachine(act, {
          name: body.name,
          life: body.lifeSeconds === undefined ? null : body.lifeSeconds * 1000,
          guardrails:
            body.guardrails === undefined
              ? null
              : { addresses: body.guardrails.addresses ?? null, window: body.guardrails.window ?? null },
          access: body.access,
          publicKey: body.publicKey ?? null,
          mountPath: body.mountPath,
          apiUrl,
          caCertificate: context.network.clientCa?.() ?? null,
        });
      },
    );
    c.header('cache-control', 'no-store');
    return c.json(provisioned, 201);
  });
  app.openapi(preview, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, name } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'manageMachine');
    return c.json(await revocationPreview(context.reader, vaultId, name), 200);
  });
}
