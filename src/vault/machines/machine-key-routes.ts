/** The second key of a machine, and the withdrawal of one of two. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { originOf } from '../http/network.ts';
import { badHost, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { reference } from '../people-api/references.ts';
import { addKeyByPerson, revokeKeyByPerson } from './machine-keys.ts';
import { fingerprint, mountPath } from './machine-scope.ts';

const ofMachine = { name: reference('machine') };

export function machineKeyRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/keys',
    summary: 'Give a machine its second key; takes Secrets: Manage in its projects too (H1)',
    operation: 'manageMachine',
    also: ['attachMachine'],
    params: ofMachine,
    body: z.strictObject({
      /** Left out, the key is made here, and the bundle answered with it. */
      publicKey: z.string().max(64).optional(),
      mountPath,
    }),
    answer: {
      status: 201,
      description: 'The bundle, files of the identity by name, is answered once: the private key is in it.',
      schema: z.object({ fingerprint: z.string(), bundle: z.record(z.string(), z.string()).nullable() }),
      isOneTime: true,
    },
    refuses: [404],
    act: (act, { params, body: { publicKey = null, mountPath }, c, caller, requireAlso }) => {
      const apiUrl = originOf(c.env.incoming, context.network);
      if (apiUrl === null) throw badHost();
      const caCertificate = context.network.clientCa?.() ?? null;
      const second = { machine: params.name, identity: { publicKey, mountPath, apiUrl, caCertificate } };
      return addKeyByPerson(act, { caller, requireAlso }, second);
    },
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/keys/{fingerprint}',
    summary:
      'Revoke one of the two keys of a machine: its next request is refused, and no manager brings it back',
    operation: 'restrictMachine',
    params: { ...ofMachine, fingerprint },
    refuses: [404],
    act: (act, { params }) => revokeKeyByPerson(act, params.name, params.fingerprint),
  });
}
