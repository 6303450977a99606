/** Policies of secrets, guarded by their cells. */
import { createRoute, z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { addressRange } from '../people-api/address-range.ts';
import { actAs, authorized } from '../people-api/caller.ts';
import { bearer, json, type PeopleApp, refusals, signedIn, vaultId } from '../people-api/people-app.ts';
import { projectsWith } from '../people-api/visible-projects.ts';
import { requireFeature } from '../tiers/features.ts';
import { dropPolicy, listPolicies, policyOf, setPolicy } from './policies.ts';
import { SECRET_PATH, secretPath } from './secret-content.ts';
import { timeWindow } from './time-window-schema.ts';

const path = `${SECRET_PATH}/policy`;
const limit = z.int().min(1).max(1_000_000_000).nullable().default(null);

const conditions = z.strictObject({
  window: timeWindow.nullable().default(null),
  addresses: z.array(addressRange).min(1).max(100).readonly().nullable().default(null),
  /** Milliseconds since the epoch. */
  endsAt: z.int().min(0).nullable().default(null),
  readsPerMinute: limit,
  readsPerDay: limit,
  reads: limit,
});

const secretPolicy = z.object({
  project: z.string(),
  secret: z.string(),
  policy: conditions.readonly(),
  used: z.object({ minute: z.int(), day: z.int(), reads: z.int() }),
  setBy: z.string(),
  setAt: z.int(),
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/vaults/{vaultId}/policies',
  summary: 'Policies of secrets in the projects whose policies I may see',
  security: bearer,
  request: { params: z.object({ vaultId }), query: pageQuery },
  responses: {
    200: {
      description: 'Sorted by project and secret.',
      content: json(z.object({ policies: z.array(secretPolicy), next })),
    },
    ...refusals,
  },
});

const show = createRoute({
  method: 'get',
  path,
  summary: 'The policy of a secret, with the reads that were counted',
  security: bearer,
  request: { params: secretPath },
  responses: { 200: { description: 'As it is now.', content: json(secretPolicy) }, ...refusals },
});

const set = createRoute({
  method: 'put',
  path,
  summary: 'Bind a policy to a secret: its value leaves where all conditions pass',
  security: bearer,
  request: { params: secretPath, body: { required: true, content: json(conditions) } },
  responses: { 204: { description: 'Set; acts on the next read.' }, ...refusals },
});

const drop = createRoute({
  method: 'delete',
  path,
  summary: 'Take the policy of a secret away',
  security: bearer,
  request: { params: secretPath },
  responses: { 204: { description: 'Gone, with what it counted.' }, ...refusals },
});

export function policyRoutes(app: PeopleApp, context: VaultContext): void {
  const { reader, clock } = context;
  app.openapi(list, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId } = c.req.valid('param');
    const { access } = await authorized(reader, session, vaultId, 'listPolicies');
    const of = { now: clock.now(), projects: projectsWith(access, 'Policies: View') };
    return c.json(await listPolicies(reader, vaultId, of, c.req.valid('query')), 200);
  });
  app.openapi(show, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    await authorized(reader, session, vaultId, 'viewPolicy', project);
    return c.json(await policyOf(reader, vaultId, clock.now(), { project, name }), 200);
  });
  app.openapi(set, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    const policy = c.req.valid('json');
    await actAs(context, session, { vaultId, operation: 'managePolicy', project }, (act) => {
      requireFeature(context, act, 'policies');
      return setPolicy(act, project, name, policy);
    });
    return c.body(null, 204);
  });
  app.openapi(drop, async (c) => {
    const session = await signedIn(c, context);
    const { vaultId, project, name } = c.req.valid('param');
    await actAs(context, session, { vaultId, operation: 'managePolicy', project }, (act) =>
      dropPolicy(act, project, name),
    );
    return c.body(null, 204);
  });
}
