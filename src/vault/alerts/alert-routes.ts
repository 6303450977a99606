import { z } from '@hono/zod-openapi';
import { normalizeEmail } from '#model/organization.ts';
import type { VaultContext } from '../act/context.ts';
import { displayedName, type PeopleApp, storedEmail } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { segment } from '../people-api/references.ts';
import { deleteRule, rulesOf, setRule } from './alert-rules.ts';
import { isBuiltIn } from './matching.ts';

const named = { name: displayedName };

/** An audit action; a prefix of actions; all of them. One that no entry has is refused. */
const action = z
  .string()
  .max(64)
  .regex(/^(?:\*|[a-z][a-z-]*(?:\.[a-z][a-z-]*)*(?:\.\*)?)$/)
  .meta({ examples: ['machine.*'] });

const fields = z.strictObject({
  enabled: z.boolean().default(true),
  actions: z.array(action).min(1).max(100),
  actors: z
    .array(z.enum(['member', 'automation', 'machine', 'system', 'account']))
    .min(1)
    .nullable()
    .default(null),
  roles: z.array(z.enum(['Owner', 'Admin', 'Member'])).default([]),
  emails: z.array(storedEmail.transform(normalizeEmail)).max(100).default([]),
  webhooks: z.array(displayedName).max(50).default([]),
});

const listed = z.object({
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
});

/** Who manages alerts must not be able to keep from the owner what their automation does (V4). */
const managingRule = {
  among: ['manageAlerts', 'manageOwnerAlert'],
  of: ({ params }: { readonly params: { readonly name: string } }) =>
    isBuiltIn(params.name) ? 'manageOwnerAlert' : 'manageAlerts',
} as const;

export function alertRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/alerts',
    summary: 'Which acts notify whom',
    operation: 'viewAlerts',
    answer: { description: 'Sorted by name; the built-in rules are among them.', schema: listed },
    run: async ({ vaultId }) => {
      const rules = await rulesOf(context.reader, vaultId);
      const shown = rules.map(({ actions, actors, roles, emails, webhooks, ...rule }) => ({
        ...rule,
        actions: [...actions],
        actors: actors === null ? null : [...actors],
        roles: [...roles],
        emails: [...emails],
        webhooks: [...webhooks],
      }));
      return { rules: shown };
    },
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/alerts/{name}',
    summary:
      'Make or replace a rule: actions, and the members and webhooks that are told; a built-in rule is the owner’s',
    operation: managingRule,
    params: named,
    body: fields,
    refuses: [404],
    act: (act, { params: { name }, body }) => setRule(act, { name, ...body }),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/alerts/{name}',
    summary: 'Delete a rule; a built-in rule comes back as it was, to be without it switch it off',
    operation: managingRule,
    params: { name: segment('Name of the rule.') },
    refuses: [404],
    act: (act, { params }) => deleteRule(act, params.name),
  });
}
