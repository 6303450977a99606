/** What people hold automation by: approvals, the freeze flag, the audit log. */
import { createRoute, z } from '@hono/zod-openapi';
import { hasCell } from '#model/access.ts';
import type { VaultContext } from '../act/context.ts';
import { listEntries } from '../audit/audit-list.ts';
import { next, pageQuery } from '../http/page.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { giveApproval } from './approvals.ts';
import { setFreeze } from './lease.ts';

const inVault = z.object({ vaultId });
const reason = z.string().min(1).max(1024);

const approve = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/approvals',
  summary: 'Approve the plan of a digest, for 24 hours and once (design §5, §6)',
  security: bearer,
  request: {
    params: inVault,
    body: {
      required: true,
      content: json(z.strictObject({ digest: z.string().regex(/^[0-9a-f]{64}$/), reason })),
    },
  },
  responses: {
    201: {
      description: 'Approved.',
      content: json(
        z.object({
          id: z.string(),
          digest: z.string(),
          approver: z.string(),
          reason: z.string(),
          at: z.int(),
          expiresAt: z.int(),
        }),
      ),
    },
    ...refusals,
  },
});

const freeze = createRoute({
  method: 'put',
  path: '/api/v1/vaults/{vaultId}/freeze',
  summary: 'Stop every manager from writing (rail 12)',
  security: bearer,
  request: { params: inVault, body: { required: true, content: json(z.strictObject({ reason })) } },
  responses: { 204: { description: 'Frozen.' }, ...refusals },
});

const thaw = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/freeze',
  summary: 'Let managers write again (rail 12)',
  security: bearer,
  request: { params: inVault },
  responses: { 204: { description: 'Thawed.' }, ...refusals },
});

const audit = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/audit',
  summary: 'Entries of the audit log: my own, or all with `Audit log: View others` (A1)',
  security: bearer,
  request: {
    params: inVault,
    query: pageQuery.extend({
      after: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ description: 'Only what came after the entry of this sequence.' }),
    }),
  },
  responses: {
    200: {
      description:
        'In the order of the chain; with `next`, ask again with it, even where a page holds nothing.',
      content: json(
        z.object({
          entries: z.array(
            z.object({
              id: z.string(),
              sequence: z.int(),
              at: z.int(),
              actor: z.object({ type: z.string(), id: z.string().nullable(), name: z.string() }),
              action: z.string(),
              subject: z.object({ kind: z.string(), key: z.string() }),
              details: z.record(z.string(), z.unknown()),
              provenance: z.record(z.string(), z.unknown()),
            }),
          ),
          next,
        }),
      ),
    },
    ...refusals,
  },
});

export function guardRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(approve, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { digest, reason } = c.req.valid('json');
    const approval = await actAs(context, session, { vaultId, operation: 'approve' }, (act) =>
      giveApproval(act, digest, reason),
    );
    return c.json(approval, 201);
  });
  app.openapi(freeze, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { reason } = c.req.valid('json');
    const { actor } = await authorized(context.reader, session, vaultId, 'freeze');
    await context.act(vaultId, actor, async (act) => {
      // Under the lock once more: a suspension in the same moment wins (M1).
      await authorized(act.db, session, vaultId, 'freeze');
      await setFreeze(act, { by: actor.userName, reason });
    });
    context.wake(vaultId);
    return c.body(null, 204);
  });
  app.openapi(thaw, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { actor } = await authorized(context.reader, session, vaultId, 'thaw');
    await context.act(vaultId, actor, async (act) => {
      await authorized(act.db, session, vaultId, 'thaw');
      await setFreeze(act, null);
    });
    context.wake(vaultId);
    return c.body(null, 204);
  });
  app.openapi(audit, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { actor, access } = await authorized(context.reader, session, vaultId, 'readAudit');
    const isOwnOnly = !hasCell(access, 'Audit log: View others');
    const page = await listEntries(context.reader, vaultId, {
      ...c.req.valid('query'),
      of: isOwnOnly ? actor : null,
    });
    return c.json(page, 200);
  });
}
