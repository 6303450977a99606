/** The second key of a machine, and the withdrawal of one of two. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { originOf } from '../http/network.ts';
import { actAs } from '../people-api/caller.ts';
import {
  badHost,
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { addKeyByPerson, revokeKeyByPerson } from './machine-keys.ts';
import { mountPath } from './machine-scope.ts';

const ofMachine = z.object({
  vaultId,
  name: displayedName.openapi({ param: { name: 'name', in: 'path' } }),
});

const add = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/keys',
  summary: 'Give a machine its second key; takes Secrets: Manage in its projects too (H1)',
  security: bearer,
  request: {
    params: ofMachine,
    body: {
      required: true,
      content: json(
        z.strictObject({
          /** Left out, the key is made here, and the bundle answered with it. */
          publicKey: z.string().max(64).optional(),
          mountPath,
        }),
      ),
    },
  },
  responses: {
    201: {
      description: 'The bundle, files of the identity by name, is answered once: the private key is in it.',
      content: json(
        z.object({ fingerprint: z.string(), bundle: z.record(z.string(), z.string()).nullable() }),
      ),
    },
    ...refusals,
  },
});

const revoke = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/keys/{fingerprint}',
  summary:
    'Revoke one of the two keys of a machine: its next request is refused, and no manager brings it back',
  security: bearer,
  request: {
    params: ofMachine.extend({
      fingerprint: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .openapi({ param: { name: 'fingerprint', in: 'path' } }),
    }),
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

export function machineKeyRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(add, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, name } = c.req.valid('param');
    const { publicKey = null, mountPath } = c.req.valid('json');
    const apiUrl = originOf(c.env.incoming, context.network);
    if (apiUrl === null) throw badHost();
    const caCertificate = context.network.clientCa?.() ?? null;
    const added = await actAs(context, session, { vaultId, operation: 'manageMachine' }, (act) =>
      addKeyByPerson(act, session, { machine: name, publicKey, mountPath, apiUrl, caCertificate }),
    );
    c.header('cache-control', 'no-store');
    return c.json(added, 201);
  });
  app.openapi(revoke, async (c) => {
    const { vaultId, name, fingerprint } = c.req.valid('param');
    const asked = { vaultId, operation: 'cutMachine' } as const;
    await actAs(context, await signedIn(c, context), asked, (act) =>
      revokeKeyByPerson(act, name, fingerprint),
    );
    return c.body(null, 204);
  });
}
