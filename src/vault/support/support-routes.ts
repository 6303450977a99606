import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { setSupport, supportOf } from './support.ts';

const newSupport = z.strictObject({
  contact: z
    .string()
    .max(256)
    .regex(/^[^\p{Cc}]*$/u),
  runbookUrl: z
    .string()
    .max(2048)
    .regex(/^(?:https:\/\/[^\s\p{Cc}]+)?$/u),
});

export function supportRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/support',
    summary:
      'Whom members turn to, and the runbook; empty where there is none; for who holds `Support: View`',
    operation: 'viewSupport',
    answer: {
      description: 'As it is now.',
      schema: z.object({ contact: z.string(), runbookUrl: z.string() }),
    },
    run: ({ vaultId }) => supportOf(context.reader, vaultId),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/support',
    summary: 'Say whom members turn to, and where the runbook is',
    operation: 'manageSupport',
    body: newSupport,
    act: (act, { body }) => setSupport(act, body),
  });
}
