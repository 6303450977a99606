/**
 * The management plane as an automation identity speaks it (design §7): bodies of requests and answers.
 * Steps travel in batches, because one request per organization must do; each step runs in its own
 * transaction and carries its own idempotency key, its `before` (its If-Match) and its provenance.
 *
 * Decides V4: the closed list of abilities.
 */

import type { KeyUse } from '#model/key-ends.ts';
import { BUDGET_WINDOW, type HeldLosses, type LossClass, type Reservation } from '#model/loss.ts';
import type { MembershipProof } from '#model/membership.ts';
import type {
  AuditHead,
  FreezeFlag,
  LastLease,
  LeaseHolder,
  LeaseState,
  OrganizationState,
} from '#model/organization.ts';
import type { Json, ManagedKind, ManagedRecord, Provenance } from '#model/record.ts';
import { spanText } from '#model/span-text.ts';
import type { StepAction } from '#model/step.ts';

/** Steps of one request at most. */
export const LARGEST_BATCH = 500;
/** Bytes of a request's body at most: 500 steps with their records, or the losses of 20,000 objects. */
export const LARGEST_BODY = 16 * 1024 * 1024;
/** Characters of a manager's name at most: `namespace/name` of an Organization, unless it names another. */
export const LONGEST_MANAGER = 63 + 1 + 253;
/** Machines of one request of the sync route at most: each comes with values. */
export const LARGEST_SYNC = 200;

/** Digests of one audit proof at most: asked on from where it ends, the next follow. */
export const LARGEST_PROOF = 2000;

/** Paths below `/api/v1/vaults/{vaultId}`. */
export const ROUTES = {
  snapshot: '/snapshot',
  changes: '/changes',
  lease: '/lease',
  reservations: '/reservations',
  holds: '/holds',
  steps: '/steps',
  sightings: '/sightings',
  sync: '/sync',
  freeze: '/freeze',
  approvals: '/approvals',
  auditProof: '/audit/proof',
  trace: '/trace',
  keyUse: '/keys/use',
} as const;

/**
 * What changes without a revision. It comes with the snapshot and with every 304, as JSON in the response header
 * `seneschal-vault`, and as the member `volatile` of a long poll's answer.
 */
export interface VolatileState {
  readonly head: AuditHead;
  readonly lease: LeaseState | null;
  readonly freeze: FreezeFlag | null;
  /** Whose record the organization's is, with the number of the last lease of that manager; null: nobody's. */
  readonly managedBy: LastLease | null;
  /** Another process of the same manager waits for the lease (rail 10). */
  readonly yieldRequested: boolean;
  /** Revision of secret versions, apart from the configuration's (V1). */
  readonly secretRevision: number;
}
export const VOLATILE_HEADER = 'seneschal-vault';

/** GET snapshot; `If-None-Match` gives 304. ETag: `"<epoch>.<revision>"`. */
export type SnapshotAnswer = OrganizationState;

/** GET changes?since=<revision>&secretsSince=<revision>&wait=<seconds>[&fencing=<n>&manager=<m>&installation=<i>] renews the lease. */
export interface ChangesAnswer {
  readonly epoch: string;
  readonly revision: number;
  /** Secrets whose current version is newer than `secretsSince`; ids and versions, no values. */
  readonly secrets: readonly { readonly id: string; readonly version: number }[];
  readonly volatile: VolatileState;
}

/** POST lease: take or renew. 409 `ManagementConflict` while it is another's, `LeaseHeld` while that one makes room. */
export interface LeaseRequest {
  readonly manager: string;
  readonly installation: string;
  /** Left out: an operator. */
  readonly holder?: LeaseHolder | undefined;
  /** Of the lease that is renewed; without it another process takes it, under a number of its own. */
  readonly fencing?: number | undefined;
}
export interface LeaseAnswer {
  readonly fencing: number;
  /** Milliseconds, counted from the answer on whatever clock whoever asked has. */
  readonly holdsFor: number;
}

