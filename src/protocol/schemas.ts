/**
 * Schemas of the management plane's requests: the server checks by them and the OpenAPI document is made of
 * them. Unknown fields are refused, everything is bounded. The compiler holds them against `management.ts`.
 */
import { z } from 'zod';
import { PROVENANCE_LENGTHS } from '#model/claimed-provenance.ts';
import { LOSS_CLASSES } from '#model/loss.ts';
import { LONGEST_PROOF } from '#model/membership.ts';
import { MANAGED_KINDS, type ManagedRecord, type Provenance } from '#model/record.ts';
import {
  type ApprovalClaim,
  type Fence,
  type HoldsRequest,
  type KeyUseRequest,
  LARGEST_BATCH,
  LARGEST_KEY_USE,
  LARGEST_SYNC,
  LARGEST_TRACE,
  type LeaseRequest,
  type LeaseReturn,
  type ReservationRequest,
  type SightingsRequest,
  type StepRequest,
  type SyncRequest,
  type TraceRequest,
} from './management.ts';
import { fingerprint, json, managerName, origin, stepAction } from './step-schemas.ts';

const text = (max: number) => z.string().max(max);
const named = (max: number) => z.string().min(1).max(max);
/** Which process of a manager it is: a hash. */
export const installationName = named(128);
const managedKind = z.enum(MANAGED_KINDS);
export const lossClass = z.enum(LOSS_CLASSES);
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

export const leaseRequest = z.strictObject({
  manager: managerName,
  installation: installationName,
  holder: z.enum(['Operator', 'CommandLine']).optional(),
  fencing: z.int().min(1).optional(),
}) satisfies z.ZodType<LeaseRequest>;

const fence = z.strictObject({
  manager: managerName,
  installation: installationName,
  fencing: z.int().min(1),
}) satisfies z.ZodType<Fence>;

export const leaseReturn = fence.extend({
  lends: z.boolean().optional(),
}) satisfies z.ZodType<LeaseReturn>;

const claim = (field: keyof typeof PROVENANCE_LENGTHS) => text(PROVENANCE_LENGTHS[field]).optional();

export const provenance = z.strictObject({
  commit: claim('commit'),
  path: claim('path'),
  author: claim('author'),
  changeUrl: claim('changeUrl'),
  fieldManager: claim('fieldManager'),
  changedAt: claim('changedAt'),
  repository: claim('repository'),
  notFromGit: z.boolean().optional(),
} satisfies Record<keyof Provenance, z.ZodType>) satisfies z.ZodType<Provenance>;

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
  manager: managerName,
  origin,
  applied: json,
  deletionPolicy: text(64).nullable(),
  provenance,
  seenUnder: text(512).nullable(),
  approved: z.exactOptional(
    z.strictObject({ by: text(512), via: z.enum(['Vault', 'PlanApproval']), at: z.int().min(0) }),
  ),
  renamedFrom: z.exactOptional(text(512)),
}) satisfies z.ZodType<ManagedRecord>;

/** Losses that one approval may cover. */
const actions = z.array(stepAction).min(1).max(20_000);

export const reservationRequest = z.strictObject({
  fence,
  class: lossClass,
  actions,
  approval: approvalClaim.nullable(),
  // 64 digits each: as many as fit a request.
  approvedHashes: z.array(hash).min(1).max(200_000).optional(),
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
  origin: origin.optional(),
  reinstate: named(64).optional(),
  publicKey: z.string().length(44).optional(),
  keyProof: z.string().length(88).optional(),
  approval: approvalClaim.optional(),
  approvalProof: z
    .array(z.string().regex(/^[LR][0-9a-f]{64}$/, 'must be L or R and 64 lower-case hexadecimal digits'))
    .max(LONGEST_PROOF)
    .optional(),
  provenance,
}) satisfies z.ZodType<StepRequest>;

/** What stands in the place of a step and is none; `error` says which fields. */
export class UnreadableStep {
  readonly error: z.core.$ZodError;

  constructor(error: z.core.$ZodError) {
    this.error = error;
  }
}

/** Fence and number of steps are judged as a whole, each step by itself: one that cannot be read stops no other. */
export const stepsRequest = z.strictObject({
  fence,
  steps: z
    .array(
      z.union([
        stepRequest,
        z
          .unknown()
          .describe('Anything else is answered in its place as Refused, Unreadable; the other steps run.')
          // Reached where it is no step; parsed once more for what is wrong with it, which a union does not say.
          .transform((sent) => new UnreadableStep(stepRequest.safeParse(sent).error as z.core.$ZodError)),
      ]),
    )
    .max(LARGEST_BATCH),
});

/** Steps as the vault has read them. */
export type ReadSteps = z.output<typeof stepsRequest>;

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
  manager: managerName.optional(),
  installation: installationName.optional(),
});

export const auditProofQuery = z.strictObject({ after: digits });

const ids = z.array(named(64)).max(LARGEST_TRACE);

export const traceRequest = z.strictObject({
  subjects: z.array(z.strictObject({ kind: named(64), key: named(512) })).max(LARGEST_TRACE),
  reads: z.strictObject({ secrets: ids, machines: ids, since: z.int().min(0) }).nullable(),
}) satisfies z.ZodType<TraceRequest>;

export const keyUseRequest = z.strictObject({
  fingerprints: z.array(fingerprint).max(LARGEST_KEY_USE),
}) satisfies z.ZodType<KeyUseRequest>;
