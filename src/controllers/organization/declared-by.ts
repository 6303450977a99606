/** Which object declares what a step is about. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { Resource } from '../resources.ts';
import type { OrganizationObjects } from './objects.ts';

export interface Declaration {
  readonly kind: Kind;
  readonly object: Resource;
}

/** Undefined: nobody declares it any more. */
export function declarationsBySteps(
  objects: OrganizationObjects,
): (action: StepAction) => Declaration | undefined {
  const declared = declaredBy(objects);
  return (action) => declared.get(naturalKeyOf(action));
}

/** Objects by `Kind natural-key`. */
function declaredBy(objects: OrganizationObjects): ReadonlyMap<string, { kind: Kind; object: Resource }> {
  const declared = new Map<string, { kind: Kind; object: Resource }>();
  for (const object of objects.members)
    declared.set(`Member ${normalizeEmail(object.spec.email)}`, { kind: 'Member', object });
  for (const object of objects.templates)
    declared.set(`PermissionTemplate ${object.spec.name ?? object.metadata.name}`, {
      kind: 'PermissionTemplate',
      object,
    });
  for (const object of objects.projects)
    declared.set(`Project ${object.spec.name ?? object.metadata.name}`, { kind: 'Project', object });
  for (const object of objects.bindings)
    declared.set(`MachineBinding ${object.spec.machineName}`, { kind: 'MachineBinding', object });
  return declared;
}

/** `Kind natural-key` of what a step is about. */
function naturalKeyOf(action: StepAction): string {
  switch (action.kind) {
    case 'RenameOrganization':
    case 'ApplySettings':
      return `Organization ${action.key}`;
    case 'CreateTemplate':
    case 'UpdateTemplate':
    case 'DeleteTemplate':
      return `PermissionTemplate ${action.key}`;
    case 'CreateProject':
    case 'UpdateProject':
    case 'DeleteProject':
      return `Project ${action.key}`;
    case 'CreateSecret':
      // `project/secret`; names hold no slash.
      return `Project ${action.key.slice(0, action.key.indexOf('/'))}`;
    case 'InviteMember':
    case 'ResendInvite':
    case 'CancelInvite':
    case 'SetMemberAccess':
    case 'SuspendMember':
    case 'UnsuspendMember':
    case 'RemoveMember':
      return `Member ${action.key}`;
    case 'RegisterMachine':
    case 'AddMachineKey':
    case 'SetMachineAccess':
    case 'EnableMachine':
    case 'DisableMachine':
    case 'RevokeMachine':
      return `MachineBinding ${action.key}`;
    case 'Claim':
    case 'Release':
      // `Kind/key`.
      return action.key.replace('/', ' ');
  }
}
