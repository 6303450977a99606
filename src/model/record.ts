/** Managed records (design §4), provenance (A4) and tombstones (rail 7). */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A4: what Git tooling claims about a change; shown as a claim. */
export interface Provenance {
  readonly commit?: string | undefined;
  readonly path?: string | undefined;
  readonly author?: string | undefined;
  readonly changeUrl?: string | undefined;
  /** Field manager of the last change, where nothing better is known. */
  readonly fieldManager?: string | undefined;
  /** RFC 3339 time of the last change. */
  readonly changedAt?: string | undefined;
  /** Where the commit is kept; an address without a password or a token. */
  readonly repository?: string | undefined;
  /** Somebody changed it beside Git, in the cluster or in the work tree. */
  readonly notFromGit?: boolean | undefined;
}

/** What objects of any namespace may be (design §4, `access`). */
export const BROUGHT_KINDS = ['Member', 'Group', 'PermissionTemplate', 'Project', 'MachineBinding'] as const;
export type BroughtKind = (typeof BROUGHT_KINDS)[number];

export const MANAGED_KINDS = ['Organization', ...BROUGHT_KINDS] as const;
export type ManagedKind = (typeof MANAGED_KINDS)[number];

/** Kept by the vault for each object that a manager created, changed or claimed. */
export interface ManagedRecord {
  readonly kind: ManagedKind;
  /** Natural key: e-mail or name; the vault id for an Organization. */
  readonly key: string;
  readonly manager: string;
  /** Namespace of the object. */
  readonly origin: string;
  /** The fields and items that the manager applied: the shape of the kind in `fields.ts`. */
  readonly applied: Json;
  readonly deletionPolicy: string | null;
  readonly provenance: Provenance;
  /**
   * Under which UIDs of Organization, namespace and CRD the object was last seen declared (one opaque text);
   * null where it was applied by the command line. A loss by absence counts only under the present ones.
   */
  readonly seenUnder: string | null;
  /**
   * Of the last step about it that an approval released, as a raise or as an invite beyond the bounds; absent: there was none. The
   * vault writes it, whatever a manager sends.
   */
  readonly approved?: Approved;
  /** The line `renamedFrom` that was answered last: by the rename, or when it was made anew; absent: none was. */
  readonly renamedFrom?: string;
}

/** Who approved, in which way, and when a step was released by it. */
export interface Approved {
  /** In the vault a user name; of a PlanApproval what automation claims. */
  readonly by: string;
  readonly via: 'Vault' | 'PlanApproval';
  readonly at: number;
}

/** The acts of people that take access away (rail 7). */
export type TombstoneAct =
  | 'Suspended'
  | 'Removed'
  | 'Left'
  | 'Declined'
  | 'RoleLowered'
  | 'TemplateTaken'
  | 'ScopeNarrowed'
  | 'GrantRemoved'
  | 'EndShortened'
  | 'CellRemoved'
  | 'MembershipRemoved'
  | 'GroupDeleted'
  | 'ProjectDeleted'
  | 'SecretDeleted'
  | 'MachineDisabled'
  | 'MachineRevoked'
  | 'MachineKeyRevoked';

/** Rail 7: access that a person cut; never given back until `spec.reinstate` names the entry, and a final one by people alone. */
export interface Tombstone {
  /** Id of the audit entry, `aud_...`. */
  readonly entry: string;
  readonly kind: ManagedKind;
  readonly key: string;
  readonly act: TombstoneAct;
  /**
   * The project (of a machine, or `project/secret`) of a removed grant, the removed cell, the e-mail that was taken off a group, the fingerprint of a key, the
   * template that was taken, the project that was taken out of a scope, the secret of a project; null where the act is about the whole.
   */
  readonly item: string | null;
  /** User name of the person. */
  readonly actor: string;
  readonly at: number;
  /** A person made it final: no entry in Git answers it, until people lift that or give the access back themselves. */
  readonly final: boolean;
  /**
   * Of a deletion, the id of the secret or project while it lies in the trash and comes back under its name; absent: of another
   * act, or there is nothing left to restore.
   */
  readonly trashed?: string;
}
