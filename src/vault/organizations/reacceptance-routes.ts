/** O5: the owner rotates the keys, and each member accepts again or leaves, who has no access until then. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { type PeopleApp, vaultId } from '../people-api/people-app.ts';
import { addAccountRoute, addPeopleRoute } from '../people-api/people-route.ts';
import { askForReacceptance, leaveWaiting, myReacceptances, reaccept } from './reacceptance.ts';
import { rekeyProjects } from './rekeying.ts';

const mine = z.object({
  reacceptances: z.array(z.object({ vaultId: z.string(), organization: z.string() })),
});

/** `report` is told of keys that do not open. */
export function reacceptanceRoutes(
  app: PeopleApp,
  context: VaultContext,
  report: (error: unknown) => void,
): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/key-rotation',
    summary:
      'Rotate the keys (O5): every member but the owner accepts again before they have access, projects get other keys; takes a proof of the owner within the last five minutes',
    operation: 'rotateKeys',
    proof: true,
    answer: { description: 'Begun.', schema: z.object({ members: z.int(), projects: z.int() }) },
    run: async ({ vaultId, acting }) => {
      const asked = await acting(askForReacceptance);
      // What is interrupted here, the sweep goes on with.
      await rekeyProjects(context, report, vaultId);
      return asked;
    },
  });

  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/me/reacceptances',
    summary: 'My memberships that I have to accept again after a key rotation (O5)',
    answer: { description: 'By vault id.', schema: mine },
    run: async ({ session }) => ({
      reacceptances: await myReacceptances(context.reader, session.account),
    }),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/reacceptances/{vaultId}/accept',
    summary: 'Accept a membership again (O5): everything is as it was',
    params: { vaultId },
    refuses: [404],
    run: ({ session, params }) => reaccept(context, session.account, params.vaultId),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/me/reacceptances/{vaultId}/decline',
    summary: 'Leave instead, also where I wait for confirmation (M3)',
    params: { vaultId },
    refuses: [404],
    run: ({ session, params }) => leaveWaiting(context, session.account, params.vaultId),
  });
}
