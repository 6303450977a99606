/** The statuses of all objects of an organization after a pass. Pure. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import { whatIsOpen } from '#engine/open.ts';
import { keyOf } from '#kube/kube.ts';
import type { Desired, Source } from '#planning/plan-types.ts';
import type { Resource } from '../../resources.ts';
import { keyInVault } from '../declared-by.ts';
import type { OrganizationObjects } from '../objects.ts';
import { approvalStatusOf } from './approval.ts';
import { bindingStatusOf } from './binding.ts';
import { present, type StatusDraft } from './draft.ts';
import { groupStatusOf } from './group.ts';
import { memberStatusOf } from './member.ts';
import { type Observed, observedOf, recordKey } from './observed.ts';
import { organizationStatusOf } from './organization.ts';
import { objectKey, type PassOutcome, problemsOf } from './problems.ts';
import { projectStatusOf } from './project.ts';
import { ObjectsFromOutside, refusedStatusOf } from './refused.ts';
import { templateStatusOf } from './template.ts';

export interface StatusPatch {
  readonly kind: Kind;
  /** As the cache had it when the pass began: what the status is compared with. */
  readonly object: Resource;
  readonly status: StatusDraft;
}

/** What each kind has beside Ready of this controller; a binding has them alone. */
const CONDITIONS: Readonly<Record<Kind, readonly string[]>> = {
  Organization: [],
  Member: ['Joined', 'TemplateBound', 'SuspensionMatches'],
  Group: ['MembersResolved'],
  PermissionTemplate: ['Compiled'],
  Project: ['Provisioned'],
  MachineBinding: ['Registered', 'Granted'],
  PlanApproval: [],
};

/** One patch an object, whether or not it differs: the writer leaves out what is so already. */
export function statusesOf(
  objects: OrganizationObjects,
  desired: Desired,
  outcome: PassOutcome,
  now: number,
): readonly StatusPatch[] {
  const { organization } = objects;
  const { vaultId } = outcome.observation.snapshot.state;
  const observed = observedOf(outcome.observation.snapshot.state);
  const open = whatIsOpen(desired, outcome);
  const target = {
    namespace: organization.metadata.namespace ?? '',
    organization: organization.metadata.name,
  };
  const problems = problemsOf(open, target, organization.spec.rails?.cuts);
  const problem = (kind: Kind, object: Resource) => problems.get(objectKey(kind, object.metadata));
  const members = bySource(desired.members);
  const machines = bySource(desired.machines);
  const verdicts = new Map(outcome.approvals.verdicts.map((verdict) => [verdict.name, verdict]));
  const used = new Set(outcome.usedApprovals);
  const outside = new ObjectsFromOutside(desired, outcome.observation.snapshot.state.records);
  const patch = <K extends Kind>(kind: K, object: Resource<K>, status: StatusDraft): StatusPatch => {
    const refusal = outside.refusalOf(kind, object, problem(kind, object));
    return {
      kind,
      object,
      status:
        refusal === null
          ? { ...status, ...appliedFrom(kind, object, { manager: desired.manager, vaultId }, observed) }
          : refusedStatusOf(object, CONDITIONS[kind], refusal, now),
    };
  };
  return [
    ...objects.templates.map((object) =>
      patch(
        'PermissionTemplate',
        object,
        templateStatusOf(object, observed, problem('PermissionTemplate', object), now),
      ),
    ),
    ...objects.groups.map((object) =>
      patch('Group', object, groupStatusOf(object, observed, problem('Group', object), now)),
    ),
    ...objects.projects.map((object) =>
      patch('Project', object, projectStatusOf(object, observed, problem('Project', object), now)),
    ),
    ...objects.members.map((object) =>
      patch(
        'Member',
        object,
        memberStatusOf(object, members.get(keyOf(object.metadata)), observed, problem('Member', object), now),
      ),
    ),
    ...objects.bindings.map((object) =>
      patch(
        'MachineBinding',
        object,
        bindingStatusOf(
          object,
          machines.get(keyOf(object.metadata)),
          observed,
          problem('MachineBinding', object),
          now,
        ),
      ),
    ),
    ...objects.approvals.map((object) => {
      const { name } = object.metadata;
      return patch('PlanApproval', object, approvalStatusOf(object, verdicts.get(name), used.has(name), now));
    }),
    patch(
      'Organization',
      organization,
      organizationStatusOf(organization, outcome, open, problem('Organization', organization), now),
    ),
  ];
}

/** By `namespace/name` of the object. */
function bySource<T extends { readonly source: Source }>(declared: readonly T[]): ReadonlyMap<string, T> {
  return new Map(declared.map((one) => [keyOf(one.source), one]));
}

/** A4: what Git tooling claims of what was applied last, where it came from this namespace; else it is another's. */
function appliedFrom<K extends Kind>(
  kind: K,
  object: Resource<K>,
  { manager, vaultId }: Pick<Desired, 'manager'> & { readonly vaultId: string },
  { records }: Observed,
): { readonly provenance?: object } {
  const key = kind === 'Organization' ? vaultId : keyInVault(kind, object);
  const record = key === null ? undefined : records.get(recordKey(kind, key));
  if (record?.manager !== manager || record.origin !== object.metadata.namespace) return {};
  const claimed = present({ ...record.provenance });
  return Object.keys(claimed).length === 0 ? {} : { provenance: claimed };
}
