/** Vaults of an account: made, converted, renamed, deleted, and their plans (O1, O2, P4). */
import { z } from '@hono/zod-openapi';
import type { VaultContext } from '../act/context.ts';
import type { ServerLog } from '../common/server-log.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addAccountRoute, addPeopleRoute } from '../people-api/people-route.ts';
import { convertVault } from './conversion.ts';
import { makeOrganization, makePersonalVault } from './self-service.ts';
import { deleteVault } from './vault-deletion.ts';
import { renameVault, vaultFacts } from './vault-settings.ts';

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

const plans = z.object({
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
});

const onPlan = z.object({ vaultId: z.string(), plan: z.string(), planUntil: time.nullable() });

const made = {
  status: 201,
  description: 'Made, with a project Main; `planUntil` is the end of the trial.',
  schema: onPlan,
} as const;

const facts = z.object({
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
});

export function vaultRoutes(app: PeopleApp, context: VaultContext, log: Pick<ServerLog, 'warn'>): void {
  addAccountRoute(app, context, {
    method: 'get',
    path: '/api/v1/plans',
    summary: 'The plans of this server, and which of them an account takes by itself (P4)',
    answer: { description: 'In the order of the catalog. A cap of null is none.', schema: plans },
    run: async () => {
      const { offers, selfService } = context.catalog;
      return {
        plans: [...offers.values()].map((one) => ({ ...one, selfService: selfService.has(one.name) })),
      };
    },
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults',
    summary: 'Make a personal vault (O1)',
    body: z.strictObject({ displayName: displayedName.default('Personal') }),
    answer: made,
    refuses: [403],
    run: ({ session, body }) => makePersonalVault(context, session.account, body.displayName),
  });

  addAccountRoute(app, context, {
    method: 'post',
    path: '/api/v1/organizations',
    summary:
      'Make an organization, as its owner, with a project Main (O1, P1), on a plan of self-service (P4)',
    body: z.strictObject({ displayName: displayedName, plan: planName }),
    answer: made,
    refuses: [403],
    run: ({ session, body }) => makeOrganization(context, session.account, body),
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}',
    summary: 'What a vault is, and the plan that it is on (O1, P4)',
    operation: 'viewVault',
    answer: { description: 'For each member.', schema: facts },
    run: ({ vaultId }) => vaultFacts(context, vaultId),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/conversion',
    summary:
      'Convert a personal vault to an organization, for good (O1); takes a proof of the owner within the last five minutes',
    operation: 'convert',
    proof: true,
    body: z.strictObject({ displayName: displayedName, plan: planName.optional() }),
    answer: {
      description: 'Converted. Its id, projects, secrets, machines and keys are the same; nothing was added.',
      schema: onPlan,
    },
    act: async (act, { vaultId, body }) => ({ vaultId, ...(await convertVault(context, act, body)) }),
  });

  addPeopleRoute(app, context, {
    method: 'patch',
    path: '/api/v1/vaults/{vaultId}',
    summary: 'Rename a vault (O2)',
    operation: 'renameVault',
    body: z.strictObject({ displayName: displayedName }),
    act: (act, { body }) => renameVault(act, body.displayName),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}',
    summary:
      'Delete a vault with all in it (O2): takes the typed word DELETE and a proof of the owner within the last five minutes',
    operation: 'deleteVault',
    proof: true,
    body: z.strictObject({ confirm: z.string().max(64) }),
    answer: {
      description: 'Deleted. Accounts and other vaults are as they were; its machines are unknown now.',
      schema: z.object({ displayName: z.string(), members: z.int(), machines: z.int() }),
    },
    run: async ({ session, vaultId, body, acting }) => {
      const deleted = await acting((act) => deleteVault(act, body.confirm));
      // Its own audit log went with it.
      log.warn({ vaultId, by: session.account.id, ...deleted }, 'a vault was deleted by its owner');
      return deleted;
    },
  });
}
