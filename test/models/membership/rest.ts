/** What must hold once nothing happens any more: desired is observed, or whoever asks is told why not. */
import type { CustomResource, Kind } from '#api/v1alpha1/kinds.ts';
import { outcomesOf } from '#cli/gitops/open-outcomes.ts';
import { exitCode } from '#cli/terminal/exit-codes.ts';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Resource } from '#controllers/resources.ts';
import { type WhatIsOpen, whatIsOpen } from '#engine/open.ts';
import type { PassResult } from '#engine/pass-types.ts';
import type { OrganizationState } from '#model/organization.ts';
import type { Desired } from '#planning/plan-types.ts';
import { type Difference, differencesOf } from '#test/builders/declared-oracle.ts';

export interface AtRest {
  readonly organization: CustomResource<'Organization'>;
  readonly objects: readonly CustomResource[];
  readonly desired: Desired;
  /** The namespaces whose objects a folder has; null: all that there are. */
  readonly speaksFor: readonly string[] | null;
  readonly result: PassResult;
  readonly now: number;
}

/** What is not as it must be, in words; empty: all is. */
export function faultsAtRest(rest: AtRest): string[] {
  const { desired, speaksFor, result, now } = rest;
  const { state } = result.observation.snapshot;
  const open = whatIsOpen(desired, result);
  const differences = differencesOf(desired, state, now);
  const left = leftovers(desired, speaksFor, state);
  return [
    ...goesOn(result),
    ...differences.filter((one) => !isTold(open, one)).map(({ key, what }) => `untold: ${key}: ${what}`),
    ...left
      .filter((key) => !open.items.some(({ keys }) => keys.includes(key)))
      .map((key) => `untold: ${key} is left`),
    ...open.items
      .filter(({ next }) => next.trim() === '')
      .map(({ reason }) => `${reason} says nothing to do`),
    ...underWay(open),
    ...exits(open, differences, left),
    ...says(rest, open, differences),
  ];
}

function goesOn({ plan, unfinished, writes, answers }: PassResult): string[] {
  const runs = plan.runnable.filter(({ executor, hash }) => executor === 'engine' && !answers.has(hash));
  return [
    ...runs.map(({ action }) => `runs on: ${action.kind} ${action.key}`),
    ...(unfinished ? ['is unfinished'] : []),
    ...(writes > 0 ? [`writes ${writes}, and nothing happened`] : []),
  ];
}

/** At rest only what follows a step that is held is under way. */
function underWay({ items }: WhatIsOpen): string[] {
  const isHeld = items.some(({ standing }) => standing === 'Held');
  return items
    .filter(({ standing }) => standing === 'UnderWay' || standing === 'Failed')
    .filter(({ message }) => !(isHeld && message.includes(' follows a step ')))
    .map(({ reason, subject, message }) => `at rest, and under way: ${reason} ${subject.key}: ${message}`);
}

/** What is ours by a record and that no object declares any more. */
function leftovers(
  desired: Desired,
  speaksFor: AtRest['speaksFor'],
  { records, members }: OrganizationState,
): string[] {
  const declared = new Set([
    ...desired.members.map(({ email }) => `Member ${email}`),
    ...desired.projects.flatMap(({ grants }) => grants.map(({ member }) => `Member ${member}`)),
    ...desired.groups.map(({ name }) => `Group ${name}`),
    ...desired.projects.flatMap(({ groupGrants }) => groupGrants.map(({ group }) => `Group ${group}`)),
    ...desired.templates.map(({ name }) => `PermissionTemplate ${name}`),
    ...desired.projects.map(({ name }) => `Project ${name}`),
    ...desired.incomplete.map(({ kind, key }) => `${kind} ${key}`),
  ]);
  const there = new Set(members.map(({ email }) => email));
  return records
    .filter(({ kind, key }) => kind === 'Member' && there.has(key) && !declared.has(`${kind} ${key}`))
    .filter(({ origin }) => speaksFor === null || speaksFor.includes(origin))
    .map(({ key }) => key);
}

