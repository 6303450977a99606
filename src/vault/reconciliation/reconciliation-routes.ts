/** The routes of automation identities (protocol/management.ts). */
import { type Fence, ROUTES, VOLATILE_HEADER } from '#protocol/management.ts';
import {
  auditProofQuery,
  changesQuery,
  fence,
  freezeRequest,
  holdsRequest,
  leaseRequest,
  reservationRequest,
  sightingsRequest,
  stepsRequest,
  syncRequest,
} from '#protocol/schemas.ts';
import { auditProof } from '../audit/chain-proof.ts';
import { authorizeReservation } from '../automation/automation-bounds.ts';
import { writeDelegated } from '../automation/delegated-writes.ts';
import {
  auditProofAnswer,
  changesAnswer,
  freezeAnswer,
  leaseAnswer,
  reservationAnswer,
  snapshotAnswer,
  stepsAnswer,
  syncAnswer,
} from '../http/answer-schemas.ts';
import { sourceOf } from '../http/network.ts';
import { keepHolds } from '../managed/holds.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import { runSteps } from './execution.ts';
import { checkFence, checkFreeze, releaseLease, renewLease, setFreeze, takeLease } from './lease.ts';
import { reserve } from './losses.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';
import { recordSightings } from './sightings.ts';
import { sync } from './sync.ts';

/** How long a poll waits at most, and when nothing is said, in seconds. */
const LONGEST_WAIT = 30;

/** JSON for a header: what is not ASCII (a reason in words of its author) is escaped, RFC 9110 §5.5. */
function headerJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Adds them to the app. */
export function addAutomationRoutes(app: ManagementApp, parts: ManagementParts): void {
  const { context, observatory, stopping, report } = parts;

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
      const { etag, text, end } = await observatory.snapshot(view, actor.ceilings);
      // A large one takes its time, in which the identity may have been revoked.
      await parts.requireCurrent(c.get('authenticated'));
      return new Response(streamOf(text, end), {
        headers: { ...headers, etag, 'content-type': 'application/json' },
      });
    },
  });

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

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.lease,
    summary: 'Takes or renews the lease (rail 10)',
    operation: 'lease',
    body: leaseRequest,
    answer: leaseAnswer,
    refuses: [409],
    handle: async ({ by, body }) => answered(await takeLease(context, by, body)),
  });

  addAutomationRoute(app, parts, {
    method: 'delete',
    path: ROUTES.lease,
    summary: 'Gives the lease back',
    operation: 'lease',
    body: fence,
    handle: async ({ by, body }) => {
      await releaseLease(context, by, body);
      return done();
    },
  });

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.reservations,
    summary: 'Reserves losses of one class, all or none (rail 1)',
    operation: 'reserve',
    body: reservationRequest,
    answer: reservationAnswer,
    refuses: [409, 423],
    handle: async ({ by, body }) =>
      answered(
        await writeDelegated(context, by, async (act, actor) => {
          const { freeze } = await checkFence(act.db, by.vaultId, body.fence, act.now);
          checkFreeze(freeze);
          authorizeReservation(actor, body.actions);
          return reserve(act, body);
        }),
      ),
  });

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.holds,
    summary: 'Replaces what is held until it is approved or taken back (rail 1)',
    operation: 'hold',
    body: holdsRequest,
    refuses: [409, 423],
    handle: async ({ by, body }) => {
      await writeDelegated(context, by, async (act) => {
        const { freeze } = await checkFence(act.db, by.vaultId, body.fence, act.now);
        checkFreeze(freeze);
        await keepHolds(act, body);
      });
      return done();
    },
  });

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.steps,
    summary: 'Runs steps in order, each in a transaction of its own',
    operation: 'runSteps',
    body: stepsRequest,
    answer: stepsAnswer,
    handle: async ({ by, body }) => answered(await runSteps(context, by, body, report)),
  });

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.sightings,
    summary: 'Marks under which UIDs records were seen declared',
    operation: 'sight',
    body: sightingsRequest,
    refuses: [409, 423],
    handle: async ({ by, body }) => {
      await recordSightings(context, by, body);
      return done();
    },
  });

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.sync,
    summary: 'Values for machines that prove themselves by their keys (V9)',
    operation: 'sync',
    reads: true,
    body: syncRequest,
    answer: syncAnswer,
    refuses: [503],
    handle: async ({ by, body, c }) =>
      answered(await sync(context, by, body, sourceOf(c.env.incoming, context.network))),
  });

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.freeze,
    summary: 'Stops every manager from writing (rail 12)',
    operation: 'freeze',
    body: freezeRequest,
    answer: freezeAnswer,
    handle: async ({ by, body: { reason } }) => {
      const freeze = await writeDelegated(context, by, (act, actor) =>
        setFreeze(act, { by: actor.name, reason }),
      );
      context.wake(by.vaultId);
      return answered({ freeze });
    },
  });

  addAutomationRoute(app, parts, {
    method: 'delete',
    path: ROUTES.freeze,
    summary: 'Lets managers write again',
    operation: 'thaw',
    answer: freezeAnswer,
    handle: async ({ by }) => {
      const freeze = await writeDelegated(context, by, (act) => setFreeze(act, null));
      context.wake(by.vaultId);
      return answered({ freeze });
    },
  });

  addAutomationRoute(app, parts, {
    method: 'get',
    path: ROUTES.auditProof,
    summary: 'The hashes that lead from an entry to the head of the audit log, at most 2000 at a time (A3)',
    operation: 'proveAudit',
    query: auditProofQuery,
    answer: auditProofAnswer,
    handle: async ({ vaultId, query }) => answered(await auditProof(context, vaultId, Number(query.after))),
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

function done(): Response {
  return new Response(null, { status: 204 });
}
