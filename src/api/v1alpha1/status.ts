/**
 * The statuses. Several field managers write parts of one object by server-side apply (the organization pass
 * and the binding pass), so conditions are a map keyed by type and every part is an object or map of its own.
 */
import { z } from 'zod';
import { IN_ORDER, type OpenKey, openKeyOf } from '#model/standing.ts';
import { condition } from './field-schemas.ts';
import type { Kind } from './kinds.ts';
import { mapList } from './rules.ts';

const common = {
  /** -1 until somebody looked (the default is in the CRD). */
  observedGeneration: z.int().min(-1).optional(),
  /** Keyed by type. */
  conditions: mapList(condition, ['type'], 16).optional(),
};

/** RFC 3339, seconds. */
const time = z.string().max(32);
const count = z.int().min(0);

/** What is open, counted by standing; a standing of which there is nothing is absent. */
const openCounts = z.strictObject(
  Object.fromEntries(IN_ORDER.map((standing) => [openKeyOf(standing), count.optional()])) as {
    [key in OpenKey]: z.ZodOptional<typeof count>;
  },
);

/** A4: what Git tooling claims of what was applied last. */
const provenance = z
  .strictObject({
    commit: z.string().max(256),
    repository: z.string().max(2048),
    path: z.string().max(1024),
    author: z.string().max(1024),
    changeUrl: z.string().max(2048),
    /** Who wrote the object, where it is not from Git or nothing better is known. */
    fieldManager: z.string().max(256),
    changedAt: z.string().max(64),
    /** Somebody changed it beside Git. */
    notFromGit: z.boolean(),
  })
  .partial()
  .optional();

const organizationStatus = z.strictObject({
  ...common,
  provenance,
  /** The vault that was last observed, by the credentials; of two Organizations with one vault this one goes on. */
  vault: z.strictObject({ url: z.string().max(512), vaultId: z.string().max(64) }).optional(),
  counts: z
    .strictObject({
      /** In the vault: joined, invited and suspended. */
      members: count,
      invited: count,
      suspended: count,
      groups: count,
      templates: count,
      projects: count,
      machines: count,
    })
    .optional(),
  plan: z
    .strictObject({
      /** Steps that the last pass found, those held included. */
      steps: count,
      held: count,
      /** What a PlanApproval must name; absent: no approval is needed. */
      digest: z.string().max(64).optional(),
      /** What is held, and why, in words. */
      summary: z.string().max(4096).optional(),
    })
    .optional(),
  open: openCounts.optional(),
  /** E-mail of who owns the organization. */
  owner: z.string().max(254).optional(),
  /** What it subscribed to, and how much of it is used; an absent cap is none. */
  tier: z
    .strictObject({ name: z.string().max(64), seats: count, seatsUsed: count })
    .partial({ seats: true })
    .optional(),
  /** That are out, and when the first of them ends unanswered. */
  invites: z.strictObject({ open: count, nextExpiry: time }).partial({ nextExpiry: true }).optional(),
  /** A3: the anchor outside of the vault. */
  auditHead: z
    .strictObject({ epoch: z.string().max(64), sequence: count, hash: z.string().max(64) })
    .optional(),
  /** Revision of the vault's configuration that the last plan was made from. */
  lastPlannedRevision: count.optional(),
});

const memberStatus = z.strictObject({
  ...common,
  provenance,
  memberId: z.string().max(64).optional(),
  /** While the person has not joined. */
  invite: z
    .strictObject({
      state: z.enum(['Pending', 'Expired', 'Declined']),
      sentAt: time.optional(),
      expiresAt: time.optional(),
      attempts: count.optional(),
    })
    .optional(),
  /** As the vault has it; the owner is no Member. */
  role: z.enum(['Owner', 'Admin', 'Member']).optional(),
  joinedAt: time.optional(),
  /** By whom the last raise or invite was approved, where one was; of a PlanApproval what automation told the vault. */
  approved: z
    .strictObject({ by: z.string().max(512), via: z.enum(['Vault', 'PlanApproval']), at: time })
    .optional(),
  /** What the person has now, in brief; absent: nothing, as while they are suspended. */
  access: z
    .strictObject({
      template: z.string().max(253),
      /** `payments=Write, web=Read`: direct grants and those of groups, the greater of each. */
      grants: z.string().max(1024),
      /** Groups that give something. */
      groups: z.string().max(1024),
    })
    .partial()
    .optional(),
  /** As the vault has it: Invited, Active, Suspended; Ended once `expiresAt` has come (M5); absent: not there. */
  state: z.enum(['Invited', 'Active', 'Suspended', 'Ended']).optional(),
});

const groupStatus = z.strictObject({
  ...common,
  provenance,
  groupId: z.string().max(64).optional(),
  /** Whom the group lists in the vault, invitees among them, declared or not. */
  members: count.optional(),
  /** Projects in which the group gives access. */
  grants: count.optional(),
});

const permissionTemplateStatus = z.strictObject({
  ...common,
  provenance,
  templateId: z.string().max(64).optional(),
  /** Members that hold it. */
  holders: count.optional(),
});

const projectStatus = z.strictObject({
  ...common,
  provenance,
  projectId: z.string().max(64).optional(),
  /** Living secrets of the project, declared or not. */
  secrets: count.optional(),
});

const machineBindingStatus = z.strictObject({
  ...common,
  provenance,
  /** Written by the organization pass. */
  machineId: z.string().max(64).optional(),
  /** Lower-case hex SHA-256 of the public key that pods use. Written by the binding pass. */
  fingerprint: z.string().max(64).optional(),
  /** Secrets that the machine may read. Written by the organization pass. */
  grantedSecrets: count.optional(),
  /** Keyed by secretName. Written by the binding pass. */
  targets: mapList(
    z.strictObject({
      secretName: z.string().max(253),
      /** Of an immutable target: the Secret with the current content. */
      current: z.string().max(253).optional(),
      /** Values in it. */
      keys: count,
      /** SHA-256 over ids and versions of the values in it, lower-case hex. */
      synced: z.string().max(64),
    }),
    ['secretName'],
    100,
  ).optional(),
});

const planApprovalStatus = z.strictObject({
  ...common,
  state: z.enum(['Unused', 'Used', 'Expired', 'Refused']).optional(),
  usedAt: time.optional(),
});

export const STATUSES = {
  Organization: organizationStatus,
  Member: memberStatus,
  Group: groupStatus,
  PermissionTemplate: permissionTemplateStatus,
  Project: projectStatus,
  MachineBinding: machineBindingStatus,
  PlanApproval: planApprovalStatus,
} as const satisfies Record<Kind, z.ZodType>;

export type Status<K extends Kind> = z.infer<(typeof STATUSES)[K]>;
