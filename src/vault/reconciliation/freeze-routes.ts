/** Every manager is stopped, and let write again: by people and by automation (rail 12). */

import { z } from '@hono/zod-openapi';
import { ROUTES } from '#protocol/management.ts';
import { freezeRequest } from '#protocol/schemas.ts';
import type { VaultContext } from '../act/context.ts';
import { checkUnbounded } from '../automation/automation-bounds.ts';
import { writeDelegated } from '../automation/delegated-writes.ts';
import { freezeAnswer } from '../http/answer-schemas.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { addAutomationRoute, answered } from './automation-route.ts';
import { setFreeze } from './lease.ts';
import type { ManagementApp, ManagementParts } from './parts.ts';

export function freezeRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/freeze',
    summary:
      'Stop every manager from writing but for explicit suspensions, or with `all` from these too (rail 12)',
    operation: 'freeze',
    body: z.strictObject({ reason: z.string().min(1).max(1024), all: z.boolean().optional() }),
    answer: { description: 'Frozen.' },
    async run({ vaultId, acting, body: { reason, all = false } }) {
      await acting((act, { userName }) => setFreeze(act, { by: userName, reason, all }));
      // The flag lies outside the revision, which alone wakes the long polls.
      context.wake(vaultId);
    },
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/freeze',
    summary: 'Let managers write again (rail 12)',
    operation: 'thaw',
    answer: { description: 'Thawed.' },
    async run({ vaultId, acting }) {
      await acting((act) => setFreeze(act, null));
      context.wake(vaultId);
    },
  });
}

/** Automation only stops: who came by its credential lets nobody go on who was stopped for that (V4). */
export function automationFreezeRoute(app: ManagementApp, parts: ManagementParts): void {
  const { context } = parts;

  addAutomationRoute(app, parts, {
    method: 'post',
    path: ROUTES.freeze,
    summary: 'Stops every manager from writing but for explicit suspensions (rail 12)',
    operation: 'freeze',
    body: freezeRequest,
    answer: freezeAnswer,
    handle: async ({ by, body: { reason } }) => {
      const freeze = await writeDelegated(context, by, (act, actor) => {
        checkUnbounded(actor);
        return setFreeze(act, { by: actor.name, reason, all: false });
      });
      context.wake(by.vaultId);
      return answered({ freeze });
    },
  });
}
