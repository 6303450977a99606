/** The state of the organization, as one answer (V1). */
import { ROUTES, VOLATILE_HEADER } from '#protocol/management.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { VaultContext } from '../act/context.ts';
import { usedUnderCeilings } from '../automation/ceilings.ts';
import { delegatedGains } from '../automation/gain-budgets.ts';
import { snapshotAnswer } from '../http/answer-schemas.ts';
import { addAutomationRoute } from './automation-route.ts';
import type { DelegatedState } from './organization-state.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

/** JSON for a header: what is not ASCII (a reason in words of its author) is escaped, RFC 9110 §5.5. */
function headerJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function snapshotRoute(app: ManagementApp, parts: ManagementParts): void {
  const { observatory } = parts;

  addAutomationRoute(app, parts, {
    method: 'get',
    path: ROUTES.snapshot,
    summary: 'The state of the organization; 304 where If-None-Match still holds',
    operation: 'observe',
    answer: snapshotAnswer,
    conditional: true,
    handle: async ({ vaultId, actor, c }) => {
      const view = await observatory.view(vaultId);
      const headers = { [VOLATILE_HEADER]: headerJson(view.volatile), 'cache-control': 'no-store' };
      if (c.req.header('if-none-match') === view.etag) {
        return new Response(null, { status: 304, headers: { ...headers, etag: view.etag } });
      }
      const delegated = await delegatedState(parts.context, vaultId, actor);
      const { etag, text, end } = await observatory.snapshot(view, delegated);
      // A large one takes its time, in which the identity may have been revoked.
      await parts.requireCurrent(c.get('authenticated'));
      return new Response(streamOf(text, end), {
        headers: { ...headers, etag, 'content-type': 'application/json' },
      });
    },
  });
}

async function delegatedState(
  { reader, clock }: VaultContext,
  vaultId: string,
  actor: AutomationActor,
): Promise<DelegatedState> {
  const now = clock.now();
  return {
    ceilings: actor.ceilings,
    ceilingsUsed: await usedUnderCeilings(reader, { id: actor.id, vaultId }, now),
    gains: await delegatedGains(reader, actor, now),
    bounded: actor.bounds.projects !== null,
  };
}

/** Bytes that are handed on at once. */
const PIECE = 256 * 1024;

/** A piece when the last was taken: what the client has not read yet is not there twice. */
function streamOf(text: Uint8Array, end: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < text.length) controller.enqueue(text.subarray(at, at + PIECE));
      else {
        controller.enqueue(end);
        controller.close();
      }
      at += PIECE;
    },
  });
}
