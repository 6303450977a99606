/** Machines as people bring them in: by bootstrap, with approval and access of each. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { originOf } from '../http/network.ts';
import { next, pageQuery } from '../http/page.ts';
import { actAs, authorized } from '../people-api/caller.ts';
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
import { createBootstrapToken } from './bootstrap-tokens.ts';
import { setAccessByPerson } from './machine-access.ts';
import { approveMachine, rejectMachine } from './machine-approvals.ts';
import { listMachines } from './machine-list.ts';
import { fingerprints, machineAccess } from './machine-scope.ts';

const inVault = z.object({ vaultId });
const done = { 204: { description: 'Done.' }, ...refusals };
const ofMachine = z.object({
  vaultId,
  name: displayedName.openapi({ param: { name: 'name', in: 'path' } }),
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/machines',
  summary: 'Machines, those that wait for approval among them',
  security: bearer,
  request: {
    params: inVault,
    query: pageQuery,
  },
  responses: {
    200: {
      description: 'Sorted by name.',
      content: json(
        z.object({
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
              access: z
                .array(z.object({ project: z.string(), secrets: z.array(z.string()).readonly() }))
                .readonly(),
            }),
          ),
          /** Ask again after this name; null at the end. */
          next,
        }),
      ),
    },
    ...refusals,
  },
});

const bootstrap = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/bootstrap-tokens',
  summary: 'Make a token by which one machine registers itself within ten minutes, to be approved then',
  security: bearer,
  request: {
    params: inVault,
    body: {
      required: true,
      content: json(
        z.strictObject({
          /** Of the machine; left out, that of its host. */
          name: z
            .string()
            .max(128)
            .regex(/^[A-Za-z0-9._-]+$/)
            .optional(),
        }),
      ),
    },
  },
  responses: {
    201: {
      description: 'The token is answered once; `command` is what to run on the machine.',
      content: json(z.object({ id: z.string(), token: z.string(), expiresAt: z.int(), command: z.string() })),
    },
    ...refusals,
  },
});

const approve = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/approve',
  summary: 'Approve a machine that registered itself; it reads nothing until it is granted something (H2)',
  security: bearer,
  request: {
    params: ofMachine,
    body: {
      required: false,
      content: json(
        z.strictObject({
          /** Of the keys that this was decided on: refused where the machine has others by now. */
          fingerprints,
        }),
      ),
    },
  },
  responses: done,
});

const reject = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/reject',
  summary: 'Turn away a machine that waits for approval',
  security: bearer,
  request: { params: ofMachine },
  responses: done,
});

const setAccess = createRoute({
  method: 'put',
  path: '/api/v1/vaults/{vaultId}/machines/{name}/access',
  summary:
    'Put a machine into exactly these projects with exactly these secrets; takes Secrets: Manage where that changes (H1, H2)',
  security: bearer,
  request: {
    params: ofMachine,
    body: {
      required: true,
      content: json(
        z.strictObject({
          access: machineAccess,
          /** Of the keys that this was decided on: refused where the machine has others by now. */
          fingerprints,
        }),
      ),
    },
  },
  responses: done,
});

export function machineRoutes(app: PeopleApp, context: VaultContext): void {
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'listMachines');
    return c.json(await listMachines(context.reader, vaultId, c.req.valid('query')), 200);
  });
  app.openapi(bootstrap, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { name = null } = c.req.valid('json');
    const origin = originOf(c.env.incoming, context.network);
    if (origin === null) throw badHost();
    const created = await actAs(context, session, { vaultId, operation: 'manageMachine' }, (act) =>
      createBootstrapToken(act, name),
    );
    c.header('cache-control', 'no-store');
    const command = `curl -sSL ${origin}/v1/bootstrap/${created.token} | sh`;
    return c.json({ ...created, command }, 201);
  });
  app.openapi(approve, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const { fingerprints = null } = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'manageMachine' }, (act) =>
      approveMachine(act, name, fingerprints),
    );
    return c.body(null, 204);
  });
  app.openapi(reject, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'cutMachine' }, (act) =>
      rejectMachine(act, name),
    );
    return c.body(null, 204);
  });
  app.openapi(setAccess, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, name } = c.req.valid('param');
    const { access, fingerprints = null } = c.req.valid('json');
    // P4: what it only takes away goes on; what it gives needs the plan, which is looked at there.
    await actAs(context, session, { vaultId, operation: 'cutMachine' }, (act) =>
      setAccessByPerson(act, session, name, access, fingerprints),
    );
    return c.body(null, 204);
  });
}
