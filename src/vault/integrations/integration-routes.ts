import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { newToken } from '../common/token.ts';
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
import { noteHealth, sendTo, type WebhookEvent } from './deliveries.ts';
import {
  createIntegration,
  deleteIntegration,
  integrationNamed,
  integrationsOf,
  renewSecret,
  setIntegration,
} from './integrations.ts';

const path = '/api/v1/vaults/{vaultId}/integrations';
const inVault = z.object({ vaultId });
const named = z.object({
  vaultId,
  name: displayedName.openapi({ param: { name: 'name', in: 'path' } }),
});

/** HTTPS, without user and fragment, which would go nowhere. */
const url = z
  .string()
  .max(2048)
  .refine(isWebhookUrl, 'is no https:// address without user and fragment')
  .openapi({ format: 'uri', pattern: '^https://' });

function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash, hostname } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' && hash === '' && hostname !== '';
}

const time = z.int().nullable();
const secretOnce = {
  description: 'The secret that bodies are signed with; answered once.',
  content: json(z.object({ secret: z.string() })),
};

const list = createRoute({
  method: 'get',
  path,
  summary: 'Webhooks with their health',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'Sorted by name.',
      content: json(
        z.object({
          integrations: z.array(
            z.object({
              name: z.string(),
              url: z.string(),
              createdAt: z.int(),
              lastSuccessAt: time,
              lastFailureAt: time,
              lastError: z.string().nullable(),
              failures: z.int(),
              disabledAt: time,
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const create = createRoute({
  method: 'post',
  path,
  summary: 'Make a webhook: HTTPS, to public addresses unless the server allows others',
  security: bearer,
  request: {
    params: inVault,
    body: { required: true, content: json(z.strictObject({ name: displayedName, url })) },
  },
  responses: { 201: secretOnce, ...refusals },
});

const set = createRoute({
  method: 'put',
  path: `${path}/{name}`,
  summary: 'Change the address, switch it on or off',
  security: bearer,
  request: {
    params: named,
    body: { required: true, content: json(z.strictObject({ url, enabled: z.boolean() })) },
  },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

const renew = createRoute({
  method: 'post',
  path: `${path}/{name}/secret`,
  summary: 'Another secret; the former one signs nothing from now on',
  security: bearer,
  request: { params: named },
  responses: { 200: secretOnce, ...refusals },
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{name}`,
  summary: 'Delete a webhook with what waits for it',
  security: bearer,
  request: { params: named },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

const test = createRoute({
  method: 'post',
  path: `${path}/{name}/test`,
  summary: 'Send a signed event of type `test` now and say how it went',
  security: bearer,
  request: { params: named },
  responses: {
    200: {
      description: 'Tried once.',
      content: json(z.object({ delivered: z.boolean(), error: z.string().nullable() })),
    },
    ...refusals,
  },
});

export function integrationRoutes(app: PeopleApp, context: VaultContext): void {
  const operation = 'manageIntegrations';
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewIntegrations');
    return c.json({ integrations: await integrationsOf(context.reader, vaultId) }, 200);
  });
  app.openapi(create, async (c) => {
    const { vaultId } = c.req.valid('param');
    const fields = c.req.valid('json');
    const made = await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) =>
      createIntegration(act, fields),
    );
    c.header('cache-control', 'no-store');
    return c.json(made, 201);
  });
  app.openapi(set, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const fields = c.req.valid('json');
    await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) =>
      setIntegration(act, name, fields),
    );
    return c.body(null, 204);
  });
  app.openapi(renew, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    const renewed = await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) =>
      renewSecret(act, name),
    );
    c.header('cache-control', 'no-store');
    return c.json(renewed, 200);
  });
  app.openapi(remove, async (c) => {
    const { vaultId, name } = c.req.valid('param');
    await actAs(context, await signedIn(c, context), { vaultId, operation }, (act) =>
      deleteIntegration(act, name),
    );
    return c.body(null, 204);
  });
  app.openapi(test, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, name } = c.req.valid('param');
    const { row, event } = await actAs(context, session, { vaultId, operation }, async (act) => {
      const row = await integrationNamed(act, name);
      const subject = { kind: 'Integration', key: name } as const;
      await act.auditOnly({ action: 'integration.tested', subject }, 'none');
      const actor = { type: 'member', name: session.account.userName };
      const event: WebhookEvent = { vaultId, type: 'test', entry: null, at: act.now, actor, subject };
      return { row, event };
    });
    const id = newToken('whd');
    const error = await sendTo(context, row, { id, body: JSON.stringify({ id, ...event }) });
    if (error !== 'Sealed') await noteHealth(context, row, error);
    return c.json({ delivered: error === null, error }, 200);
  });
}
