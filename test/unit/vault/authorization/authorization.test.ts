import { describe, expect, it } from 'vitest';
import { accessWhenActive } from '#model/access.ts';
import { CELLS, type CellId } from '#model/capabilities.ts';
import { DEFAULT_CEILINGS, DEFAULT_GAIN_BUDGETS } from '#model/gains.ts';
import type { ManagedKind } from '#model/record.ts';
import type { StepKind } from '#model/step.ts';
import { ABILITIES, type Ability } from '#protocol/management.ts';
import type { Actor, AutomationActor, MemberActor } from '#vault/act/actor.ts';
import {
  authorize,
  OPERATIONS,
  type Requirement,
  stepRequirement,
} from '#vault/authorization/authorization.ts';

const automation = (...abilities: Ability[]): AutomationActor => ({
  type: 'automation',
  id: 'auto_1',
  name: 'operator',
  abilities,
  ceilings: DEFAULT_CEILINGS,
  gains: DEFAULT_GAIN_BUDGETS,
  managers: null,
  bounds: { projects: null, addresses: null, machineAddresses: null },
  request: { publicKey: '', audience: '', source: '', provenance: {} },
});
const member = (role: MemberActor['role']): MemberActor => ({
  type: 'member',
  memberId: 'mem_1',
  accountId: 'acc_1',
  userName: 'alice',
  email: 'alice@acme.example',
  role,
});
const accessOf = (role: MemberActor['role'], capabilities = {}) =>
  accessWhenActive(
    { role, template: 't', projectScope: null, grants: [] },
    () => ({ capabilities, projectScope: ['payments'] }),
    [],
    0,
  );

function may(actor: Actor, requirement: Requirement, access = accessOf('Member'), project?: string): boolean {
  try {
    authorize(actor, requirement, access, project);
    return true;
  } catch {
    return false;
  }
}

const STEPS: Readonly<Record<Exclude<StepKind, 'Claim' | 'Release'>, Ability>> = {
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
  UpdateProject: 'projects:manage',
  RestoreProject: 'projects:manage',
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
const KINDS: Readonly<Record<ManagedKind, Ability>> = {
  Organization: 'organization:settings',
  Member: 'members:manage',
  Group: 'groups:manage',
  PermissionTemplate: 'templates:manage',
  Project: 'projects:manage',
  MachineBinding: 'machines:manage',
};

describe('V3, V4: automation', () => {
  it.each(Object.entries(STEPS))('%s takes %s and no other ability', (kind, needed) => {
    const requirement = stepRequirement(kind as StepKind, 'Member');
    for (const ability of ABILITIES) {
      expect(may(automation(ability), requirement), ability).toBe(ability === needed);
    }
    expect(may(automation(...ABILITIES.filter((ability) => ability !== needed)), requirement)).toBe(false);
  });

  it.each(Object.entries(KINDS))('claiming and releasing a %s takes %s', (kind, needed) => {
    for (const step of ['Claim', 'Release'] as const) {
      const requirement = stepRequirement(step, kind as ManagedKind);
      for (const ability of ABILITIES) {
        expect(may(automation(ability), requirement), ability).toBe(ability === needed);
      }
    }
  });

  it('approves nothing, whatever it was delegated', () => {
    expect(may(automation(...ABILITIES), OPERATIONS.approve)).toBe(false);
  });

  it.each([
    'createAutomation',
    'changeAutomation',
    'addAutomationKey',
    'revokeAutomation',
    'offerOwnership',
    'deleteVault',
  ] as const)('has no %s, so that it takes nothing of what it acts by (rail 4)', (operation) => {
    expect(may(automation(...ABILITIES), OPERATIONS[operation])).toBe(false);
  });
});

describe('V3: people', () => {
  const byCell = Object.entries(OPERATIONS).filter(([, { person }]) => person?.includes(': ') === true);

  it.each(byCell)('%s takes its cell, wherever it came from', (_, requirement) => {
    for (const { id, category, cell, scope, ownerOnly } of CELLS) {
      const access = accessOf('Member', { [category]: [cell] });
      const project = scope === 'project' ? 'payments' : undefined;
      const isGiven = id === requirement.person && !ownerOnly;
      const isBaseline = accessOf('Member').vault.has(requirement.person as CellId);
      expect(may(member('Member'), requirement, access, project), id).toBe(isGiven || isBaseline);
      const elsewhere = (isGiven && scope === 'vault') || isBaseline;
      expect(may(member('Member'), requirement, access, 'elsewhere'), id).toBe(elsewhere);
    }
    expect(may(member('Owner'), requirement, accessOf('Owner'), 'payments')).toBe(true);
  });

  it('what is the owner’s or an admin’s by role is nobody else’s', () => {
    for (const requirement of Object.values(OPERATIONS)) {
      if (requirement.person !== 'Owner' && requirement.person !== 'Admin') continue;
      expect(may(member('Owner'), requirement, accessOf('Owner'))).toBe(true);
      expect(may(member('Admin'), requirement, accessOf('Admin'))).toBe(requirement.person === 'Admin');
      expect(may(member('Member'), requirement)).toBe(false);
    }
  });

  it('M1: without effective access nothing is left, not even for who was the owner', () => {
    for (const requirement of Object.values(OPERATIONS)) {
      expect(() => authorize(member('Owner'), requirement, null)).toThrow();
    }
  });

  it('H1: machines and people without a membership may do nothing here', () => {
    for (const requirement of Object.values(OPERATIONS)) {
      expect(may({ type: 'machine', id: 'm', name: 'm' }, requirement)).toBe(false);
      expect(
        may({ type: 'account', accountId: 'a', userName: 'a', email: 'a@acme.example' }, requirement),
      ).toBe(false);
    }
  });
});
