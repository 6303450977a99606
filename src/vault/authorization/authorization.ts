/**
 * V3: the one place that decides who may do what. People by the cells of their effective access, automation
 * by the abilities of its delegation (V4); no route decides by itself.
 *
 * Decides V3: what each operation asks for, and that every caller is asked.
 * Decides V4: which ability each step and operation of automation takes.
 * Decides O4: which role or cell each operation of people takes.
 * Decides P4: which operations of people only take away, and so go on where the tier lapsed.
 * Decides rail 4: that no ability reaches an automation identity.
 */

import type { Kysely } from 'kysely';
import type { EffectiveAccess } from '#model/access.ts';
import { type AskedOfPerson, decideMember, refusalOf } from '#model/member-decision.ts';
import type { ManagedKind } from '#model/record.ts';
import type { StepKind } from '#model/step.ts';
import type { Ability } from '#protocol/management.ts';
import type { Actor, AutomationActor } from '../act/actor.ts';
import { type DomainError, refuse } from '../common/domain-error.ts';
import { isNamedApprover } from '../managed/applied-settings.ts';
import type { Database } from '../store/schema.ts';
import { heldAccess } from './held-access.ts';

/** The ability that a step needs; Claim and Release need that of the kind they are about. */
const STEP_ABILITIES: Readonly<Record<Exclude<StepKind, 'Claim' | 'Release'>, Ability>> = {
  RenameOrganization: 'organization:settings',
  TakeOver: 'organization:settings',
  ApplySettings: 'organization:settings',
  CreateTemplate: 'templates:manage',
  UpdateTemplate: 'templates:manage',
  DeleteTemplate: 'templates:manage',
  CreateGroup: 'groups:manage',
  UpdateGroup: 'groups:manage',
  DeleteGroup: 'groups:manage',
  CreateProject: 'projects:manage',
  RenameProject: 'projects:manage',
  RenameTemplate: 'templates:manage',
  RestoreProject: 'projects:manage',
  UpdateProject: 'projects:manage',
  DeleteProject: 'projects:delete',
  CreateSecret: 'secrets:create',
  RestoreSecret: 'secrets:create',
  InviteMember: 'members:manage',
  ResendInvite: 'members:manage',
  CancelInvite: 'members:manage',
  SetMemberAccess: 'members:manage',
  SuspendMember: 'members:manage',
  UnsuspendMember: 'members:manage',
  RemoveMember: 'members:manage',
  RegisterMachine: 'machines:manage',
  AddMachineKey: 'machines:manage',
  RevokeKeyIfIdle: 'machines:manage',
  SetMachineAccess: 'machines:manage',
  EnableMachine: 'machines:manage',
  DisableMachine: 'machines:manage',
  RevokeMachine: 'machines:manage',
};

const KIND_ABILITIES: Readonly<Record<ManagedKind, Ability>> = {
  Organization: 'organization:settings',
  Member: 'members:manage',
  Group: 'groups:manage',
  PermissionTemplate: 'templates:manage',
  Project: 'projects:manage',
  MachineBinding: 'machines:manage',
};

/** What an operation asks of each kind of actor. */
export interface Requirement {
  /**
   * Null: no automation identity may. `any`: each one may, whatever it was delegated. `write`: each one that may
   * change something, so that one that only observes keeps no manager out (rail 10).
   */
  readonly ability: Ability | 'any' | 'write' | null;
  /**
   * Null: no person may. `own`: every member, about themselves. `Owner`, `Admin`: by role (O4). `Approver`: the owner,
   * or whom the rails last applied name (rail 2).
   */
  readonly person: AskedOfPerson;
  /** O1: a personal vault has nothing that it could be about. */
  readonly organization?: true;
  /**
   * P4: it only takes access away, or stops a manager, and a person may do it in an organization whose plan lapsed.
   */
  readonly takesAway?: true;
}

