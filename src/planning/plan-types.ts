/** What goes into planning and what comes out of it. All values, no behaviour. */
import type { Consequence } from '#model/consequence.ts';
import type {
  GroupFields,
  MachineFields,
  MemberFields,
  OrganizationFields,
  ProjectFields,
  SecretGenerator,
  TemplateFields,
} from '#model/fields.ts';
import type { KeyEnd } from '#model/key-ends.ts';
import type { HeldLosses, LossClass } from '#model/loss.ts';
import type { FreezeFlag, GrantTerms, LastLease, OrganizationState } from '#model/organization.ts';
import type { ManagedKind, ManagedRecord, Provenance } from '#model/record.ts';
import type { ToRotate } from '#model/rotation.ts';
import type { StepAction } from '#model/step.ts';

/** Where a declaration stands. */
export interface Source {
  readonly kind: ManagedKind;
  readonly namespace: string;
  readonly name: string;
  readonly provenance: Provenance;
  /** The UIDs of Organization, namespace and CRD as one text; null on the command line. */
  readonly seenUnder: string | null;
  /** The annotation `seneschal.dev/adopt` : consent to take over the vault object of that id (rail 11). */
  readonly adopt: string | null;
  /** `spec.reinstate` (rail 7). */
  readonly reinstate: string | null;
}

export interface DesiredMember {
  readonly source: Source;
  /** Lower case. */
  readonly email: string;
  readonly member: NonNullable<MemberFields['member']>;
  readonly grants: MemberFields['grants'];
}
export interface DesiredGroup {
  readonly source: Source;
  readonly name: string;
  /** `group` is never null here: an object declares it. */
  readonly fields: GroupFields;
}
export interface DesiredTemplate {
  readonly source: Source;
  readonly name: string;
  /** The name that it had before; null: none is said. */
  readonly renamedFrom: string | null;
  readonly fields: TemplateFields;
}
export interface DesiredSecret {
  readonly name: string;
  readonly generator: SecretGenerator | null;
  /** The entry by which a person deleted it, where it is answered (rail 7). */
  readonly reinstate?: string;
  /** It comes back with a value by the generator, and not with its own. */
  readonly reinstateAs?: 'NewValue';
}
export interface DesiredProject extends Omit<ProjectFields, 'secrets'> {
  readonly source: Source;
  readonly name: string;
  /** The name that it had before; null: none is said. */
  readonly renamedFrom: string | null;
  readonly grants: readonly (GrantTerms & { readonly member: string })[];
  readonly groupGrants: readonly (GrantTerms & { readonly group: string })[];
  readonly secrets: readonly DesiredSecret[];
  readonly deletionPolicy: 'Orphan' | 'Delete';
}
/** The public half of a key, and what the cluster can say for it. */
export interface DesiredKey {
  /** Lower-case hex SHA-256 of the raw public key. */
  readonly fingerprint: string;
  /** Standard base64 of the raw 32 bytes. */
  readonly publicKey: string;
  /** Rail 2: its `rotatePayload`, signed by a key that the vault accepts of the machine; absent: the cluster holds none. */
  readonly proof?: string | undefined;
  /** The key that is mounted and accepted, which this one is to follow; absent: it is the mounted one, or none is. */
  readonly beside?: string | undefined;
  /** Keys of the machine that the cluster is done with, as it decided; absent: none. */
  readonly ends?: readonly KeyEnd[] | undefined;
}

export interface DesiredMachine {
  readonly source: Source;
  readonly machineName: string;
  readonly fields: MachineFields;
  readonly deletionPolicy: 'Revoke' | 'Orphan';
  readonly suspended: boolean;
  /** The key that is staged or mounted in the cluster; null: none yet, or planned without a cluster. */
  readonly key: DesiredKey | null;
  /** Keys that are to end, as the cluster decided; empty without one. */
  readonly keyEnds: readonly KeyEnd[];
  /** Fingerprints that `spec.key.compromised` names. */
  readonly compromised: readonly string[];
}

/** What may be in the vault without anybody declaring it. */
export type ForeignKind = Exclude<ManagedKind, 'Organization'>;

