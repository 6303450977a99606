/**
 * The state of one organization as a vault reports it (the snapshot) and as planning compares it.
 * References between things are natural keys (an e-mail, a name), never ids: the same decision then
 * reads the same on another vault and tomorrow. Ids stand where a caller must address the thing itself.
 * Times are milliseconds since the epoch.
 */
import type { Capabilities } from './capabilities.ts';
import type { Ending } from './ends.ts';
import type { Ceilings, DelegatedGains } from './gains.ts';
import type { HeldLosses, LedgerEntry, Reservation, VaultApproval } from './loss.ts';
import type { Json, ManagedRecord, Tombstone } from './record.ts';

export type Role = 'Owner' | 'Admin' | 'Member';
export type MemberState = 'Invited' | 'Active' | 'Suspended';
/** Accepting again after a key rotation (O5), or the owner's confirmation (I4). */
export type Awaited = 'Reacceptance' | 'Confirmation';
export type GrantAccess = 'Read' | 'Write';

/** All projects, present and future, or a sorted list of project names. */
export type ProjectScope = 'All' | readonly string[];

/** What a grant gives, whichever project it is in (G1), and until when (M5). */
export interface GrantTerms extends Ending {
  readonly access: GrantAccess;
}

/** G1: access of a member to one project. */
export interface Grant extends GrantTerms {
  readonly project: string;
}

/** M5: when an e-mail is on the list of a group no more. */
export interface MembershipEnd {
  readonly member: string;
  readonly expiresAt: number;
}

/** G1, G2: gives each member that it lists its grants, beside what they have otherwise. */
export interface Group extends GroupContent {
  readonly id: string;
  readonly name: string;
}

/** What a group is, whom it lists and what it gives. */
export interface GroupContent {
  readonly description: string;
  /** E-mails, lower case, sorted; invitees among them. */
  readonly members: readonly string[];
  /** Of those whose membership of the group ends (M5), sorted by e-mail; absent: of none. */
  readonly ends?: readonly MembershipEnd[];
  /** Sorted by project; one a project. */
  readonly grants: readonly Grant[];
}

/** I2: state of the invite of a member who has not joined. */
export interface Invite {
  readonly id: string;
  /** When the person was invited; sending it again changes `sentAt` alone. */
  readonly since: number;
  readonly sentAt: number;
  readonly expiresAt: number;
  /** How often it was sent, the first time included. */
  readonly attempts: number;
}

/**
 * The part of a member that decides access; what one SetMemberAccess step replaces as a whole. `expiresAt`: when the
 * membership ends; from then on the member is as if suspended (M5).
 */
export interface MemberAccess extends Ending {
  readonly role: Role;
  /** Name of the template, at most one (T1). */
  readonly template: string | null;
  /** When the assignment of the template ends (M5); absent: it has no end, or there is no template. */
  readonly templateExpiresAt?: number;
  /** Narrows the template's scope for this member (T1); null: the template's own. */
  readonly projectScope: ProjectScope | null;
  /** Sorted by project; one a project. */
  readonly grants: readonly Grant[];
}

export interface Member extends MemberAccess {
  readonly id: string;
  /** Lower case. */
  readonly email: string;
  readonly userName: string | null;
  /** What people and Git say; without access all the same while the member awaits something. */
  readonly state: MemberState;
  /** O5, I4: what the person has to do before `state` holds; absent: nothing. */
  readonly awaits?: Awaited;
  /** Present while state is Invited. */
  readonly invite: Invite | null;
  /** Absent: the person has not joined. */
  readonly joinedAt?: number;
}

export interface PermissionTemplate {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly capabilities: Capabilities;
  readonly projectScope: ProjectScope;
  /** Who holds it keeps it, and nobody new is given it. */
  readonly archived: boolean;
}

/** A raise of somebody who was a member, by a step of automation, and what it replaced (rail 2). */
export type RecentRaise =
  | RaiseOf<'SetMemberAccess', MemberAccess>
  | RaiseOf<'UpdateGroup', GroupContent>
  | RaiseOf<'UpdateTemplate', Pick<PermissionTemplate, 'description' | 'capabilities' | 'projectScope'>>;

