/**
 * The audit log as people read it (A1), and on its way out (A3).
 *
 * Decides A1: whether a person is shown their own entries or all.
 */

import { z } from '@hono/zod-openapi';
import { hasCell } from '#model/access.ts';
import type { VaultContext } from '../act/context.ts';
import { listEntries } from '../audit/audit-list.ts';
import { exportAudit } from '../audit/export.ts';
import { next, pageQuery } from '../http/page.ts';
import { queryInteger } from '../http/query-integer.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';

const NDJSON = 'application/x-ndjson';

const entriesQuery = pageQuery.extend({
  after: queryInteger(0).default(0).describe('Only what came after the entry of this sequence.'),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  by: z.string().max(200).optional().describe('Only what this member, machine or identity did, by its name.'),
  action: z.string().max(64).optional().describe('Only this act, or with a prefix: `member.*`.'),
  about: z.string().max(600).optional().describe('Only what is about this: an address, a name.'),
  since: queryInteger(0).optional().describe('Milliseconds since the epoch.'),
  until: queryInteger(0).optional().describe('Milliseconds since the epoch.'),
});

const listed = z.object({
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
});

export function auditRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/audit',
    summary: 'Entries of the audit log: my own, or all with `Audit log: View others` (A1)',
    operation: 'readAudit',
    query: entriesQuery,
    answer: {
      description:
        'In the order of the chain, or newest first; with `next`, ask again with it, even where a page holds nothing.',
      schema: listed,
    },
    run({ vaultId, caller: { actor, access }, query }) {
      const of = hasCell(access, 'Audit log: View others') ? null : actor;
      return listEntries(context.reader, vaultId, { ...query, of });
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/audit/export',
    summary: 'The whole audit log as NDJSON, with its head signed, for `seneschal audit verify` (A3)',
    operation: 'exportAudit',
    answer: {
      description:
        'A line each: `header` (format, vaultId, epoch, publicKey), every `entry` with its `hash`, the signed `head`. Without the last of these it is cut off.',
      schema: z.string(),
      type: NDJSON,
    },
    refuses: [404, 503],
    async run({ vaultId, callerNow, c }) {
      const lines = await exportAudit(context, vaultId);
      const isAllowed = () =>
        callerNow().then(
          () => true,
          () => false,
        );
      return c.body(streamOf(lines, isAllowed), 200, { 'content-type': NDJSON });
    },
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