function exits(open: WhatIsOpen, differences: readonly Difference[], left: readonly string[]): string[] {
  const code = exitCode(outcomesOf(open));
  const lacks = differences.some(({ excused }) => !excused) || left.length > 0;
  if (lacks && code === 0) return ['leaves 0, and is not as declared'];
  return open.items.length === 0 && code !== 0 ? [`leaves ${code}, and nothing is open`] : [];
}

/** Statuses: what is open is counted, and no object that differs is as declared. */
function says(rest: AtRest, open: WhatIsOpen, differences: readonly Difference[]): string[] {
  const { objects, organization, desired, result, now } = rest;
  const of = <K extends Kind>(kind: K) =>
    objects.filter((object) => object.kind === kind).map((object) => asResource(object as CustomResource<K>));
  const patches = statusesOf(
    {
      organization: asResource(organization),
      members: of('Member'),
      groups: of('Group'),
      templates: of('PermissionTemplate'),
      projects: of('Project'),
      bindings: [],
      approvals: [],
    },
    desired,
    { ...result, address: { url: 'http://localhost:1', vaultId: result.plan.vaultId } },
    now,
  );
  const faults: string[] = [];
  for (const { kind, object, status } of patches) {
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    const { namespace, name } = object.metadata;
    if (kind === 'Organization') {
      const counts: readonly number[] = Object.values((status.open ?? {}) as Record<string, number>);
      const counted = counts.reduce((sum, count) => sum + count, 0);
      const things = open.items.reduce((sum, { keys }) => sum + keys.length, 0);
      if (counted !== things) faults.push(`the Organization counts ${counted} of ${things}`);
      if (differences.length > 0 && ready?.message === 'The vault is as declared.')
        faults.push('the Organization says that all is as declared');
      continue;
    }
    const differs = differences
      .filter(
        ({ source, excused }) =>
          !excused && source.kind === kind && source.namespace === namespace && source.name === name,
      )
      .filter(({ what }) => !isOfPerson(kind, what));
    if (differs.length > 0 && ready?.status === 'True' && ready.reason === 'Succeeded')
      faults.push(`${kind} ${namespace}/${name} is Ready: ${differs.map(({ what }) => what).join(', ')}`);
    const isNamed = open.items.some(({ declarations }) =>
      declarations.some((one) => one.kind === kind && one.namespace === namespace && one.name === name),
    );
    if (!isNamed && ready?.status !== 'True')
      faults.push(`${kind} ${namespace}/${name} is not Ready (${ready?.reason}), and nothing is open of it`);
    if (ready === undefined) faults.push(`${kind} ${namespace}/${name} says nothing of Ready`);
  }
  return faults;
}

/**
 * What a Project grants to a person or a group, and whom a group lists, is told once at whom it waits for; of two Members
 * with one address the one that acts is Ready.
 */
function isOfPerson(kind: Kind, what: string): boolean {
  if (what === 'twice') return true;
  return (
    (kind === 'Project' && what.startsWith('grant ')) || (kind === 'Group' && what.startsWith('member of '))
  );
}

function asResource<K extends Kind>({ kind, metadata, spec }: CustomResource<K>): Resource<K> {
  return {
    kind,
    metadata: { ...metadata, uid: `uid-${metadata.name}`, generation: 1, resourceVersion: '1' },
    spec,
  } as Resource<K>;
}

/** Whether an item is told at the object, or is about the person or the group that it is for. */
function isTold({ items }: WhatIsOpen, { source, key }: Difference): boolean {
  return items.some(
    ({ declarations, subject }) =>
      declarations.some(({ kind, name }) => kind === source.kind && name === source.name) ||
      ((subject.kind === 'Member' || subject.kind === 'Group') && subject.key === key),
  );
}
