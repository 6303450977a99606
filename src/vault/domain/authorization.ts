/**
 * V3: the one place that decides who may do what. People by the cells of their effective access, automation
 * by the abilities of its delegation (V4); no route decides by itself.
 */

import type { Kysely } from 'kysely';
import { type EffectiveAccess, effectiveAccess, hasCell } from '../../model/access.ts';
import type { CellId } from '../../model/capabilities.ts';
import type { ManagedKind } from '../../model/record.ts';
import type { StepKind } from '../../model/step.ts';
import type { Ability } from '../../protocol/management.ts';
import type { Database } from '../store/schema.ts';
import type { Actor, AutomationActor, MemberActor } from './actor.ts';
import { type DomainError, refuse } from './domain-error.ts';
import { groupGrantsOfMember } from './groups.ts';
import { findMember } from './members.ts';
import { templateOf } from './organization-state.ts';
import { projectNames } from './projects.ts';

/** The ability that a step needs; Claim and Release need that of the kind they are about. */
const STEP_ABILITIES: Readonly<Record<Exclude<StepKind, 'Claim' | 'Release'>, Ability>> = {
  RenameOrganization: 'organization:settings',
  ApplySettings: 'organization:settings',
  CreateTemplate: 'templates:manage',
  UpdateTemplate: 'templates:manage',
  DeleteTemplate: 'templates:manage',
  CreateProject: 'projects:manage',
  UpdateProject: 'projects:manage',
  DeleteProject: 'projects:delete',
  CreateSecret: 'secrets:create',
  InviteMember: 'members:manage',
  ResendInvite: 'members:manage',
  CancelInvite: 'members:manage',
  SetMemberAccess: 'members:manage',
  SuspendMember: 'members:manage',
  UnsuspendMember: 'members:manage',
  RemoveMember: 'members:manage',
  RegisterMachine: 'machines:manage',
  AddMachineKey: 'machines:manage',
  SetMachineAccess: 'machines:manage',
  EnableMachine: 'machines:manage',
  DisableMachine: 'machines:manage',
  RevokeMachine: 'machines:manage',
};

const KIND_ABILITIES: Readonly<Record<ManagedKind, Ability>> = {
  Organization: 'organization:settings',
  Member: 'members:manage',
  PermissionTemplate: 'templates:manage',
  Project: 'projects:manage',
  MachineBinding: 'machines:manage',
};

/** What an operation asks of each kind of actor. */
export interface Requirement {
  /** Null: no automation identity may. `any`: each one may, whatever it was delegated. */
  readonly ability: Ability | 'any' | null;
  /** Null: no person may. `own`: every member, about themselves. `Owner`, `Admin`: by role (O4). */
  readonly person: CellId | 'own' | 'Owner' | 'Admin' | null;
}

/** The operations that are no steps. */
export const OPERATIONS = {
  observe: { ability: 'any', person: null },
  lease: { ability: 'any', person: null },
  reserve: { ability: 'any', person: null },
  hold: { ability: 'any', person: null },
  sight: { ability: 'any', person: null },
  sync: { ability: 'values:sync', person: null },
  freeze: { ability: 'any', person: 'Admin' },
  thaw: { ability: 'organization:settings', person: 'Owner' },
  proveAudit: { ability: 'any', person: 'Audit log: View others' },
  exportAudit: { ability: null, person: 'Audit log: View others' },
  approve: { ability: null, person: 'Owner' },
  suspendMember: { ability: null, person: 'Organization: Suspend' },
  removeMember: { ability: null, person: 'Organization: Remove' },
  /** In the project concerned, to a member or a group (O4). */
  setGrant: { ability: null, person: 'Projects: Manage' },
  removeGrant: { ability: null, person: 'Projects: Manage' },
  viewTemplates: { ability: null, person: 'Templates: View' },
  /** T4: makes or edits one. */
  changeTemplate: { ability: null, person: 'Templates: Manage' },
  /** T4: takes a cell out, archives or deletes one. */
  cutTemplate: { ability: null, person: 'Templates: Manage' },
  assignTemplate: { ability: null, person: 'Organization: Assign templates' },
  takeTemplate: { ability: null, person: 'Organization: Assign templates' },
  changeScope: { ability: null, person: 'Organization: Change member scope' },
  /** O4: who is an admin. */
  setRole: { ability: null, person: 'Owner' },
  /** O4: in the baseline of admins, without a cell. */
  manageGroups: { ability: null, person: 'Admin' },
  /** O4: takes a member off one, or deletes it. */
  cutGroups: { ability: null, person: 'Admin' },
  viewGroups: { ability: null, person: 'Organization: View members' },
  createProject: { ability: null, person: 'Projects: Create' },
  editProject: { ability: null, person: 'Projects: Manage' },
  /** Which of them is by `Projects: View` in each. */
  listProjects: { ability: null, person: 'own' },
  viewOwnAccess: { ability: null, person: 'own' },
  viewAccess: { ability: null, person: 'Organization: View members' },
  /** P3. */
  viewUsage: { ability: null, person: 'own' },
  manageMachine: { ability: null, person: 'Machines: Manage' },
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
  leave: { ability: null, person: 'own' },
  createAutomation: { ability: null, person: 'Owner' },
  inviteMember: { ability: null, person: 'Organization: Invite' },
  listMembers: { ability: null, person: 'Organization: View members' },
  /** Which of them is by `Secrets: View` in each project. */
  listSecrets: { ability: null, person: 'own' },
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
    case 'member':
      authorizeMember(actor, requirement, access, project);
      return;
    case 'account':
    case 'machine':
      throw forbidden(`${actor.type}s may not do this.`);
  }
}

/** The effective access of a member as it is now; nothing where the membership is gone. */
export async function accessOfMember(
  db: Kysely<Database>,
  vaultId: string,
  email: string,
): Promise<EffectiveAccess | null> {
  const member = await findMember(db, vaultId, email);
  if (member === undefined) return null;
  const row =
    member.row.template_id === null
      ? undefined
      : await db
          .selectFrom('templates')
          .selectAll()
          .where('id', '=', member.row.template_id)
          .executeTakeFirst();
  const template = row === undefined ? undefined : templateOf(row, await projectNames(db, vaultId));
  const groupGrants = await groupGrantsOfMember(db, member.row.id);
  return effectiveAccess({ ...member.access, state: member.row.state }, () => template, groupGrants);
}

function authorizeAutomation(actor: AutomationActor, { ability }: Requirement): void {
  if (ability === 'any') return;
  if (ability === null) throw forbidden('Only people may do this.');
  if (!actor.abilities.includes(ability)) {
    throw refuse(
      'Forbidden',
      `The automation identity ${actor.name} was not delegated ${ability}.`,
      'The owner makes an identity with that ability.',
    );
  }
}

function authorizeMember(
  actor: MemberActor,
  { person }: Requirement,
  access: EffectiveAccess | null,
  project: string | undefined,
): void {
  if (access === null || access.vault.size === 0)
    throw forbidden('You are not an active member of this vault.');
  switch (person) {
    case null:
      throw forbidden('Only automation may do this.');
    case 'own':
      return;
    case 'Owner':
      if (actor.role !== 'Owner') throw forbidden('Only the owner may do this.');
      return;
    case 'Admin':
      if (actor.role === 'Member') throw forbidden('Only the owner and admins may do this.');
      return;
    default:
      if (!hasCell(access, person, project)) {
        throw forbidden(project === undefined ? `It takes ${person}.` : `It takes ${person} in ${project}.`);
      }
  }
}

function forbidden(detail: string): DomainError {
  return refuse('Forbidden', detail, 'Ask the owner of the vault.');
}
