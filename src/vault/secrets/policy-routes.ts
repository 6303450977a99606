/** Policies of secrets, guarded by their cells. */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import { next, pageQuery } from '../http/page.ts';
import { addressRange } from '../people-api/address-range.ts';
import type { PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { projectsWith } from '../people-api/visible-projects.ts';
import { requireFeature } from '../tiers/features.ts';
import { dropPolicy, listPolicies, policyOf, setPolicy } from './policies.ts';
import { ofSecret } from './secret-content.ts';
import { timeWindow } from './time-window-schema.ts';

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

export function policyRoutes(app: PeopleApp, context: VaultContext): void {
  const { reader, clock } = context;

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/policies',
    summary: 'Policies of secrets in the projects whose policies I may see',
    operation: 'listPolicies',
    query: pageQuery,
    answer: {
      description: 'Sorted by project and secret.',
      schema: z.object({ policies: z.array(secretPolicy), next }),
    },
    run: ({ vaultId, caller, query }) => {
      const of = { now: clock.now(), projects: projectsWith(caller.access, 'Policies: View') };
      return listPolicies(reader, vaultId, of, query);
    },
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/policy',
    summary: 'The policy of a secret, with the reads that were counted',
    operation: 'viewPolicy',
    project: 'project',
    params: ofSecret,
    answer: { description: 'As it is now.', schema: secretPolicy },
    refuses: [404],
    run: ({ vaultId, params: { project, name } }) =>
      policyOf(reader, vaultId, clock.now(), { project, name }),
  });

  addPeopleRoute(app, context, {
    method: 'put',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/policy',
    summary: 'Bind a policy to a secret: its value leaves where all conditions pass',
    operation: 'managePolicy',
    project: 'project',
    params: ofSecret,
    body: conditions,
    answer: { description: 'Set; acts on the next read.' },
    refuses: [404],
    act: (act, { params: { project, name }, body }) => {
      requireFeature(context, act, 'policies');
      return setPolicy(act, project, name, body);
    },
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/projects/{project}/secrets/{name}/policy',
    summary: 'Take the policy of a secret away',
    operation: 'managePolicy',
    project: 'project',
    params: ofSecret,
    answer: { description: 'Gone, with what it counted.' },
    refuses: [404],
    act: (act, { params: { project, name } }) => dropPolicy(act, project, name),
  });
}
