/** The plan as JSON, as a schema: for policies and for programs that read it. `schemas/plan.json` is generated from here. */
import { z } from 'zod';
import { LOSS_CLASSES } from '#model/loss.ts';
import { MANAGED_KINDS } from '#model/record.ts';
import { IN_ORDER } from '#model/standing.ts';
import { type PlanDocument, SCHEMA_VERSION } from './plan-document.ts';

const texts = z.array(z.string());
const rail = z.int().min(1).max(12);
const place = z.string().nullable().describe('`file:line` of the object; null: no object of the folder.');
/** Milliseconds since the epoch. */
const time = z.number();

const change = z.object({
  who: z.string().describe('E-mail address of a person, or name of a machine.'),
  gained: texts.describe('`Category: Cell`, `Category: Cell in PROJECT`, and secrets that a machine reads.'),
  lost: texts,
  until: z.record(z.string(), time).optional().describe('When what is gained or lost ends by itself, in ms.'),
  raised: texts.describe('What of it needs an approval (rail 2).'),
});

const step = z.object({
  hash: z.string().describe('SHA-256 of kind, key, before and after.'),
  kind: z.string(),
  key: z.string().describe('Name, or e-mail address, of what it changes.'),
  before: z.unknown(),
  after: z.unknown(),
  why: z.string(),
  standing: z.enum(['Run', 'Held', 'Operator']),
  loss: z.object({ class: z.enum(LOSS_CLASSES), units: z.int().min(0) }).nullable(),
  gain: z.boolean(),
  changes: z.array(change),
  source: z
    .object({ kind: z.string(), namespace: z.string(), name: z.string(), place })
    .nullable()
    .describe('The object that declares it; null: declared no longer.'),
});

const heldStep = z.object({
  reason: z.string(),
  rail,
  steps: texts.describe('Hashes.'),
  digest: z.string().nullable().describe('What an approval names; null: no approval releases it.'),
  message: z.string(),
  next: z.string(),
});

const openItem = z.object({
  standing: z.enum(IN_ORDER as [string, ...string[]]),
  reason: z.string(),
  rail: rail.nullable(),
  kind: z.string(),
  keys: texts,
  place,
  message: z.string(),
  next: z.string(),
});

const finding = z.object({
  kind: z.string(),
  key: z.string(),
  place,
  reason: z.string(),
  severity: z.enum(['Info', 'Waiting', 'Stalled']),
  message: z.string(),
  next: z.string(),
  rotation: z
    .object({
      rotate: texts.describe('`project/secret`.'),
      rotateKeys: z.array(z.object({ machine: z.string(), fingerprint: z.string() })),
    })
    .optional(),
});

const planSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  hash: z
    .string()
    .describe('SHA-256 of the canonical JSON (RFC 8785) of all but `hash`, `open` and `findings`.'),
  organization: z.object({ namespace: z.string(), name: z.string() }),
  vaultId: z.string(),
  epoch: z.string(),
  revision: z.int().min(0),
  digest: z.string().nullable().describe('Of all that is held; null: nothing needs an approval.'),
  observeOnly: z.string().nullable().describe('Why nothing would run; null: it would.'),
  steps: z.array(step).describe('In the order in which they run.'),
  held: z.array(heldStep),
  managed: z
    .array(
      z.object({
        kind: z.enum(MANAGED_KINDS),
        key: z.string(),
        origin: z.string(),
        before: z.string().nullable(),
      }),
    )
    .describe('What was in the vault before and is managed from here on.'),
  open: z.object({
    counts: z.partialRecord(z.enum(IN_ORDER as [string, ...string[]]), z.int().min(1)),
    items: z.array(openItem),
  }),
  findings: z.array(finding),
} satisfies Record<keyof PlanDocument, z.ZodType>);

/** JSON Schema (draft 7). Fields may be added within a `schemaVersion`, and none changes or goes. */
export function planJsonSchema(): object {
  return { title: 'Plan', ...z.toJSONSchema(planSchema, { target: 'draft-7', io: 'input' }) };
}