/** What every write carries (rail 10). */
export interface Fence {
  readonly manager: string;
  readonly installation: string;
  readonly fencing: number;
}

/** DELETE lease: give it back; `lends`: an operator makes room for a command line, and has it back after it. */
export interface LeaseReturn extends Fence {
  readonly lends?: boolean | undefined;
}

export interface ApprovalClaim {
  readonly digest: string;
  readonly approver: string;
  /** PlanApproval: claimed by the operator, counts toward the ceiling. Vault: a person approved in the vault. */
  readonly via: 'PlanApproval' | 'Vault';
  /** Name of the PlanApproval object, or id of the vault's approval. */
  readonly reference: string;
  readonly reason: string;
}

/** POST reservations: all or none; repeated, it answers the reservation that is open. */
export interface ReservationRequest {
  readonly fence: Fence;
  readonly class: LossClass;
  readonly actions: readonly StepAction[];
  readonly approval: ApprovalClaim | null;
  /** Hashes of all steps under the approval's digest, where they are more than `actions` (other classes, settings). */
  readonly approvedHashes?: readonly string[] | undefined;
}
export type ReservationAnswer = Reservation;

/** POST holds: replaces what is held (rail 1); one a class. Moves revision and audit only where it differs. */
export interface HoldsRequest {
  readonly fence: Fence;
  readonly holds: readonly HeldLosses[];
}

export interface StepRequest {
  /** SHA-256 of vault id, epoch, step hash, snapshot revision (and the fingerprint where a key travels along). */
  readonly idempotencyKey: string;
  readonly action: StepAction;
  /** The managed record after the step; null: it is dropped with the step; absent: it is left alone. */
  readonly record?: ManagedRecord | null | undefined;
  /** Which record `record: null` drops. */
  readonly dropRecord?: { readonly kind: ManagedKind; readonly key: string } | undefined;
  /** The namespace that declares it, where no record says so: taking a thing over is a raise whatever step gives (rail 2). */
  readonly origin?: string | undefined;
  /** Rail 7: the tombstone that `spec.reinstate` names; cleared with the step. */
  readonly reinstate?: string | undefined;
  /** Standard base64 of the raw 32-byte public key; with RegisterMachine and AddMachineKey only. */
  readonly publicKey?: string | undefined;
  /** Rail 2: standard base64 of the signature over `rotatePayload` by a key that the machine has; with AddMachineKey only. */
  readonly keyProof?: string | undefined;
  /** The approval of a step that raises somebody, or of ApplySettings that loosens. */
  readonly approval?: ApprovalClaim | undefined;
  /** That `action` is under the approval's digest, where it is not the only one: the step comes without the others. */
  readonly approvalProof?: MembershipProof | undefined;
  readonly provenance: Provenance;
}
/** POST steps. At most 500 a request; each is judged by itself, and one that cannot be read is answered `Unreadable`. */
export interface StepsRequest {
  readonly fence: Fence;
  readonly steps: readonly StepRequest[];
}