/** What objects name, by natural keys of a kind. */
export interface Names {
  readonly named: Readonly<Record<ForeignKind, readonly string[]>>;
  /** Kinds of which objects that cannot be read may name more. */
  readonly unknown: readonly ForeignKind[];
}

/** What is declared for one organization, in one value. Broken or unresolvable objects are `incomplete`. */
export interface Desired {
  readonly manager: string;
  readonly organization: { readonly source: Source; readonly fields: OrganizationFields };
  /** The manager in whose place this one came, as the annotation says; null: none. */
  readonly takeOver: string | null;
  readonly members: readonly DesiredMember[];
  readonly groups: readonly DesiredGroup[];
  readonly templates: readonly DesiredTemplate[];
  readonly projects: readonly DesiredProject[];
  readonly machines: readonly DesiredMachine[];
  /**
   * Namespaces this run speaks for; records of other origins are left alone (design §4). Null: all of them, as the
   * operator does, which sees whether a namespace is gone or listed no longer.
   */
  readonly origins: readonly string[] | null;
  /** Objects that exist but cannot be read as a declaration: their natural keys must lose nothing. */
  readonly incomplete: readonly {
    readonly kind: ManagedKind;
    readonly key: string;
    readonly source: Source;
  }[];
  /**
   * What objects name that count for nothing else (rail 11): those of namespaces that no entry of `access` lists, and those
   * that are being deleted.
   */
  readonly uncounted: Names;
  /** Rail 6: every page was read and all caches are synced. */
  readonly complete: boolean;
  /**
   * The present UIDs of Organization, namespace and CRD by namespace that may bring objects and kind, each as one opaque
   * text, equal to `Source.seenUnder` of what is declared there. Known also where nothing of the kind is declared
   * any more. A namespace that is gone has no entry; null on the command line.
   */
  readonly seenUnder: Readonly<Record<string, Readonly<Record<ManagedKind, string>>>> | null;
}

/** An approval as it counts: proven by the API server, or given in the vault. */
export interface Approval {
  readonly digest: string;
  readonly approver: string;
  readonly via: 'PlanApproval' | 'Vault';
  /** Given in the vault by its owner; left out: by somebody else. */
  readonly byOwner?: boolean;
  readonly reference: string;
  readonly reason: string;
  readonly expiresAt: number;
}

/** How long the pending losses of a class have been the same; kept by the caller between passes. */
export interface Settling {
  readonly digest: string;
  readonly unchangedSince: number;
  /** When losses of this class first became pending, for the five minutes after which they are held. */
  readonly pendingSince: number;
}

/** Why nothing is written, to people, and what ends that. */
export type WhyObserved = Pick<Held, 'message' | 'next'>;

export interface PlanningPolicy {
  readonly approvals: readonly Approval[];
  readonly settling: Readonly<Partial<Record<LossClass, Settling>>>;
  /** False on the command line: a folder is seen whole, so losses need not settle. */
  readonly settle: boolean;
  /** Spec says Observe or suspend, the lease is another's, the vault was rolled back: plan, but run nothing. */
  readonly observeOnly: WhyObserved | null;
  readonly freeze: FreezeFlag | null;
  /** Whose record the organization's is, with the number of its last lease (rail 10). */
  readonly managedBy: LastLease | null;
  /** Which installation asks: it ends no keys of others; absent: the vault alone tells. */
  readonly installation?: string;
}

export interface Step {
  readonly action: StepAction;
  /** `stepHash` of the action. */
  readonly hash: string;
  /** The first field that differs, for people: `template: none -> developers`. */
  readonly why: string;
  readonly consequence: Consequence;
  /** Null: withdrawn, nobody declares it any more. */
  readonly source: Source | null;
  /** It follows from a declaration that is gone, or from there never being one: it settles and is confirmed as a loss is, also where it loses nothing. */
  readonly withdraws: boolean;
  /** The record after the step; null: dropped; undefined: untouched. */
  readonly record: ManagedRecord | null | undefined;
  /** Which object's record and status the step belongs to. */
  readonly subject: { readonly kind: ManagedKind; readonly key: string };
  readonly reinstate: string | null;
  /** The command line leaves these to the operator: the key pair is made in the cluster. */
  readonly executor: 'engine' | 'operator';
}

