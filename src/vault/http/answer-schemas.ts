/** Schemas of answers, for the OpenAPI document; the compiler holds them against `management.ts`. */
import { z } from 'zod';
import { GAIN_CLASSES } from '#model/gains.ts';
import type { AuditHead, FreezeFlag, LeaseState } from '#model/organization.ts';
import {
  type AuditProof,
  type ChangesAnswer,
  type KeyUseAnswer,
  type LeaseAnswer,
  type Problem,
  REFUSALS,
  type Refusal,
  type ReservationAnswer,
  type StepAnswer,
  type StepsAnswer,
  type SyncAnswer,
  type TraceAnswer,
  type VolatileState,
} from '#protocol/management.ts';
import { lossClass, provenance } from '#protocol/schemas.ts';
import { json } from '#protocol/step-schemas.ts';

const count = z.int().min(0);
const milliseconds = z.int().min(0).describe('Milliseconds from the answer on.');
const time = z.int().describe('Milliseconds since the epoch.');

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  next: z.string().optional(),
}) satisfies z.ZodType<Problem>;

const head = z.object({
  epoch: z.string(),
  sequence: count,
  hash: z.string(),
}) satisfies z.ZodType<AuditHead>;

export const leaseShape = z.object({
  manager: z.string(),
  installation: z.string(),
  holder: z.enum(['Operator', 'CommandLine']),
  fencing: count,
  since: time,
  expiresAt: time,
  holdsFor: milliseconds,
  isLent: z.boolean(),
}) satisfies z.ZodType<LeaseState>;

/** For people. */
export const leaseShown = z.object({
  lease: leaseShape.nullable(),
  /** The operator that was refused last; null: none since the lease changed hands. */
  refused: z.object({ manager: z.string(), installation: z.string(), at: time }).nullable(),
});

const freeze = z.object({
  by: z.string(),
  reason: z.string(),
  at: time,
  all: z.boolean(),
}) satisfies z.ZodType<FreezeFlag>;

const volatile = z.object({
  head,
  lease: leaseShape.nullable(),
  freeze: freeze.nullable(),
  managedBy: z.object({ manager: z.string(), fencing: count }).nullable(),
  yieldRequested: z.boolean(),
  secretRevision: count,
}) satisfies z.ZodType<VolatileState>;

export const changesAnswer = z.object({
  epoch: z.string(),
  revision: count,
  secrets: z.array(z.object({ id: z.string(), version: count })),
  volatile,
}) satisfies z.ZodType<ChangesAnswer>;

export const leaseAnswer = z.object({
  fencing: count,
  holdsFor: milliseconds,
}) satisfies z.ZodType<LeaseAnswer>;

export const freezeAnswer = z.object({ freeze: freeze.nullable() });

export const reservationAnswer = z.object({
  id: z.string(),
  class: lossClass,
  digest: z.string(),
  stepHashes: z.array(z.string()),
  approved: z.boolean(),
  createdAt: time,
  expiresAt: time,
}) satisfies z.ZodType<ReservationAnswer>;

const stepAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('Done'),
    machineId: z.string().optional(),
    entry: z.string().optional(),
  }),
  z.object({
    status: z.literal('Refused'),
    code: z.enum(Object.keys(REFUSALS) as [Refusal, ...Refusal[]]),
    message: z.string(),
    next: z.string(),
    inUse: z
      .object({ askAgainAt: time, lastUsedAt: time.nullable(), lastUsedFrom: z.string().nullable() })
      .optional(),
  }),
  z.object({ status: z.literal('Failed'), message: z.string() }),
]) satisfies z.ZodType<StepAnswer>;

export const stepsAnswer = z.object({
  results: z.array(stepAnswer),
  revision: count,
}) satisfies z.ZodType<StepsAnswer>;

export const syncAnswer = z.object({
  machines: z.array(
    z.object({
      machineId: z.string(),
      error: z.string().nullable(),
      secrets: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          projectId: z.string(),
          version: count,
          value: z.string(),
          fieldNames: z.string().nullable(),
        }),
      ),
      refused: z.array(z.object({ id: z.string(), reason: z.string() })),
    }),
  ),
}) satisfies z.ZodType<SyncAnswer>;

export const auditProofAnswer = z.object({
  head,
  hashAtAfter: z.string().nullable(),
  digests: z.array(z.string()),
}) satisfies z.ZodType<AuditProof>;

/** The state as the model has it (src/model/organization.ts); lists of objects named by their natural keys. */
export const snapshotAnswer = z.object({
  vaultId: z.string(),
  epoch: z.string(),
  revision: count,
  displayName: z.string(),
  owner: z.string(),
  plan: z.object({
    name: z.string(),
    caps: z.object({
      members: count.nullable(),
      projects: count.nullable(),
      machines: count.nullable(),
      storedBytes: count.nullable(),
      groups: count.nullable(),
    }),
    billingUrl: z.string(),
    lapsedAt: time.optional(),
    isPersonal: z.literal(true).optional(),
    noConfirmation: z.literal(true).optional(),
  }),
  settings: z.record(z.string(), z.unknown()).nullable(),
  members: z.array(z.record(z.string(), z.unknown())),
  groups: z.array(z.record(z.string(), z.unknown())),
  templates: z.array(z.record(z.string(), z.unknown())),
  projects: z.array(z.record(z.string(), z.unknown())),
  secrets: z.array(z.record(z.string(), z.unknown())),
  machines: z.array(z.record(z.string(), z.unknown())),
  records: z.array(z.record(z.string(), z.unknown())),
  tombstones: z.array(z.record(z.string(), z.unknown())),
  formerNames: z.array(z.record(z.string(), z.unknown())),
  ledger: z.array(z.record(z.string(), z.unknown())),
  raises: z.array(z.record(z.string(), z.unknown())),
  reservations: z.array(reservationAnswer),
  holds: z.array(z.object({ class: lossClass, stepHashes: z.array(z.string()) })),
  approvals: z.array(z.record(z.string(), z.unknown())),
  ceilings: z.record(z.string(), count),
  ceilingsUsed: z.record(z.string(), count),
  gains: z.object({
    budgets: z.record(z.string(), count.nullable()),
    given: z.array(z.object({ class: z.enum(GAIN_CLASSES), units: count, at: time })),
  }),
  bounded: z.boolean(),
});

const nullableTime = time.nullable();

export const traceAnswer = z.object({
  entries: z
    .array(
      z.object({
        id: z.string(),
        sequence: count,
        at: time,
        actor: z.object({ type: z.string(), id: z.string().nullable(), name: z.string() }),
        action: z.string(),
        subject: z.object({ kind: z.string(), key: z.string() }),
        details: z.record(z.string(), json),
        provenance,
      }),
    )
    .readonly(),
  reads: z
    .array(
      z.object({
        machine: z.string(),
        secret: z.string(),
        source: z.string().nullable(),
        by: z.enum(['Machine', 'Sync']),
        times: count,
        first: time,
        last: time,
      }),
    )
    .readonly(),
  lookedBackTo: z.object({ entries: nullableTime, reads: nullableTime }),
  keys: z
    .array(
      z.object({
        machine: z.string(),
        fingerprint: z.string(),
        createdAt: time,
        lastUsedAt: nullableTime,
        lastUsedFrom: z.string().nullable(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<TraceAnswer>;

export const keyUseAnswer = z.object({
  keys: z
    .array(
      z.object({ fingerprint: z.string(), lastUsedAt: nullableTime, lastUsedFrom: z.string().nullable() }),
    )
    .readonly(),
}) satisfies z.ZodType<KeyUseAnswer>;