export const REFUSALS = {
  StaleBefore: 'What the step was decided on no longer holds; the next pass observes again.',
  Forbidden: 'The delegation of this automation identity does not allow the step.',
  Frozen: 'Somebody froze the vault; managers write again after `seneschal thaw`.',
  LeaseLost: 'Another process holds the lease of this vault.',
  NotReserved: 'A loss without a reservation that covers it.',
  OverBudget: `The loss budget of ${spanText(BUDGET_WINDOW)} does not hold the losses; an approval is needed.`,
  CeilingReached: 'The hard ceiling of the delegation is reached; a person approves in the vault.',
  GainBudgetReached: 'The delegation gave as much as it may for now; it goes on at the time that is named.',
  SeatsExhausted: 'The plan of the organization has no free seat.',
  QuotaReached: 'A quota of the plan is reached.',
  PlanLapsed:
    'The plan of the organization lapsed: it is read only, and only losses of access run; whoever runs the server sets a plan.',
  PersonalVault: 'A personal vault has its owner alone; the owner converts it to an organization first.',
  AlreadyInvited: 'There is an open invite for this address.',
  AttemptsExhausted: 'The invite was sent as often as it may be; an edit in Git starts again.',
  Tombstoned:
    'A person cut this access in the vault; `spec.reinstate` must name the entry, unless the cut is final: that is given back or lifted by people.',
  NameTaken: 'There is another thing of that name.',
  NameKept:
    'What had the name was renamed of late; for 30 days only where it was declared may it be declared anew.',
  RenameReferenced: 'Objects of others name it; it is renamed once they do no more.',
  FingerprintTaken: 'The key is registered to another machine of this vault.',
  KeySlotsBusy: 'The machine has two keys already.',
  KeyInUse: 'The key was used too lately to end; the answer says when it may be asked again.',
  NotOurKey: 'Another installation, a person or a token brought the key: a person ends it.',
  KeyCompromised: 'The key was ended as compromised, and is taken for no machine of this vault again.',
  TemplateInUse: 'Members still hold the template.',
  TemplateArchived: 'The template is archived: who holds it keeps it, nobody new is given it.',
  NotFound: 'Look for the name among what there is; it may have been renamed or deleted.',
  NeedsApproval: 'The step raises somebody, or loosens what guards this vault; a person approves it first.',
  Floor: 'The owner changes by a transfer alone; take an admin out of rails.requiredAdmins in Git first.',
  Foreign: 'Change it where it is managed, or adopt it there by the annotation that names it.',
  IdempotencyKeyReused: 'Send another step under another key; the same one within 24 hours is the same step.',
  Invalid: 'Mend what the message names, and send it again.',
  Unreadable: 'Mend the field that the message names, in the object that the step is of.',
} as const;
export type Refusal = keyof typeof REFUSALS;

/** What keeps a key, and until when, where it is not used again meanwhile. */
export interface KeyInUse extends KeyUse {
  /** Milliseconds since the epoch, by the vault's clock. */
  readonly askAgainAt: number;
}

export type StepAnswer =
  | { readonly status: 'Done'; readonly machineId?: string | undefined; readonly entry?: string | undefined }
  | {
      readonly status: 'Refused';
      readonly code: Refusal;
      readonly message: string;
      readonly next: string;
      /** With `KeyInUse` alone. */
      readonly inUse?: KeyInUse | undefined;
    }
  /** A fault of the server; the step may be sent again. */
  | { readonly status: 'Failed'; readonly message: string };
export interface StepsAnswer {
  /** In the order of the request. */
  readonly results: readonly StepAnswer[];
  readonly revision: number;
}

/** POST sightings: under which UIDs records were seen declared, and their provenance. Bookkeeping: no revision, no audit. */
export interface SightingsRequest {
  readonly fence: Fence;
  readonly sightings: readonly {
    readonly kind: ManagedKind;
    readonly key: string;
    readonly seenUnder: string;
  }[];
}

/** POST sync (V9). */
export interface SyncRequest {
  readonly machines: readonly {
    readonly machineId: string;
    /** Unix seconds, decimal. */
    readonly timestamp: string;
    readonly nonce: string;
    /** Over `syncPayload`, by the machine's key. */
    readonly proof: string;
    /** Ids of the secrets wanted; only granted ones are answered. */
    readonly secrets: readonly string[];
  }[];
}
export interface SyncAnswer {
  readonly machines: readonly {
    readonly machineId: string;
    /** Null, or why nothing of this machine is answered: `BadProof`, `Disabled`, `Guarded`, `NotApproved`, `Unknown`. */
    readonly error: string | null;
    readonly secrets: readonly {
      readonly id: string;
      readonly name: string;
      readonly projectId: string;
      readonly version: number;
      readonly value: string;
      readonly fieldNames: string | null;
    }[];
    /** Asked for and not answered: `NotGranted`; `OutOfBounds` in a project that the delegation is not for (V4). */
    readonly refused: readonly { readonly id: string; readonly reason: string }[];
  }[];
}