export type HoldReason =
  | 'LossBudget'
  | 'MassAbsence'
  | 'OriginGone'
  | 'NotSeenDeclared'
  | 'NotSettled'
  | 'NeedsApproval'
  | 'SettingsLoosened'
  | 'Floor'
  | 'EmptySource'
  | 'PartialView'
  | 'Frozen'
  | 'ObserveOnly';

/** Steps that a rail keeps from running. */
export interface Held {
  readonly reason: HoldReason;
  /** 1 to 12. */
  readonly rail: number;
  readonly steps: readonly Step[];
  /** What a PlanApproval must name; null where no approval can release it. */
  readonly digest: string | null;
  readonly message: string;
  readonly next: string;
  /** Whether a PlanApproval releases it too: else only an approval that is given in the vault. */
  readonly byPlanApproval: boolean;
}

/** Losses that wait for quiet (rail 1); `dueAt` is when they may run. */
export interface Pending {
  readonly class: LossClass;
  readonly steps: readonly Step[];
  readonly dueAt: number;
}

/** Losses of a class that run now, all or none, under one reservation. */
export interface LossGroup {
  readonly class: LossClass;
  readonly steps: readonly Step[];
  readonly approval: Approval | null;
  /** An open reservation that covers all of them; null: one is made first. */
  readonly reservationId: string | null;
}

/** Something that is not a step: reported on the object that it concerns. */
export interface Finding {
  readonly subject: { readonly kind: ManagedKind; readonly key: string };
  readonly source: Source | null;
  /** Constant: NotAdopted, Conflict, TemplateNotFound, ProjectNotFound, SecretMissing, ReinstateNeeded, InvitePending, InviteExpired, Foreign, Drift, ... */
  readonly reason: string;
  readonly severity: 'Info' | 'Waiting' | 'Stalled';
  readonly message: string;
  readonly next: string;
  /** What it is about, where that is more than its subject; absent: the subject alone. */
  readonly keys?: readonly string[];
  /** M2: the whole list of a `RotationAdvised`, as the audit entry of the removal has it; absent for other reasons. */
  readonly rotation?: ToRotate;
}

/** Something that was in the vault before the plan, and that this manager decides over once it has run. */
export interface NewlyManaged {
  readonly kind: ManagedKind;
  readonly key: string;
  /** Namespace of the declaration. */
  readonly origin: string;
  /** Namespace that the record says so far; null: there is no record. */
  readonly before: string | null;
}

export interface OrganizationPlan {
  readonly vaultId: string;
  /** Revision of the snapshot that it was made from. */
  readonly revision: number;
  readonly epoch: string;
  /** All steps in the order of design §5: what runs, what waits and what is held. What `plan` prints. */
  readonly steps: readonly Step[];
  /** The steps of `steps` that run now, in order, losses included. */
  readonly runnable: readonly Step[];
  readonly lossGroups: readonly LossGroup[];
  readonly pending: readonly Pending[];
  /** Invites beyond what may leave by now (rail 8): they wait, or run by an approval of just these, given in the vault. */
  readonly queuedInvites: readonly Step[];
  readonly held: readonly Held[];
  /** What the vault should keep as held from now on (rail 1); equal to the observed where nothing changed. */
  readonly holds: readonly HeldLosses[];
  readonly findings: readonly Finding[];
  /** What comes under this manager, or under another namespace of it, with steps of `steps`; sorted by kind and key. */
  readonly managed: readonly NewlyManaged[];
  /** Records that must be marked as seen under the present UIDs; bookkeeping, no steps. */
  readonly sightings: readonly {
    readonly kind: ManagedKind;
    readonly key: string;
    readonly seenUnder: string;
  }[];
  readonly settling: Readonly<Partial<Record<LossClass, Settling>>>;
  /** The next moment at which the same input gives another plan; null: none. */
  readonly wakeAt: number | null;
  /** Over all steps that need an approval that is not there; null: none does. */
  readonly digest: string | null;
}

/** `plan(desired, observed, policy, now)`: pure. */
export type PlanFunction = (
  desired: Desired,
  observed: OrganizationState,
  policy: PlanningPolicy,
  now: number,
) => OrganizationPlan;
