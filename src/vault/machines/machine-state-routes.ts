/** What people take from a machine at once, and give back to it; each revocation leaves a tombstone (rail 7). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { actAs } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import {
  disableMachineByPerson,
  enableMachineByPerson,
  revokeMachineByPerson,
} from './machine-state-acts.ts';

const done = { 204: { description: 'Done.' }, ...refusals };
const named = (name: string) => displayedName.openapi({ param: { name, in: 'path' } });
const ofMachine = z.object({ vaultId, name: named('name') });

const disableMachine = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/disable',
  summary: 'Disable a machine: its next request is refused',
  security: bearer,
  request: { params: ofMachine },
  responses: done,
});

const enableMachine = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/enable',
  summary: 'Enable a machine that was disabled, unless it is past its end',
  security: bearer,
  request: { params: ofMachine },
  responses: done,
});

const revokeMachine = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/machines/{name}',
  summary: 'Revoke a machine, with its keys, memberships and grants',
  security: bearer,
  request: { params: ofMachine },
  responses: done,
});

export function machineStateRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(disableMachine, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'cutMachine' }, (act) =>
      disableMachineByPerson(act, name),
    );
    return c.body(null, 204);
  });
  app.openapi(enableMachine, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'manageMachine' }, (act) =>
      enableMachineByPerson(act, name),
    );
    return c.body(null, 204);
  });
  app.openapi(revokeMachine, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'cutMachine' }, (act) =>
      revokeMachineByPerson(act, name),
    );
    return c.body(null, 204);
  });
}
