/** The fields of each kind as a manager declares them; what `ManagedRecord.applied` holds. Lists are sorted. */
import type { Authority } from './authority.ts';
import type { Capabilities } from './capabilities.ts';
import type { InviteSettings } from './invites.ts';
import type { Budget, LossClass, LossMode } from './loss.ts';
import type {
  Grant,
  GroupContent,
  MachineProject,
  MemberAccess,
  MembershipEnd,
  ProjectScope,
  Role,
} from './organization.ts';
import type { BroughtKind } from './record.ts';

export const PRIVILEGE_APPROVALS = ['Always', 'Exclusive', 'Never'] as const;
export type PrivilegeApproval = (typeof PRIVILEGE_APPROVALS)[number];

/** Who approves beside the owner. */
export interface Approvers {
  /** User names, as the API server knows them: their PlanApprovals count. */
  readonly users: readonly string[];
  /** The same, by group. */
  readonly groups: readonly string[];
  /** E-mails, lower case, of members who approve in the vault. */
  readonly members: readonly string[];
}

/**
 * What objects of a namespace may declare. Of the Organization's own namespace, which may bring everything, only which
 * projects its bindings may read beside those that are declared there. What is not named is not allowed.
 */
export interface NamespaceAccess {
  readonly namespace: string;
  readonly kinds: readonly BroughtKind[];
  /** Of people that it brings. */
  readonly roles: readonly Exclude<Role, 'Owner'>[];
  /** Names in the vault of templates that it brings, and that its people hold. */
  readonly templates: readonly string[];
  /** Cells of templates that it brings. */
  readonly cells: Capabilities;
  /** Names in the vault of projects that it brings, grants, puts into scopes of templates, and that its bindings read. */
  readonly projects: readonly string[];
}

/** The rails of an Organization as declared, defaults filled in (design §6). */
export interface RailSettings {
  /** How long losses must stay unchanged before they run, in seconds (rail 1). */
  readonly settleSeconds: number;
  /** `Hold`: no budget lets a loss run, but for explicit suspensions (rail 1). */
  readonly losses: LossMode;
  readonly lossBudget: Readonly<Record<LossClass, Budget>>;
  /** E-mails that always stay admins (rail 3). */
  readonly requiredAdmins: readonly string[];
  /** Which raises wait for an approval (rail 2); `Exclusive`: those of a kind over which the authority is exclusive. */
  readonly privilegeApproval: PrivilegeApproval;
  readonly approvers: Approvers;
  /** Sorted by namespace, one entry each; what is not named here is not allowed (design §4). */
  readonly access: readonly NamespaceAccess[];
  /** How long invites are open, and how many leave (I2, rail 8). */
  readonly invites: InviteSettings;
  /** Who joins or is un-suspended is confirmed by the owner, whatever the vault itself asks for (I4). */
  readonly confirmation: boolean;
  /** What becomes of what was never ours (rail 11). */
  readonly authority: Authority;
}

export interface OrganizationFields {
  /** null: the name is left to the vault. */
  readonly displayName: string | null;
  /** E-mail, lower case, of who should own it (O3); null: that is left to the vault. */
  readonly owner: string | null;
  readonly rails: RailSettings;
}

/** Of the Member object itself: the access but for the grants, which other objects declare too. */
interface OwnFields extends Omit<MemberAccess, 'role' | 'grants'> {
  readonly role: Exclude<Role, 'Owner'>;
  readonly state: 'Active' | 'Suspended';
}

/**
 * What is declared about one e-mail: by its Member object, and by grants of Project objects, merged (G1).
 * Where only grants of projects name a person, the fields of the Member object are null and left alone.
 */
export interface MemberFields {
  readonly member: OwnFields | null;
  readonly grants: readonly Grant[];
}

export interface TemplateFields {
  readonly description: string;
  readonly capabilities: Capabilities;
  readonly projectScope: ProjectScope;
}

/**
 * What is declared about one group: by its Group object, and by grants of Project objects, merged (G1).
 * Where only grants of projects name it, `group` is null, and description and members are left alone.
 */
export interface GroupFields {
  readonly group: Pick<GroupContent, 'description'> | null;
  readonly members: readonly string[];
  /** Of those whose membership ends (M5); absent: of none. */
  readonly ends?: readonly MembershipEnd[];
  readonly grants: readonly Grant[];
}

export interface SecretGenerator {
  /** Number of characters, 8 to 1024. */
  readonly length: number;
  readonly charset: 'Alphanumeric' | 'Hex' | 'Ascii';
}

export interface ProjectFields {
  readonly description: string;
  /** Names of the secrets that must exist. */
  readonly secrets: readonly string[];
}

export interface MachineFields {
  readonly access: readonly MachineProject[];
}