/** The operations that are no steps. */
export const OPERATIONS = {
  observe: { ability: 'any', person: null },
  lease: { ability: 'write', person: null },
  reserve: { ability: 'write', person: null },
  hold: { ability: 'write', person: null },
  sight: { ability: 'write', person: null },
  /** Each step asks again, by its kind. */
  runSteps: { ability: 'write', person: null },
  sync: { ability: 'values:sync', person: null },
  /** Rail 12: managers go on with losses where the plan lapsed, so they can be stopped there, and let go on. */
  freeze: { ability: 'write', person: 'Admin', takesAway: true },
  thaw: { ability: null, person: 'Owner', takesAway: true },
  /** Rail 7: beside the operation by which one makes such a cut (`final-cuts.ts`). */
  finalizeCut: { ability: null, person: 'own', takesAway: true },
  /** Rail 7: beside the same operation. */
  liftCut: { ability: null, person: 'Admin' },
  listCuts: { ability: null, person: 'Admin' },
  viewLease: { ability: null, person: 'Approver' },
  /** Rail 10: a manager stops by it, and another goes on; where the plan lapsed, with losses. */
  handOverLease: { ability: null, person: 'Approver', takesAway: true },
  proveAudit: { ability: 'any', person: 'Audit log: View others' },
  /** As the snapshot: each delegation sees whom it could act on. */
  trace: { ability: 'any', person: null },
  viewKeyUse: { ability: 'any', person: null },
  exportAudit: { ability: null, person: 'Audit log: View others' },
  /** What the rails hold runs by an approval; where the plan lapsed, the losses among it. */
  approve: { ability: null, person: 'Approver', takesAway: true },
  suspendMember: { ability: null, person: 'Organization: Suspend', organization: true, takesAway: true },
  unsuspendMember: { ability: null, person: 'Organization: Suspend', organization: true },
  removeMember: { ability: null, person: 'Organization: Remove', organization: true, takesAway: true },
  /**
   * O4: of a member or a group; in the baseline of admins, beside their cells. Projects: Manage is not enough: a
   * template gives it, and who holds it would give themselves secrets.
   */
  setGrant: { ability: null, person: 'Admin', organization: true },
  removeGrant: { ability: null, person: 'Admin', organization: true, takesAway: true },
  viewTemplates: { ability: null, person: 'Templates: View', organization: true },
  /** T4: makes or edits one. */
  changeTemplate: { ability: null, person: 'Templates: Manage', organization: true },
  /** T4: takes a cell out, archives or deletes one. */
  narrowTemplate: { ability: null, person: 'Templates: Manage', organization: true, takesAway: true },
  assignTemplate: { ability: null, person: 'Organization: Assign templates', organization: true },
  takeTemplate: {
    ability: null,
    person: 'Organization: Assign templates',
    organization: true,
    takesAway: true,
  },
  changeScope: { ability: null, person: 'Organization: Change member scope', organization: true },
  /** O4: who is an admin. */
  appointAdmin: { ability: null, person: 'Owner', organization: true },
  dismissAdmin: { ability: null, person: 'Owner', organization: true, takesAway: true },
  /** O4: in the baseline of admins, without a cell. */
  manageGroups: { ability: null, person: 'Admin', organization: true },
  /** O4: takes a member off one, or deletes it. */
  narrowGroups: { ability: null, person: 'Admin', organization: true, takesAway: true },
  viewGroups: { ability: null, person: 'Organization: View members', organization: true },
  createProject: { ability: null, person: 'Projects: Create' },
  editProject: { ability: null, person: 'Projects: Manage' },
  /** Which of them is by `Projects: View` in each. */
  listProjects: { ability: null, person: 'own' },
  viewOwnAccess: { ability: null, person: 'own' },
  viewAccess: { ability: null, person: 'Organization: View members' },
  /** P3; with plan and bill, which are settings (O4). */
  viewUsage: { ability: null, person: 'Owner' },
  manageMachine: { ability: null, person: 'Machines: Manage' },
  restrictMachine: { ability: null, person: 'Machines: Manage', takesAway: true },
  listMachines: { ability: null, person: 'Machines: View' },
  /** H1: beside `manageMachine`, in each project that a machine is attached to. */
  attachMachine: { ability: null, person: 'Secrets: Manage' },
  viewIpAllowlist: { ability: null, person: 'IP allowlist: View' },
  manageIpAllowlist: { ability: null, person: 'IP allowlist: Manage' },
  setSecret: { ability: null, person: 'Secrets: Manage' },
  deleteSecret: { ability: null, person: 'Secrets: Manage' },
  listVersions: { ability: null, person: 'Secrets: View' },
  viewStorage: { ability: null, person: 'Owner' },
  deleteProject: { ability: null, person: 'Projects: Delete' },
  viewTrash: { ability: null, person: 'Trash: View' },
  restore: { ability: null, person: 'Trash: Restore' },
  purge: { ability: null, person: 'Trash: Purge' },
  viewPolicy: { ability: null, person: 'Policies: View' },
  /** Which of them is by `Policies: View` in each project. */
  listPolicies: { ability: null, person: 'own' },
  managePolicy: { ability: null, person: 'Policies: Manage' },
  leave: { ability: null, person: 'own', organization: true, takesAway: true },
  createAutomation: { ability: null, person: 'Owner' },
  inviteMember: { ability: null, person: 'Organization: Invite', organization: true },
  cancelInvite: { ability: null, person: 'Organization: Invite', organization: true, takesAway: true },
  /** Which of them is by `Organization: View members`. */
  listInvites: { ability: null, person: 'own', organization: true },
  listMembers: { ability: null, person: 'Organization: View members', organization: true },
  /** The number of the revision, and waiting for the next. */
  followVault: { ability: null, person: 'own' },
  viewVault: { ability: null, person: 'own' },
  /** O1, V4: conversion, deletion and transfer are never delegated. */
  convert: { ability: null, person: 'Owner' },
  renameVault: { ability: null, person: 'Owner' },
  deleteVault: { ability: null, person: 'Owner', takesAway: true },
  offerOwnership: { ability: null, person: 'Owner', organization: true },
  withdrawOwnership: { ability: null, person: 'Owner', organization: true, takesAway: true },
  takeOwnership: { ability: null, person: 'own', organization: true },
  declineOwnership: { ability: null, person: 'own', organization: true, takesAway: true },
  rotateKeys: { ability: null, person: 'Owner', organization: true, takesAway: true },
  requireConfirmation: { ability: null, person: 'Owner', organization: true },
  confirmMember: { ability: null, person: 'Owner', organization: true },
  listAutomations: { ability: null, person: 'Owner' },
  revokeAutomation: { ability: null, person: 'Owner', takesAway: true },
  addAutomationKey: { ability: null, person: 'Owner' },
  changeAutomation: { ability: null, person: 'Owner' },
  /** Which of them is by `Secrets: View` in each project. */
  listSecrets: { ability: null, person: 'own' },
  viewAlerts: { ability: null, person: 'Alerts: View' },
  manageAlerts: { ability: null, person: 'Alerts: Manage' },
  /** V4: the rule that tells the owner what automation does. */
  manageOwnerAlert: { ability: null, person: 'Owner' },
  viewSupport: { ability: null, person: 'Support: View' },
  manageSupport: { ability: null, person: 'Support: Manage' },
  viewIntegrations: { ability: null, person: 'Integrations: View' },
  manageIntegrations: { ability: null, person: 'Integrations: Manage' },
  listMails: { ability: null, person: 'Owner' },
  /** A1: one's own entries, or all with `Audit log: View others`. */
  readAudit: { ability: null, person: 'Audit log: View' },
} as const satisfies Record<string, Requirement>;
export type Operation = keyof typeof OPERATIONS;

