/** What the owner does about automation identities (V4). */
import { createRoute, z } from '@hono/zod-openapi';
import { LOSS_CLASSES } from '#model/loss.ts';
import { ABILITIES } from '#protocol/management.ts';
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
import { requireRecentProof } from '../people-api/reauthentication.ts';
import { changeLimits } from './automation-bound-changes.ts';
import { listAutomations } from './automation-list.ts';
import { addAutomationKey, createAutomation, revokeAutomation, revokeAutomationKey } from './automations.ts';

const inVault = z.object({ vaultId });
const ofAutomation = z.object({
  vaultId,
  automationId: z
    .string()
    .regex(/^auto_[A-Za-z0-9]{16}$/)
    .openapi({ param: { name: 'automationId', in: 'path' }, example: 'auto_0123456789abcdef' }),
});
const done = { 204: { description: 'Done.' }, ...refusals };
const publicKey = z.string().max(64).optional();
const count = z.int().min(0).max(1_000_000);

const delegate = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/automations',
  summary: 'Make an automation identity (V4); takes a proof of the owner within the last five minutes',
  security: bearer,
  request: {
    params: inVault,
    body: {
      required: true,
      content: json(
        z.strictObject({
          name: displayedName,
          /** None: it only observes. */
          abilities: z
            .array(z.enum(ABILITIES))
            .max(ABILITIES.length)
            .refine((named) => new Set(named).size === named.length, 'names one twice'),
          /** Units that it may lose in seven days; left out, the server's defaults. */
          ceilings: z.partialRecord(z.enum(LOSS_CLASSES), count).optional(),
          /** What it does outside of these projects is refused; left out, every project. */
          projects: z.array(displayedName).max(1000).optional(),
          /** New machines in an hour at most. */
          machinesPerHour: count.optional(),
          /** V9: what it sends from elsewhere is refused; left out, from anywhere. */
          addresses: z.array(addressRange).min(1).max(100).optional(),
          publicKey,
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

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/automations',
  summary: 'Automation identities with what they are held to, those that are over among them (V4)',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'In the order in which they were made.',
      content: json(
        z.object({
          automations: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              state: z.enum(['Active', 'Expired', 'Revoked']),
              abilities: z.array(z.enum(ABILITIES)).readonly(),
              ceilings: z.record(z.enum(LOSS_CLASSES), z.int()),
              projects: z.array(z.string()).readonly().nullable(),
              machinesPerHour: z.int().nullable(),
              addresses: z.array(z.string()).readonly().nullable(),
              createdBy: z.string().nullable(),
              createdAt: z.int(),
              expiresAt: z.int().nullable(),
              revokedAt: z.int().nullable(),
              keys: z
                .array(
                  z.object({
                    fingerprint: z.string(),
                    createdAt: z.int(),
                    lastUsedAt: z.int().nullable(),
                  }),
                )
                .readonly(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const change = createRoute({
  method: 'patch',
  path: '/api/v1/vaults/{vaultId}/automations/{automationId}',
  summary:
    'Hold an automation identity to other bounds, from its next request on (V4); takes a proof of the owner within the last five minutes',
  description: 'What is left out stays as it is; null is no bound. The audit log says what was widened.',
  security: bearer,
  request: {
    params: ofAutomation,
    body: {
      required: true,
      content: json(
        z.strictObject({
          ceilings: z.partialRecord(z.enum(LOSS_CLASSES), count).optional(),
          projects: z.array(displayedName).max(1000).nullable().optional(),
          machinesPerHour: count.nullable().optional(),
          addresses: z.array(addressRange).min(1).max(100).nullable().optional(),
          expiresAt: z.int().min(0).nullable().optional(),
        }),
      ),
    },
  },
  responses: done,
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/automations/{automationId}',
  summary: 'Revoke an automation identity: its next request is refused, a long poll that is open ends (V4)',
  security: bearer,
  request: { params: ofAutomation },
  responses: done,
});

const addKey = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/automations/{automationId}/keys',
  summary:
    'Give an automation identity its second key; takes a proof of the owner within the last five minutes',
  security: bearer,
  request: {
    params: ofAutomation,
    body: { required: true, content: json(z.strictObject({ publicKey })) },
  },
  responses: {
    201: {
      description: 'The private key is answered once, and only where no public key was sent.',
      content: json(z.object({ fingerprint: z.string(), privateKey: z.string().nullable() })),
    },
    ...refusals,
  },
});

const revokeKey = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/automations/{automationId}/keys/{fingerprint}',
  summary: 'Revoke one of the two keys of an automation identity',
  security: bearer,
  request: {
    params: ofAutomation.extend({
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .openapi({ param: { name: 'fingerprint', in: 'path' } }),
    }),
  },
  responses: done,
});

export function automationRoutes(app: PeopleApp, context: VaultContext): void {
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
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'listAutomations');
    const automations = await listAutomations(context.reader, vaultId, context.clock.now());
    return c.json({ automations }, 200);
  });
  app.openapi(change, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, automationId } = c.req.valid('param');
    const asked = { vaultId, operation: 'changeAutomation' } as const;
    await authorized(context.reader, session, vaultId, asked.operation);
    requireRecentProof(session, context.clock.now());
    await actAs(context, session, asked, (act) => changeLimits(act, automationId, c.req.valid('json')));
    return c.body(null, 204);
  });
  // To cut takes no proof: who does it in haste is in the right.
  app.openapi(revoke, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, automationId } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation: 'revokeAutomation' }, (act) =>
      revokeAutomation(act, automationId),
    );
    return c.body(null, 204);
  });
  app.openapi(addKey, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, automationId } = c.req.valid('param');
    const asked = { vaultId, operation: 'addAutomationKey' } as const;
    await authorized(context.reader, session, vaultId, asked.operation);
    requireRecentProof(session, context.clock.now());
    const { publicKey } = c.req.valid('json');
    const added = await actAs(context, session, asked, (act) =>
      addAutomationKey(act, automationId, publicKey),
    );
    c.header('cache-control', 'no-store');
    return c.json(added, 201);
  });
  app.openapi(revokeKey, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, automationId, fingerprint } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation: 'revokeAutomation' }, (act) =>
      revokeAutomationKey(act, automationId, fingerprint),
    );
    return c.body(null, 204);
  });
}
