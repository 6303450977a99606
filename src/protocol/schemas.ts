/**
 * Schemas of the management plane's requests: the server checks by them and the OpenAPI document is made of
 * them. Unknown fields are refused, everything is bounded. The compiler holds them against `management.ts`.
 */
import { z } from 'zod';
import { LOSS_CLASSES } from '#model/loss.ts';
import type { ManagedRecord, Provenance } from '#model/record.ts';
import {
  type ApprovalClaim,
  type Fence,
  type HoldsRequest,
  LARGEST_BATCH,
  LARGEST_SYNC,
  type LeaseRequest,
  type ReservationRequest,
  type SightingsRequest,
  type StepRequest,
  type StepsRequest,
  type SyncRequest,
} from './management.ts';
import { json, stepAction } from './step-schemas.ts';

const MANAGED_KINDS = ['Organization', 'Member', 'PermissionTemplate', 'Project', 'MachineBinding'] as const;

const text = (max: number) => z.string().max(max);
const named = (max: number) => z.string().min(1).max(max);
const managedKind = z.enum(MANAGED_KINDS);
export const lossClass = z.enum(LOSS_CLASSES);
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

export const leaseRequest = z.strictObject({
  manager: named(253),
  installation: named(128),
  fencing: z.int().min(1).optional(),
}) satisfies z.ZodType<LeaseRequest>;

export const fence = leaseRequest.extend({
  fencing: z.int().min(1),
}) satisfies z.ZodType<Fence>;

export const provenance = z.strictObject({
  commit: text(256).optional(),
  path: text(1024).optional(),
  author: text(512).optional(),
  changeUrl: text(2048).optional(),
  fieldManager: text(256).optional(),
  changedAt: text(64).optional(),
}) satisfies z.ZodType<Provenance>;

const approvalClaim = z.strictObject({
  digest: hash,
  approver: named(512),
  via: z.enum(['PlanApproval', 'Vault']),
  reference: named(512),
  reason: text(1024),
}) satisfies z.ZodType<ApprovalClaim>;

const managedRecord = z.strictObject({
  kind: managedKind,
  key: named(512),
  manager: named(253),
  origin: text(253),
  applied: json,
  deletionPolicy: text(64).nullable(),
  provenance,
  seenUnder: text(512).nullable(),
}) satisfies z.ZodType<ManagedRecord>;

/** Losses that one approval may cover. */
const actions = z.array(stepAction).min(1).max(20_000);

export const reservationRequest = z.strictObject({
  fence,
  class: lossClass,
  actions,
  approval: approvalClaim.nullable(),
  approvedActions: actions.optional(),
}) satisfies z.ZodType<ReservationRequest>;

export const holdsRequest = z.strictObject({
  fence,
  holds: z
    .array(z.strictObject({ class: lossClass, stepHashes: z.array(hash).min(1).max(20_000) }))
    .max(LOSS_CLASSES.length)
    .refine((holds) => new Set(holds.map((hold) => hold.class)).size === holds.length, 'one a class'),
}) satisfies z.ZodType<HoldsRequest>;

const stepRequest = z.strictObject({
  idempotencyKey: named(128),
  action: stepAction,
  record: managedRecord.nullable().optional(),
  dropRecord: z.strictObject({ kind: managedKind, key: named(512) }).optional(),
  reinstate: named(64).optional(),
  publicKey: z.string().length(44).optional(),
  approval: approvalClaim.optional(),
  approvedActions: actions.optional(),
  provenance,
}) satisfies z.ZodType<StepRequest>;

export const stepsRequest = z.strictObject({
  fence,
  steps: z.array(stepRequest).max(LARGEST_BATCH),
}) satisfies z.ZodType<StepsRequest>;

export const sightingsRequest = z.strictObject({
  fence,
  sightings: z
    .array(z.strictObject({ kind: managedKind, key: named(512), seenUnder: named(512) }))
    .max(20_000),
}) satisfies z.ZodType<SightingsRequest>;

export const syncRequest = z.strictObject({
  machines: z
    .array(
      z.strictObject({
        machineId: named(64),
        timestamp: named(20),
        nonce: named(128),
        proof: named(128),
        secrets: z.array(named(64)).max(1000),
      }),
    )
    .max(LARGEST_SYNC),
}) satisfies z.ZodType<SyncRequest>;

export const freezeRequest = z.strictObject({ reason: named(1024) });

const digits = z.string().regex(/^[0-9]{1,15}$/, 'must be a number');

/** Query of the long poll; with all three of the fence's fields it renews the lease. */
export const changesQuery = z.strictObject({
  since: digits,
  secretsSince: digits.optional(),
  wait: digits.optional(),
  fencing: digits.optional(),
  manager: named(253).optional(),
  installation: named(128).optional(),
});

export const auditProofQuery = z.strictObject({ after: digits });