interface RaiseOf<Kind, Value> {
  /** Id of its audit entry. */
  readonly entry: string;
  readonly kind: Kind;
  /** Natural key of what the step changed. */
  readonly key: string;
  readonly before: Value;
  readonly after: Value;
  /** Who gained what by it, as consequences say it: `Secrets: View in web`. */
  readonly gained: readonly { readonly who: string; readonly gained: readonly string[] }[];
  readonly at: number;
  /** When it was taken back; null: it was not. */
  readonly takenBackAt: number | null;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** A name that a project or a template had before `renamedFrom` moved it: kept for its origin until then. */
export interface FormerName {
  readonly kind: 'Project' | 'PermissionTemplate';
  readonly key: string;
  readonly manager: string;
  readonly origin: string;
  readonly until: number;
}

/** Metadata of a secret, never its value. Names are unique among the living secrets of a project. */
export interface Secret {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly version: number;
  /** Names of the fields of a structured secret; null for a plain one. */
  readonly fieldNames: readonly string[] | null;
}

export interface MachineKey {
  /** Lower-case hex SHA-256 of the raw 32-byte public key. */
  readonly fingerprint: string;
  /** M2: e-mail of the member who holds the private half, or may; absent: none of the members. */
  readonly maker?: string;
  /** When it came to the vault. */
  readonly addedAt: number;
  /** The installation that registered it by automation; null: a person, a token, or an unknown one did. */
  readonly installation: string | null;
  /**
   * Its last use, null where it was never used; absent where nobody asked: uses move no revision, so that the snapshot
   * has none of them (decision 0056).
   */
  readonly lastUsedAt?: number | null;
  /** The address of that use. */
  readonly lastUsedFrom?: string | null;
}

/** H2: a project a machine is in, and the secrets of it that it was granted one by one; both sorted. */
export interface MachineProject {
  readonly project: string;
  readonly secrets: readonly string[];
}

export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly approved: boolean;
  readonly enabled: boolean;
  /** When it was disabled; null while enabled. */
  readonly disabledAt: number | null;
  readonly keys: readonly MachineKey[];
  /** Sorted by project. */
  readonly access: readonly MachineProject[];
  /** Rail 2: the manager of its record brought no key of it so far; absent: it did, or there is no record. */
  readonly adopted?: true;
}

export interface Tier {
  readonly name: string;
  /** null: no cap. */
  readonly caps: {
    readonly members: number | null;
    readonly projects: number | null;
    readonly machines: number | null;
    /** Bytes of the values of all versions of secrets (P3). */
    readonly storedBytes: number | null;
    /** 0: the plan has no groups (P4). */
    readonly groups: number | null;
  };
  readonly billingUrl: string;
  /** P4: since when it is over; absent while it is not. */
  readonly lapsedAt?: number;
  /** P4: it has no confirmation of members; absent: it has. */
  readonly noConfirmation?: true;
  /** O1: the vault has its owner alone; absent: it is an organization. */
  readonly isPersonal?: true;
}

/** Rail 10: an operator stays where it is; a command line comes for a run, and goes. */
export type LeaseHolder = 'Operator' | 'CommandLine';

/** Rail 10: whose the lease is; null where anybody of the manager may take it. */
export interface LeaseState {
  readonly manager: string;
  readonly installation: string;
  readonly holder: LeaseHolder;
  readonly fencing: number;
  /** Since when this installation has it, by the vault's clock. */
  readonly since: number;
  /** By the vault's clock: it is told to people, and compared with no other clock. */
  readonly expiresAt: number;
  /** Milliseconds that it holds on where nobody renews it; 0: it ended, or is lent, and is that installation's still. */
  readonly holdsFor: number;
  /** The installation made room for a command line, which has not taken it yet, or is done. */
  readonly isLent: boolean;
}

/** Rail 10: a manager, and under which number it held the lease last; 0: never. */
export interface LastLease {
  readonly manager: string;
  readonly fencing: number;
}

/** Rail 12. */
export interface FreezeFlag {
  readonly by: string;
  readonly reason: string;
  readonly at: number;
  /** Explicit suspensions wait too. */
  readonly all: boolean;
}

/** A3: the newest entry of the audit chain. */
export interface AuditHead {
  readonly epoch: string;
  readonly sequence: number;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
}

export interface OrganizationState {
  readonly vaultId: string;
  /** New after a restore (V1). */
  readonly epoch: string;
  /** Grows with every change of configuration (V1). */
  readonly revision: number;
  readonly displayName: string;
  /** E-mail of the owner (O3). */
  readonly owner: string;
  readonly plan: Tier;
  /** The rails that are in force, as the step that applied them said them, whichever record there is; null: none were applied. */
  readonly settings: Json;
  /** Every list is sorted by natural key. */
  readonly members: readonly Member[];
  readonly groups: readonly Group[];
  readonly templates: readonly PermissionTemplate[];
  readonly projects: readonly Project[];
  readonly secrets: readonly Secret[];
  readonly machines: readonly Machine[];
  readonly records: readonly ManagedRecord[];
  readonly tombstones: readonly Tombstone[];
  /** Names that Git took from things of late; sorted by kind and key. */
  readonly formerNames: readonly FormerName[];
  /** Losses of the last seven days (rail 1). */
  readonly ledger: readonly LedgerEntry[];
  /** Open ones only. */
  readonly reservations: readonly Reservation[];
  /** What is held whatever the window of the budget says by now (rail 1); one a class, sorted by class. */
  readonly holds: readonly HeldLosses[];
  /** Of the last day, those that may be taken back and those that were (rail 2); in the order of their entries. */
  readonly raises: readonly RecentRaise[];
  /** Unused ones that a person gave in the vault. */
  readonly approvals: readonly VaultApproval[];
  /** The hard ceilings of the delegation that asked, in units for seven days (rail 1). */
  readonly ceilings: Ceilings;
  /** Units that count toward them. */
  readonly ceilingsUsed: Ceilings;
  /** V4: what the delegation that asked may give, and gave. */
  readonly gains: DelegatedGains;
  /** V4: the delegation that asked is for some projects alone, and changes nothing of the whole vault. */
  readonly bounded: boolean;
}

/** E-mails are compared without case. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}
