import { createRoute, z } from '@hono/zod-openapi';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import {
  bearer,
  displayedName,
  email,
  json,
  type PeopleApp,
  refusals,
  signedIn,
  vaultId,
} from '../people-api/people-app.ts';
import { deleteRule, rulesOf, setRule } from './alert-rules.ts';
import { DEFAULT_RULE } from './matching.ts';

const path = '/api/v1/vaults/{vaultId}/alerts';
const inVault = z.object({ vaultId });
const named = z.object({
  vaultId,
  name: displayedName.openapi({ param: { name: 'name', in: 'path' } }),
});

/** An audit action; a prefix of actions; all of them. */
const action = z
  .string()
  .max(64)
  .regex(/^(?:\*|[a-z][a-z-]*(?:\.[a-z][a-z-]*)*(?:\.\*)?)$/)
  .openapi({ example: 'machine.*' });

const fields = z.strictObject({
  enabled: z.boolean().default(true),
  actions: z.array(action).min(1).max(100),
  actors: z
    .array(z.enum(['member', 'automation', 'machine', 'system', 'account']))
    .min(1)
    .nullable()
    .default(null),
  roles: z.array(z.enum(['Owner', 'Admin', 'Member'])).default([]),
  emails: z.array(email.transform(normalizeEmail)).max(100).default([]),
  webhooks: z.array(displayedName).max(50).default([]),
});

const list = createRoute({
  method: 'get',
  path,
  summary: 'Which acts notify whom',
  security: bearer,
  request: { params: inVault },
  responses: {
    200: {
      description: 'Sorted by name; the default rule is among them.',
      content: json(
        z.object({
          rules: z.array(
            z.object({
              name: z.string(),
              enabled: z.boolean(),
              actions: z.array(z.string()),
              actors: z.array(z.string()).nullable(),
              roles: z.array(z.string()),
              emails: z.array(z.string()),
              webhooks: z.array(z.string()),
            }),
          ),
        }),
      ),
    },
    ...refusals,
  },
});

const set = createRoute({
  method: 'put',
  path: `${path}/{name}`,
  summary:
    'Make or replace a rule: actions, and the members and webhooks that are told; the default rule is the owner’s',
  security: bearer,
  request: { params: named, body: { required: true, content: json(fields) } },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

const remove = createRoute({
  method: 'delete',
  path: `${path}/{name}`,
  summary: 'Delete a rule; the default rule comes back as it was, to be without it switch it off',
  security: bearer,
  request: { params: named },
  responses: { 204: { description: 'Done.' }, ...refusals },
});

export function alertRoutes(app: PeopleApp, context: VaultContext): void {
  /** Who manages alerts must not be able to keep from the owner what their automation does (V4). */
  const operationOn = (name: string) =>
    name === DEFAULT_RULE.name ? ('manageOwnerAlert' as const) : ('manageAlerts' as const);
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    await authorized(context.reader, session, vaultId, 'viewAlerts');
    const rules = await rulesOf(context.reader, vaultId);
    const shown = rules.map(({ actions, actors, roles, emails, webhooks, ...rule }) => ({
      ...rule,
      actions: [...actions],
      actors: actors === null ? null : [...actors],
      roles: [...roles],
      emails: [...emails],
      webhooks: [...webhooks],
    }));
    return c.json({ rules: shown }, 200);
  });
  app.openapi(set, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, name } = c.req.valid('param');
    const rule = { name, ...c.req.valid('json') };
    await actAs(context, session, { vaultId, operation: operationOn(name) }, (act) => setRule(act, rule));
    return c.body(null, 204);
  });
  app.openapi(remove, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, name } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation: operationOn(name) }, (act) => deleteRule(act, name));
    return c.body(null, 204);
  });
}
