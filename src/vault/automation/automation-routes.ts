/** What the owner does about automation identities (V4). */
import { z } from '@hono/zod-openapi';
import { CEILING_CLASSES, GAIN_BUDGET_NAMES, type GainBudgetName } from '#model/gains.ts';
import { ABILITIES } from '#protocol/management.ts';
import { managerName } from '#protocol/step-schemas.ts';
import type { VaultContext } from '../act/context.ts';
import { addressRange } from '../people-api/address-range.ts';
import { displayedName, type PeopleApp } from '../people-api/people-app.ts';
import { addPeopleRoute } from '../people-api/people-route.ts';
import { changeLimits } from './automation-bound-changes.ts';
import { listAutomations } from './automation-list.ts';
import { showAutomation } from './automation-use.ts';
import { addAutomationKey, createAutomation, revokeAutomation, revokeAutomationKey } from './automations.ts';

const ofAutomation = {
  automationId: z
    .string()
    .regex(/^auto_[A-Za-z0-9]{16}$/)
    .meta({ examples: ['auto_0123456789abcdef'] }),
};
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const publicKey = z.string().max(64).optional();
const count = z.int().min(0).max(1_000_000);
const ceilings = z.partialRecord(z.enum(CEILING_CLASSES), count);
const projects = z.array(displayedName).max(1000);
const addresses = z.array(addressRange).min(1).max(100);
const managers = z.array(managerName).min(1).max(20);
const expiresAt = z.int().min(0);

/** What it may give; left out, the server's defaults. */
const gainBudgets = {
  /** People invited, in an hour and in a day at most. */
  invitesPerHour: count.optional(),
  invitesPerDay: count.optional(),
  /** New projects in a day at most. */
  projectsPerDay: count.optional(),
  /** New machines in an hour at most. */
  machinesPerHour: count.optional(),
  /** Raises without an approval in seven days. */
  raises: count.optional(),
  /** Keys that come to its machines without a proof by the key before, in seven days. */
  unprovenKeys: count.optional(),
};
const shownBudgets = {
  invitesPerHour: z.int(),
  invitesPerDay: z.int(),
  projectsPerDay: z.int(),
  machinesPerHour: z.int().nullable(),
  raises: z.int(),
  unprovenKeys: z.int().nullable(),
};

const newAutomation = z.strictObject({
  name: displayedName,
  /** None: it only observes. */
  abilities: z
    .array(z.enum(ABILITIES))
    .max(ABILITIES.length)
    .refine((named) => new Set(named).size === named.length, 'names one twice'),
  /** Units that it may lose, and that its PlanApprovals may release, in seven days; left out, the server's defaults. */
  ceilings: ceilings.optional(),
  /** What it does outside of these projects is refused; left out, every project. */
  projects: projects.optional(),
  ...gainBudgets,
  /** Names that it takes the lease by; left out, the one by which it takes it first. */
  managers: managers.optional(),
  /** V9: what it sends from elsewhere is refused; left out, from anywhere. */
  addresses: addresses.optional(),
  /** Where machines that it registers, and keys that it adds, are answered; left out, `addresses`. */
  machineAddresses: addresses.optional(),
  publicKey,
  expiresAt: expiresAt.optional(),
});

const changes = z.strictObject({
  ceilings: ceilings.optional(),
  projects: projects.nullable().optional(),
  ...gainBudgets,
  machinesPerHour: count.nullable().optional(),
  unprovenKeys: count.nullable().optional(),
  managers: managers.optional(),
  addresses: addresses.nullable().optional(),
  machineAddresses: addresses.nullable().optional(),
  expiresAt: expiresAt.nullable().optional(),
});