/** What a step asks: of automation its ability, of people nothing, because they send no steps. */
export function stepRequirement(kind: StepKind, about: ManagedKind): Requirement {
  const ability = kind === 'Claim' || kind === 'Release' ? KIND_ABILITIES[about] : STEP_ABILITIES[kind];
  return { ability, person: null };
}

/**
 * Throws `Forbidden` unless the actor may. `access` is the member's present effective access (T2); `project`
 * is the name of the project concerned, where the cell is a project's (T3).
 */
export function authorize(
  actor: Actor,
  requirement: Requirement,
  access: EffectiveAccess | null = null,
  project?: string,
): void {
  switch (actor.type) {
    case 'system':
      return;
    case 'automation':
      authorizeAutomation(actor, requirement);
      return;
    case 'member': {
      const refusal = refusalOf(access, actor, requirement.person, project);
      if (refusal !== null) throw forbidden(refusal);
      return;
    }
    case 'account':
    case 'machine':
      throw forbidden(`${actor.type}s may not do this.`);
  }
}

/**
 * The same of a member, whose effective access at `now` is read for it, so that a template acts on the next request (T2).
 * Answers that access; null where the membership is gone. `givenAs` is what the member called the project. Throws
 * `Forbidden`.
 */
export async function authorizeMember(
  db: Kysely<Database>,
  { vaultId, email, now }: { readonly vaultId: string; readonly email: string; readonly now: number },
  { person }: Requirement,
  project?: string,
  givenAs?: string,
): Promise<EffectiveAccess | null> {
  const held = await heldAccess(db, vaultId, email, now);
  if (held === null) return null;
  // Read where it decides alone: every other request is answered without the rails.
  const isNamed = person === 'Approver' && (await isNamedIn(db, vaultId, email));
  const { access, refusal } = decideMember({ ...held, isNamedApprover: isNamed }, person, project, givenAs);
  if (refusal !== null) throw forbidden(refusal);
  return access;
}

async function isNamedIn(db: Kysely<Database>, vaultId: string, email: string): Promise<boolean> {
  const vault = await db
    .selectFrom('vaults')
    .select('settings')
    .where('id', '=', vaultId)
    .executeTakeFirstOrThrow();
  return isNamedApprover(vault, email);
}

function authorizeAutomation(actor: AutomationActor, { ability }: Requirement): void {
  if (ability === 'any') return;
  if (ability === null) throw forbidden('Only people may do this.');
  if (ability === 'write') {
    // Values are read by the keys of machines: syncing them changes nothing.
    if (actor.abilities.some((held) => held !== 'values:sync')) return;
    throw refuse(
      'Forbidden',
      `The automation identity ${actor.name} may only observe.`,
      'The owner makes an identity with an ability that changes something.',
    );
  }
  if (!actor.abilities.includes(ability)) {
    throw refuse(
      'Forbidden',
      `The automation identity ${actor.name} was not delegated ${ability}.`,
      'The owner makes an identity with that ability.',
    );
  }
}

function forbidden(detail: string): DomainError {
  return refuse('Forbidden', detail, 'Ask the owner of the vault.');
}
