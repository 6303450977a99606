/** Which object declares what a step is about. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { BroughtKind } from '#model/record.ts';
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

/** What an object is called in the vault, whatever stands in its spec: it need not be valid. */
const KEYS: { readonly [K in BroughtKind]: (object: Resource<K>) => string } = {
  Member: ({ spec }) => normalizeEmail(spec.email),
  Group: ({ spec, metadata }) => spec.name ?? metadata.name,
  PermissionTemplate: ({ spec, metadata }) => spec.name ?? metadata.name,
  Project: ({ spec, metadata }) => spec.name ?? metadata.name,
  MachineBinding: ({ spec }) => spec.machineName,
};

/** Null: objects of this kind declare nothing that a record is kept of, or it is the Organization, which the vault's id names. */
export function keyInVault<K extends Kind>(kind: K, object: Resource<K>): string | null {
  const keyOf = (KEYS as { readonly [K in Kind]?: (object: Resource<K>) => string })[kind];
  return keyOf?.(object) ?? null;
}

/** Objects by `Kind natural-key`; of several the one of the Organization's namespace. */
function declaredBy({
  organization,
  ...objects
}: OrganizationObjects): ReadonlyMap<string, { kind: Kind; object: Resource }> {
  const declared = new Map<string, { kind: Kind; object: Resource }>();
  const enter = <K extends BroughtKind>(kind: K, list: readonly Resource<K>[]): void => {
    for (const object of list) {
      const key = `${kind} ${KEYS[kind](object)}`;
      const isHere = object.metadata.namespace === organization.metadata.namespace;
      if (isHere || !declared.has(key)) declared.set(key, { kind, object });
    }
  };
  enter('Member', objects.members);
  enter('Group', objects.groups);
  enter('PermissionTemplate', objects.templates);
  enter('Project', objects.projects);
  enter('MachineBinding', objects.bindings);
  return declared;
}

/** `Kind natural-key` of what a step is about. */
function naturalKeyOf(action: StepAction): string {
  switch (action.kind) {
    case 'TakeOver':
    case 'RenameOrganization':
    case 'ApplySettings':
      return `Organization ${action.key}`;
    case 'RenameTemplate':
    case 'CreateTemplate':
    case 'UpdateTemplate':
    case 'DeleteTemplate':
      return `PermissionTemplate ${action.key}`;
    case 'CreateGroup':
    case 'UpdateGroup':
    case 'DeleteGroup':
      return `Group ${action.key}`;
    case 'RenameProject':
    case 'CreateProject':
    case 'RestoreProject':
    case 'UpdateProject':
    case 'DeleteProject':
      return `Project ${action.key}`;
    case 'CreateSecret':
    case 'RestoreSecret':
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
    case 'RevokeKeyIfIdle':
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
