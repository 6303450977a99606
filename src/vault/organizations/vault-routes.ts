/** Vaults of an account: made, converted, renamed, deleted, and their plans (O1, O2, P4). */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { ServerLog } from '../common/server-log.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { requireRecentProof } from '../people-api/reauthentication.ts';
import { convertVault } from './conversion.ts';
import { makeOrganization, makePersonalVault } from './self-service.ts';
import { deleteVault } from './vault-deletion.ts';
import { renameVault, vaultFacts } from './vault-settings.ts';

const inVault = z.object({ vaultId });
const done = { 204: { description: 'Done.' }, ...refusals };
const time = z.int().describe('Milliseconds since the epoch.');
const planName = z.string().min(1).max(64);
const cap = z.int().nullable();
const caps = z.object({
  members: cap,
  projects: cap,
  machines: cap,
  groups: cap,
  storedBytes: cap,
});

const made = {
  201: {
    description: 'Made, with a project Main; `planUntil` is the end of the trial.',
    content: json(z.object({ vaultId: z.string(), plan: z.string(), planUntil: time.nullable() })),
  },
  ...refusals,
};

const plans = createRoute({
  method: 'get',
  path: '/api/v1/plans',
  summary: 'The plans of this server, and which of them an account takes by itself (P4)',
  security: bearer,
  responses: {
    200: {
      description: 'In the order of the catalog. A cap of null is none.',
      content: json(
        z.object({
          plans: z.array(
            z.object({
              name: z.string(),
              caps,
              features: z.array(z.string()).readonly(),
              billingUrl: z.string(),
              trialDays: z.int().nullable(),
              selfService: z.boolean(),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const personal = createRoute({
  method: 'post',
  path: '/api/v1/vaults',
  summary: 'Make a personal vault (O1)',
  security: bearer,
  request: {
    body: {
      required: true,
      content: json(z.strictObject({ displayName: displayedName.default('Personal') })),
    },
  },
  responses: made,
});

const create = createRoute({
  method: 'post',
  path: '/api/v1/organizations',
  summary: 'Make an organization, as its owner, with a project Main (O1, P1), on a plan of self-service (P4)',
  security: bearer,
  request: {
    body: { required: true, content: json(z.strictObject({ displayName: displayedName, plan: planName })) },
  },
  responses: made,
});

const view = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}',
  summary: 'What a vault is, and the plan that it is on (O1, P4)',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'For each member.',
      content: json(
        z.object({
          vaultId: z.string(),
          kind: z.enum(['Personal', 'Organization']),
          displayName: z.string(),
          owner: z.string(),
          confirmation: z.boolean(),
          plan: z.object({
            name: z.string(),
            caps,
            billingUrl: z.string(),
            until: time.nullable(),
            lapsed: z.boolean(),
          }),
        }),
      ),
    },
    ...refusals,
  },
});

const convert = createRoute({
  method: 'post',
  path: '/api/v1/vaults/{vaultId}/conversion',
  summary:
    'Convert a personal vault to an organization, for good (O1); takes a proof of the owner within the last five minutes',
  security: bearer,
  request: {
    params: inVault,
    body: {
      required: true,
      content: json(z.strictObject({ displayName: displayedName, plan: planName.optional() })),
    },
  },
  responses: {
    200: {
      description: 'Converted. Its id, projects, secrets, machines and keys are the same; nothing was added.',
      content: json(z.object({ vaultId: z.string(), plan: z.string(), planUntil: time.nullable() })),
    },
    ...refusals,
  },
});

const rename = createRoute({
  method: 'patch',
  path: '/api/v1/vaults/{vaultId}',
  summary: 'Rename a vault (O2)',
  security: bearer,
  request: {
    params: inVault,
    body: { required: true, content: json(z.strictObject({ displayName: displayedName })) },
  },
  responses: done,
});

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/vaults/{vaultId}',
  summary:
    'Delete a vault with all in it (O2): takes the typed word DELETE and a proof of the owner within the last five minutes',
  security: bearer,
  request: {
    params: inVault,
    body: { required: true, content: json(z.strictObject({ confirm: z.string().max(64) })) },
  },
  responses: {
    200: {
      description: 'Deleted. Accounts and other vaults are as they were; its machines are unknown now.',
      content: json(z.object({ displayName: z.string(), members: z.int(), machines: z.int() })),
    },
    ...refusals,
  },
});

export function vaultRoutes(app: PeopleApp, context: VaultContext, log: Pick<ServerLog, 'warn'>): void {
  app.openapi(plans, async (c) => {
    await signedIn(c, context);
    const { offers, selfService } = context.catalog;
    const listed = [...offers.values()].map((one) => ({ ...one, selfService: selfService.has(one.name) }));
    return c.json({ plans: listed }, 200);
  });
  app.openapi(personal, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json(await makePersonalVault(context, account, c.req.valid('json').displayName), 201);
  });
  app.openapi(create, async (c) => {
    const { account } = await signedIn(c, context);
    return c.json(await makeOrganization(context, account, c.req.valid('json')), 201);
  });
  app.openapi(view, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewVault');
    return c.json(await vaultFacts(context, vaultId), 200);
  });
  app.openapi(convert, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'convert');
    requireRecentProof(session, context.clock.now());
    const converted = await actAs(context, session, { vaultId, operation: 'convert' }, (act) =>
      convertVault(context, act, c.req.valid('json')),
    );
    return c.json({ vaultId, ...converted }, 200);
  });
  app.openapi(rename, async (c) => {
    const { vaultId } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation: 'renameVault' }, (act) =>
      renameVault(act, c.req.valid('json').displayName),
    );
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'deleteVault');
    requireRecentProof(session, context.clock.now());
    const deleted = await actAs(context, session, { vaultId, operation: 'deleteVault' }, (act) =>
      deleteVault(act, c.req.valid('json').confirm),
    );
    // Its own audit log went with it.
    log.warn({ vaultId, by: session.account.id, ...deleted }, 'a vault was deleted by its owner');
    return c.json(deleted, 200);
  });
}
