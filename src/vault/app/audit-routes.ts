/** The audit log on its way out (A3). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { exportAudit } from '../audit/export.ts';
import { authorized } from '../people-api/caller.ts';
import { bearer, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { sessionAgain } from '../sessions/sessions.ts';

const auditExport = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/audit/export',
  summary: 'The whole audit log as NDJSON, with its head signed, for `seneschal audit verify` (A3)',
  security: bearer,
  request: { params: z.object({ vaultId }) },
  responses: {
    200: {
      description:
        'A line each: `header` (format, vaultId, epoch, publicKey), every `entry` with its `hash`, the signed `head`. Without the last of these it is cut off.',
      content: { 'application/x-ndjson': { schema: { type: 'string' } } },
    },
    ...refusals,
  },
});

export function auditRoutes(app: PeopleApp, context: VaultContext): void {
  // Not by `openapi`, whose types know of no answer that is streamed.
  app.openAPIRegistry.registerPath(auditExport);
  app.get(auditExport.getRoutingPath(), async (c) => {
    const session = await signedIn(c, context);
    const id = c.req.param('vaultId');
    await authorized(context.reader, session, id, 'exportAudit');
    const lines = await exportAudit(context, id);
    const isAllowed = async (): Promise<boolean> => {
      const now = await sessionAgain(context, session);
      if (now === null) return false;
      return authorized(context.reader, now, id, 'exportAudit').then(
        () => true,
        () => false,
      );
    };
    return c.body(streamOf(lines, isAllowed), 200, { 'content-type': 'application/x-ndjson' });
  });
}

/**
 * Asks for the next part when the last was taken, so that a slow reader fills no memory. It is cut off where the reader
 * may have it no more by then (M1); without the line of its head everybody sees that it was.
 */
function streamOf(
  parts: AsyncGenerator<string>,
  isAllowed: () => Promise<boolean>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      if (!(await isAllowed())) {
        await parts.return(undefined);
        controller.close();
        return;
      }
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}