const listedOne = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['Active', 'Expired', 'Revoked']),
  abilities: z.array(z.enum(ABILITIES)).readonly(),
  ceilings: z.record(z.enum(CEILING_CLASSES), z.int()),
  projects: z.array(z.string()).readonly().nullable(),
  ...shownBudgets,
  managers: z.array(z.string()).readonly().nullable(),
  addresses: z.array(z.string()).readonly().nullable(),
  machineAddresses: z.array(z.string()).readonly().nullable(),
  createdBy: z.string().nullable(),
  createdAt: z.int(),
  expiresAt: z.int().nullable(),
  revokedAt: z.int().nullable(),
  keys: z
    .array(
      z.object({
        fingerprint: z.string(),
        createdAt: z.int(),
        lastUsedAt: z.int().nullable(),
      }),
    )
    .readonly(),
});
const listed = z.object({ automations: z.array(listedOne) });
const shown = listedOne.extend({
  budgets: z
    .array(
      z.object({
        name: z.enum(GAIN_BUDGET_NAMES as [GainBudgetName, ...GainBudgetName[]]),
        limit: z.int().nullable(),
        used: z.int(),
        left: z.int().nullable(),
        freeAt: z.int().nullable(),
      }),
    )
    .readonly(),
  underCeilings: z
    .array(z.object({ class: z.enum(CEILING_CLASSES), limit: z.int(), used: z.int(), left: z.int() }))
    .readonly(),
});

export function automationRoutes(app: PeopleApp, context: VaultContext): void {
  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/automations',
    summary: 'Make an automation identity (V4); takes a proof of the owner within the last five minutes',
    operation: 'createAutomation',
    proof: true,
    body: newAutomation,
    answer: {
      status: 201,
      description: 'The private key is answered once, and only where no public key was sent.',
      schema: z.object({ id: z.string(), privateKey: z.string().nullable() }),
      isOneTime: true,
    },
    refuses: [404],
    act: (act, { body }) => createAutomation(act, body),
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/automations',
    summary: 'Automation identities with what they are held to, those that are over among them (V4)',
    operation: 'listAutomations',
    answer: { description: 'In the order in which they were made.', schema: listed },
    run: async ({ vaultId }) => ({
      automations: await listAutomations(context.reader, vaultId, context.clock.now()),
    }),
  });

  addPeopleRoute(app, context, {
    method: 'get',
    path: '/api/v1/vaults/{vaultId}/automations/{automationId}',
    summary: 'One automation identity, with what it used of its budgets and ceilings and what is left (V4)',
    operation: 'listAutomations',
    params: ofAutomation,
    answer: { description: 'As it stands now.', schema: shown },
    refuses: [404],
    run: ({ vaultId, params }) =>
      showAutomation(context.reader, vaultId, params.automationId, context.clock.now()),
  });

  addPeopleRoute(app, context, {
    method: 'patch',
    path: '/api/v1/vaults/{vaultId}/automations/{automationId}',
    summary:
      'Hold an automation identity to other bounds, from its next request on (V4); takes a proof of the owner within the last five minutes',
    description: 'What is left out stays as it is; null is no bound. The audit log says what was widened.',
    operation: 'changeAutomation',
    proof: true,
    params: ofAutomation,
    body: changes,
    refuses: [404],
    act: (act, { params, body }) => changeLimits(act, params.automationId, body),
  });

  // To cut takes no proof: who does it in haste is in the right.
  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/automations/{automationId}',
    summary: 'Revoke an automation identity: its next request is refused, a long poll that is open ends (V4)',
    operation: 'revokeAutomation',
    params: ofAutomation,
    refuses: [404],
    act: (act, { params }) => revokeAutomation(act, params.automationId),
  });

  addPeopleRoute(app, context, {
    method: 'post',
    path: '/api/v1/vaults/{vaultId}/automations/{automationId}/keys',
    summary:
      'Give an automation identity its second key; takes a proof of the owner within the last five minutes',
    operation: 'addAutomationKey',
    proof: true,
    params: ofAutomation,
    body: z.strictObject({ publicKey }),
    answer: {
      status: 201,
      description: 'The private key is answered once, and only where no public key was sent.',
      schema: z.object({ fingerprint: z.string(), privateKey: z.string().nullable() }),
      isOneTime: true,
    },
    refuses: [404],
    act: (act, { params, body }) => addAutomationKey(act, params.automationId, body.publicKey),
  });

  addPeopleRoute(app, context, {
    method: 'delete',
    path: '/api/v1/vaults/{vaultId}/automations/{automationId}/keys/{fingerprint}',
    summary: 'Revoke one of the two keys of an automation identity',
    operation: 'revokeAutomation',
    params: { ...ofAutomation, fingerprint },
    refuses: [404],
    act: (act, { params }) => revokeAutomationKey(act, params.automationId, params.fingerprint),
  });
}
