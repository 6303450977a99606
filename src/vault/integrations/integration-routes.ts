import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { newToken } from '../common/token.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { segment } from '../people-api/references.ts';
import { noteHealth, sendTo, type WebhookEvent } from './deliveries.ts';
import {
  createIntegration,
  deleteIntegration,
  integrationNamed,
  integrationsOf,
  renewSecret,
  setIntegration,
} from './integrations.ts';

const named = { name: segment('Name of the integration.') };

/** HTTPS, without user and fragment, which would go nowhere. */
const url = z
  .string()
  .max(2048)
  .regex(/^https:\/\//)
  .refine(isWebhookUrl, 'is no https:// address without user and fragment');

function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash, hostname } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' && hash === '' && hostname !== '';
}

const time = z.int().nullable();

const listed = z.object({
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
});

const secretOnce = {
  description: 'The secret that bodies are signed with; answered once.',
  schema: z.object({ secret: z.string() }),
  isOneTime: true,
} as const;

export function integrationRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/integrations',
    summary: 'Webhooks with their health',
    operation: 'viewIntegrations',
    answer: { description: 'Sorted by name.', schema: listed },
    run: async ({ vaultId }) => ({ integrations: await integrationsOf(context.reader, vaultId) }),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/integrations',
    summary: 'Make a webhook: HTTPS, to public addresses unless the server allows others',
    operation: 'manageIntegrations',
    body: z.strictObject({ name: displayedName, url }),
    answer: { status: 201, ...secretOnce },
    refuses: [503],
    act: (act, { body }) => createIntegration(act, body),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/integrations/{name}',
    summary: 'Change the address, switch it on or off',
    operation: 'manageIntegrations',
    params: named,
    body: z.strictObject({ url, enabled: z.boolean() }),
    refuses: [404],
    act: (act, { params, body }) => setIntegration(act, params.name, body),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/integrations/{name}/secret',
    summary: 'Another secret; the former one signs nothing from now on',
    operation: 'manageIntegrations',
    params: named,
    answer: secretOnce,
    refuses: [404, 503],
    act: (act, { params }) => renewSecret(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/integrations/{name}',
    summary: 'Delete a webhook with what waits for it',
    operation: 'manageIntegrations',
    params: named,
    refuses: [404],
    act: (act, { params }) => deleteIntegration(act, params.name),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/integrations/{name}/test',
    summary: 'Send a signed event of type `test` now and say how it went',
    operation: 'manageIntegrations',
    params: named,
    answer: {
      description: 'Tried once.',
      schema: z.object({ delivered: z.boolean(), error: z.string().nullable() }),
    },
    refuses: [404],
    run: async ({ vaultId, params: { name }, acting }) => {
      const { row, event } = await acting(async (act, { userName }) => {
        const row = await integrationNamed(act, name);
        const subject = { kind: 'Integration', key: name } as const;
        await act.auditOnly({ action: 'integration.tested', subject }, 'none');
        const actor = { type: 'member', name: userName };
        const event: WebhookEvent = { vaultId, type: 'test', entry: null, at: act.now, actor, subject };
        return { row, event };
      });
      const id = newToken('whd');
      const error = await sendTo(context, row, { id, body: JSON.stringify({ id, ...event }) });
      if (error !== 'Sealed') await noteHealth(context, row, error);
      return { delivered: error === null, error };
    },
  });
}