/**
 * GET audit/proof?after=<sequence>: the hashes that lead from that entry to the head (A3), at most LARGEST_PROOF; where
 * they end before the head, it is asked for again from there.
 */
export interface AuditProof {
  readonly head: AuditHead;
  /** The chain's hash at `after`; null where the chain is shorter. */
  readonly hashAtAfter: string | null;
  /** SHA-256 of each entry's canonical JSON, in order; hash(n) = sha256(hash(n-1) + digest(n)), texts in lower-case hex. */
  readonly digests: readonly string[];
}

/** Subjects, and ids whose reads are asked for, of one trace at most. */
export const LARGEST_TRACE = 200;
/** Entries that one trace answers at most, the newest ones. */
export const LONGEST_TRACE = 500;

/**
 * POST trace: what the vault remembers of some things, for questions that the snapshot cannot answer; changes nothing. The
 * audit log is looked at from its end.
 */
export interface TraceRequest {
  /** As audit entries name what they are about: `Member` and an e-mail, `Secret` and `project/name`. */
  readonly subjects: readonly { readonly kind: string; readonly key: string }[];
  /** Null: no reads. */
  readonly reads: {
    /** Ids of secrets and of machines: a read of one of them counts. */
    readonly secrets: readonly string[];
    readonly machines: readonly string[];
    /** Milliseconds since the epoch. */
    readonly since: number;
  } | null;
}

/** An audit entry about one of the subjects. */
export interface TracedEntry {
  readonly id: string;
  readonly sequence: number;
  readonly at: number;
  readonly actor: { readonly type: string; readonly id: string | null; readonly name: string };
  readonly action: string;
  readonly subject: { readonly kind: string; readonly key: string };
  readonly details: { readonly [key: string]: Json };
  readonly provenance: Provenance;
}

/** What one machine read of one secret from one address, by their ids; `Sync`: by the operator, for the machine (V9). */
export interface TracedRead {
  readonly machine: string;
  readonly secret: string;
  readonly source: string | null;
  readonly by: 'Machine' | 'Sync';
  readonly times: number;
  readonly first: number;
  readonly last: number;
}

export interface TraceAnswer {
  /** Newest first. */
  readonly entries: readonly TracedEntry[];
  /** Sorted by secret, machine, address. */
  readonly reads: readonly TracedRead[];
  /** When the log was not looked at further back: of entries, of reads; null: it was, as far as was asked. */
  readonly lookedBackTo: { readonly entries: number | null; readonly reads: number | null };
  /** Every key of every machine, by name of the machine; sorted by machine and fingerprint. */
  readonly keys: readonly {
    readonly machine: string;
    readonly fingerprint: string;
    readonly createdAt: number;
    readonly lastUsedAt: number | null;
    readonly lastUsedFrom: string | null;
  }[];
}

/** Fingerprints of one request at most. */
export const LARGEST_KEY_USE = 1000;

/** POST keys/use: when keys were used last; changes nothing. Uses move no revision, so no snapshot has them. */
export interface KeyUseRequest {
  readonly fingerprints: readonly string[];
}
export interface KeyUseAnswer {
  /** Of those that machines within the delegation's bounds have; sorted by fingerprint. */
  readonly keys: readonly (KeyUse & { readonly fingerprint: string })[];
}

/** RFC 9457 problem document; `code` is a constant that callers may branch on. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The next step. */
  readonly next?: string | undefined;
}

/** V4: what an owner can delegate to an automation identity. */
export const ABILITIES = [
  'organization:settings',
  'members:manage',
  'groups:manage',
  'templates:manage',
  'projects:manage',
  'projects:delete',
  'secrets:create',
  'machines:manage',
  'values:sync',
] as const;
export type Ability = (typeof ABILITIES)[number];
