/**
 * Rail 11 where `spec.authority` says Exclusive: what is in the vault, has no record of any manager and is named by
 * nobody is taken away. Each step is a loss as any other is; those that there were before the authority came into
 * force are shown and held first.
 *
 * Decides rail 11: what a plan takes away where an Organization is exclusive.
 */
import { isExclusive } from '#model/authority.ts';
import { accessOf } from '#model/member-access.ts';
import type { ManagedKind } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, draft, emptyContribution } from './contribution.ts';
import { foreignKeys } from './foreign.ts';
import type { ForeignKind } from './plan-types.ts';

/** `Waits`: declared, and not in force before it is approved; null: what is foreign is left alone. */
export function exclusiveIn(context: Context, kind: ManagedKind): 'InForce' | 'Waits' | null {
  const { desired, observed, settings } = context;
  // Who does not see all declarations cannot tell what nobody declares.
  if (observed.bounded || context.incomplete('Organization', observed.vaultId) || !seesAll(context))
    return null;
  if (!isExclusive(desired.organization.fields.rails.authority, kind)) return null;
  return isExclusive(settings.authority, kind) ? 'InForce' : 'Waits';
}

/** Whether this run speaks for every namespace that brings objects, by the entries declared and in force. */
function seesAll({ desired, access }: Context): boolean {
  const { origins, organization } = desired;
  if (origins === null) return true;
  const namespaces = [...access, ...organization.fields.rails.access].map(({ namespace }) => namespace);
  return [organization.source.namespace, ...namespaces].every((namespace) => origins.includes(namespace));
}

/**
 * What of an object others gave in the vault goes with the rest of its step, where that is in force. Before that, by a
 * step of its own once nothing else is to be done: what Git changes does not wait for it. `outlook`: with it, or without.
 */
export function withForeignItems<Outlook extends { readonly changes: boolean }>(
  authority: 'InForce' | 'Waits' | null,
  outlook: (takesForeign: boolean) => Outlook,
): Outlook {
  if (authority === 'InForce') return outlook(true);
  const additive = outlook(false);
  return authority === null || additive.changes ? additive : outlook(true);
}

/** People who nobody declares; not the owner. */
export function planForeignPeople(context: Context): Contribution {
  return planned(context, 'Member', (email) => {
    const there = context.member(email);
    if (there === undefined) return null;
    const { state } = there;
    const access = accessOf(there);
    return state === 'Invited'
      ? { kind: 'CancelInvite', key: email, before: access, after: null }
      : { kind: 'RemoveMember', key: email, before: { ...access, state }, after: null };
  });
}

/** Groups that give somebody something, projects without secrets, and machines, which are disabled and never revoked. */
export function planForeignThings(context: Context): Contribution {
  const { observed } = context;
  const groups = byName(observed.groups);
  const projects = byName(observed.projects);
  const machines = byName(observed.machines);
  const withSecrets = new Set(observed.secrets.map(({ project }) => project));
  const outcomes = [
    planned(context, 'Group', (key) => {
      const there = groups.get(key);
      if (there === undefined) return null;
      const { description, grants } = there;
      return { kind: 'DeleteGroup', key, before: { description, grants }, after: null };
    }),
    planned(context, 'Project', (key) => {
      const there = projects.get(key);
      if (there === undefined || withSecrets.has(key)) return null;
      const before = { description: there.description, secrets: [] };
      return { kind: 'DeleteProject', key, before, after: null };
    }),
    planned(context, 'MachineBinding', (key) => {
      const there = machines.get(key);
      // One that waits for a person's approval reads nothing.
      if (there?.enabled !== true || !there.approved) return null;
      return { kind: 'DisableMachine', key, before: { enabled: true }, after: { enabled: false } };
    }),
  ];
  return { drafts: outcomes.flatMap(({ drafts }) => drafts), findings: [], wakes: [] };
}

/** The names of templates that nobody declares. */
export function foreignTemplates(context: Context): readonly string[] {
  return takenKeys(context, 'PermissionTemplate');
}

/** What is foreign and may not be named by any object either. */
function takenKeys(context: Context, kind: ForeignKind): readonly string[] {
  if (exclusiveIn(context, kind) === null) return [];
  const named = context.named();
  return foreignKeys(context, kind).filter((key) => !named.mayHave(kind, key));
}

function byName<Thing extends { readonly name: string }>(
  things: readonly Thing[],
): ReadonlyMap<string, Thing> {
  return new Map(things.map((thing) => [thing.name, thing]));
}

export function foreignDraft(kind: ManagedKind, action: StepAction): Draft {
  return draft({ kind, key: action.key }, action, 'in the vault, and declared by nobody', {
    takesForeign: true,
  });
}

function planned(
  context: Context,
  kind: ForeignKind,
  actionFor: (key: string) => StepAction | null,
): Contribution {
  const outcome = emptyContribution();
  for (const key of takenKeys(context, kind)) {
    const action = actionFor(key);
    if (action !== null) outcome.drafts.push(foreignDraft(kind, action));
  }
  return outcome;
}
