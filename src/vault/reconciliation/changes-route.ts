/** The long poll of managers, which renews their lease (V1, rail 10). */
import { type Fence, ROUTES } from '#protocol/management.ts';
import { changesQuery } from '#protocol/schemas.ts';
import { changesAnswer } from '../http/answer-schemas.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import { renewLease } from './lease.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

/** How long a poll waits at most, and when nothing is said, in seconds. */
const LONGEST_WAIT = 30;

export function changesRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context, observatory, stopping } = parts;

  addAutomationRoute(app, parts, {
    method: 'get',
    path: ROUTES.changes,
    summary: 'Waits for a change; renews the lease where a fence is given',
    operation: 'observe',
    query: changesQuery,
    answer: changesAnswer,
    handle: async ({ vaultId, by, query, c }) => {
      const authenticated = c.get('authenticated');
      const held = fenceOf(query);
      if (held !== null) await renewLease(context, { ...by, operation: 'lease' }, held);
      const left = (authenticated.expiresAt ?? Number.POSITIVE_INFINITY) - context.clock.now();
      const wait = Math.min(Number(query.wait ?? LONGEST_WAIT) * 1000, LONGEST_WAIT * 1000, left);
      const since = {
        revision: Number(query.since),
        secretRevision: query.secretsSince === undefined ? null : Number(query.secretsSince),
      };
      const gone = new AbortController();
      const leave = (): void => gone.abort();
      c.env.outgoing.once('close', leave);
      try {
        const signal = AbortSignal.any([gone.signal, stopping]);
        const changes = await observatory.changes(vaultId, since, wait, signal);
        // A revocation is what moved, or the end of the identity was waited for.
        await parts.requireCurrent(authenticated);
        return answered(changes);
      } finally {
        c.env.outgoing.off('close', leave);
      }
    },
  });
}

function fenceOf(query: {
  fencing?: string | undefined;
  manager?: string | undefined;
  installation?: string | undefined;
}): Fence | null {
  const { fencing, manager, installation } = query;
  if (fencing === undefined || manager === undefined || installation === undefined) return null;
  return { manager, installation, fencing: Number(fencing) };
}
