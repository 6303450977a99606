/** Statuses of objects whose Organization is not there. What was known of them stays. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import type { Condition } from '#runtime/runtime.ts';
import { organizationKeyOf, type Resource } from '../../resources.ts';
import type { OrganizationObjects } from '../objects.ts';
import { Conditions, type StatusDraft } from './draft.ts';
import type { StatusPatch } from './statuses.ts';

const BINDING_CONDITIONS = ['Registered', 'Granted'];

export function orphanStatusesOf(
  objects: Omit<OrganizationObjects, 'organization'>,
  now: number,
): readonly StatusPatch[] {
  const of = <K extends Kind>(kind: K, list: readonly Resource<K>[]): readonly StatusPatch[] =>
    list.map((object) => ({ kind, object, status: orphanStatusOf(kind, object as Orphan, now) }));
  return [
    ...of('Member', objects.members),
    ...of('Group', objects.groups),
    ...of('PermissionTemplate', objects.templates),
    ...of('Project', objects.projects),
    ...of('MachineBinding', objects.bindings),
    ...of('PlanApproval', objects.approvals),
  ];
}

type Orphan = Resource<Exclude<Kind, 'Organization'>>;

function orphanStatusOf(kind: Kind, object: Orphan, now: number): StatusDraft {
  const message = `There is no Organization ${organizationKeyOf(object)}.`;
  const previous = (object.status ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'MachineBinding') {
    const conditions = new Conditions(object, BINDING_CONDITIONS, now);
    for (const type of BINDING_CONDITIONS) conditions.set(type, false, 'OrganizationNotFound', message);
    const { machineId, grantedSecrets } = previous;
    return {
      ...(machineId === undefined ? {} : { machineId }),
      ...(grantedSecrets === undefined ? {} : { grantedSecrets }),
      conditions: conditions.list,
    };
  }
  const types = ((previous.conditions ?? []) as readonly Condition[])
    .map(({ type }) => type)
    .filter((type) => type !== 'Stale');
  const conditions = new Conditions(object, types, now);
  conditions.ready('reconciling', 'OrganizationNotFound', message);
  return {
    ...previous,
    ...(object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }),
    conditions: conditions.list,
  };
}
