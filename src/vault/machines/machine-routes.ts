/** Machines as people bring them in, by bootstrap or by themselves, with approval and access of each. */

import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { originOf } from '../http/network.ts';
import { next, pageQuery } from '../http/page.ts';
import { addressRange } from '../people-api/address-range.ts';
import { badHost, displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { reference } from '../people-api/references.ts';
import { timeWindow } from '../secrets/time-window-schema.ts';
import { setAccessByPerson } from './machine-access.ts';
import { approveMachine, rejectMachine } from './machine-approvals.ts';
import { listMachines } from './machine-list.ts';
import { provisionMachine } from './machine-provision.ts';
import { revocationPreview } from './machine-revocation.ts';
import { authorizeAttaching, fingerprints, machineAccess, mountPath } from './machine-scope.ts';
import {
  disableMachineByPerson,
  enableMachineByPerson,
  revokeMachineByPerson,
} from './machine-state-acts.ts';

const HOUR = 60 * 60;
const TWELVE_MONTHS = 366 * 24 * HOUR;

const ofMachine = { name: reference('machine') };

const listed = z.object({
  machines: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      kind: z.enum(['standard', 'ephemeral', 'temporary']),
      approved: z.boolean(),
      enabled: z.boolean(),
      createdAt: z.int(),
      expiresAt: z.int().nullable(),
      hostname: z.string().nullable(),
      keys: z.array(
        z.object({
          fingerprint: z.string(),
          createdAt: z.int(),
          lastUsedAt: z.int().nullable(),
        }),
      ),
      access: z.array(z.object({ project: z.string(), secrets: z.array(z.string()).readonly() })).readonly(),
    }),
  ),
  next,
});

const guardrails = z.strictObject({
  /** Ranges of source addresses that it may ask from. */
  addresses: z.array(addressRange).min(1).max(100).optional(),
  /** When it may ask; `to` not later than `from`: on the next day. */
  window: timeWindow.optional(),
});

const newMachine = z.strictObject({
  name: displayedName,
  lifeSeconds: z.int().min(HOUR).max(TWELVE_MONTHS).optional(),
  guardrails: guardrails.optional(),
  access: machineAccess.default([]),
  /** Left out, the key is made here, and the bundle answered with it. */
  publicKey: z.string().max(64).optional(),
  mountPath,
});

const provisioned = z.object({
  machineId: z.string(),
  machineName: z.string(),
  vaultId: z.string(),
  expiresAt: z.int().nullable(),
  bundle: z.record(z.string(), z.string()).nullable(),
});

const preview = z.object({
  machineId: z.string(),
  projects: z.array(z.object({ project: z.string(), secrets: z.array(z.string()).readonly() })),
  keys: z.array(z.object({ fingerprint: z.string(), lastUsedAt: z.int().nullable() })),
  /** Who declares it in Git; it is not made again unless Git names the entry (rail 7). */
  manager: z.string().nullable(),
});

export function machineRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/machines',
    summary: 'Machines, those that wait for approval among them',
    operation: 'listMachines',
    query: pageQuery,
    answer: { description: 'Sorted by name.', schema: listed },
    run: ({ vaultId, query }) => listMachines(context.reader, vaultId, query),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines',
    summary:
      'Make a machine: temporary (1 hour to 12 months) by its life, standard without one; takes Secrets: Manage in its projects too (H1)',
    operation: 'manageMachine',
    also: ['attachMachine'],
    body: newMachine,
    answer: {
      status: 201,
      description: 'The bundle, files of the identity by name, is answered once: the private key is in it.',
      schema: provisioned,
      isOneTime: true,
    },
    refuses: [404],
    run: ({ body, c, requireAlso, acting }) => {
      const { name, access, mountPath, lifeSeconds, guardrails, publicKey = null } = body;
      const apiUrl = originOf(c.env.incoming, context.network);
      if (apiUrl === null) throw badHost();
      return acting(async (act) => {
        await authorizeAttaching(act, requireAlso, access);
        return provisionMachine(act, {
          ...{ name, access },
          life: lifeSeconds === undefined ? null : lifeSeconds * 1000,
          guardrails:
            guardrails === undefined
              ? null
              : { addresses: guardrails.addresses ?? null, window: guardrails.window ?? null },
          identity: { publicKey, mountPath, apiUrl, caCertificate: context.network.clientCa?.() ?? null },
        });
      });
    },
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/approve',
    summary: 'Approve a machine that registered itself; it reads nothing until it is granted something (H2)',
    operation: 'manageMachine',
    params: ofMachine,
    body: z.strictObject({
      /** Of the keys that this was decided on: refused where the machine has others by now. */
      fingerprints,
    }),
    isBodyOptional: true,
    refuses: [404],
    act: (act, { params, body: { fingerprints = null } }) => approveMachine(act, params.name, fingerprints),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/reject',
    summary: 'Turn away a machine that waits for approval',
    operation: 'restrictMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => rejectMachine(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/access',
    summary:
      'Put a machine into exactly these projects with exactly these secrets; takes Secrets: Manage where that changes (H1, H2); a lapsed tier refuses what it gives (P4)',
    // P4: what it only takes away goes on; what it gives needs the tier, which is looked at there.
    operation: 'restrictMachine',
    also: ['attachMachine'],
    params: ofMachine,
    body: z.strictObject({
      access: machineAccess,
      /** Of the keys that this was decided on: refused where the machine has others by now. */
      fingerprints,
    }),
    refuses: [404, 423],
    act: (act, { params, body: { access, fingerprints = null }, requireAlso }) =>
      setAccessByPerson(act, requireAlso, params.name, access, fingerprints),
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/revocation',
    summary: 'What falls away when the machine is revoked',
    operation: 'manageMachine',
    params: ofMachine,
    answer: { description: 'As it is now; nothing is done.', schema: preview },
    refuses: [404],
    run: ({ vaultId, params }) => revocationPreview(context.reader, vaultId, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/disable',
    summary: 'Disable a machine: its next request is refused',
    operation: 'restrictMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => disableMachineByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/machines/{name}/enable',
    summary: 'Enable a machine that was disabled, unless it is past its end',
    operation: 'manageMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => enableMachineByPerson(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/machines/{name}',
    summary: 'Revoke a machine, with its keys, memberships and grants',
    operation: 'restrictMachine',
    params: ofMachine,
    refuses: [404],
    act: (act, { params }) => revokeMachineByPerson(act, params.name),
  });
}
