/**
 * V4: the bounds of a delegation, checked in the transaction of what they bound.
 *
 * Decides V4: what is within the bounds of a delegation.
 */

import { accessWhenActive, BEFORE_ALL_ENDS, type EffectiveAccess } from '#model/access.ts';
import {
  accessOutside,
  changesMembership,
  EVERY_PROJECT,
  firstDiffering,
  isOfWholeRecord,
  isTemplateStep,
  templateOutside,
  WHOLE_VAULT,
} from '#model/bounded-steps.ts';
import type { GroupContent, MachineProject, MemberAccess } from '#model/organization.ts';
import { shellWord } from '#model/shell-word.ts';
import type { StepAction } from '#model/step.ts';
import type { AutomationActor } from '../act/actor.ts';
import type { Act } from '../act/context.ts';
import { authorize, stepRequirement } from '../authorization/authorization.ts';
import { groupGrantsOfMember } from '../authorization/group-access.ts';
import { findMember } from '../authorization/member-access.ts';
import { projectNames } from '../authorization/project-names.ts';
import { templatesOf } from '../authorization/template-of.ts';
import { type DomainError, refuse } from '../common/domain-error.ts';
import { byText } from '../common/scope.ts';
import { accessOfMachine, findMachine } from '../machines/machines.ts';
import { managerOf, type Subject } from '../managed/records.ts';

/**
 * Throws `Forbidden`, naming the bound, where the step changes anything in a project outside of the delegation's:
 * the project, a machine that is in it, what a person may do there, or in the whole vault.
 */
export async function checkProjectBound(
  act: Act,
  { managers, bounds }: AutomationActor,
  action: StepAction,
  subject: Subject,
): Promise<void> {
  if (bounds.projects === null) return;
  const names = await projectNames(act.db, act.vault.id);
  const within = new Set(bounds.projects.flatMap((id) => names.get(id) ?? []));
  const outside = await outsideOf(act, action, subject, within, managers ?? []);
  if (outside !== null) throw outOfBounds(outside, within);
}

/** Throws `Forbidden` where the delegation is bounded to projects: what comes is about the whole vault. */
export function checkUnbounded({ bounds }: Pick<AutomationActor, 'bounds'>): void {
  if (bounds.projects === null) return;
  throw refuse(
    'Forbidden',
    'The delegation is bounded to projects; this is about the whole vault.',
    'A person does it, or an identity without that bound.',
  );
}

/** Throws `Forbidden`, naming the bound, where the identity does not act for the manager. */
export function checkManager(
  { id, managers }: Pick<AutomationActor, 'id' | 'managers'>,
  manager: string,
): void {
  if (managers?.includes(manager) === true) return;
  throw refuse(
    'Forbidden',
    managers === null
      ? 'The delegation acts for no manager yet: it took no lease.'
      : `The delegation is bounded to the managers ${managers.toSorted(byText).join(', ')}; this is ${manager}.`,
    `Use that name, or have the owner add another: seneschal vault automation set-bounds ${id} --managers ${[...(managers ?? []), manager].map(shellWord).join(' ')}`,
  );
}

/** Remembers which manager automation brought the machine for. */
export async function recordRegistration(
  act: Act,
  actor: AutomationActor,
  { machineId, manager }: { readonly machineId: string; readonly manager: string },
): Promise<void> {
  await act.db
    .insertInto('automation_registrations')
    .values({ machine_id: machineId, automation_id: actor.id, at: act.now, manager })
    .execute();
}

/** Forgets machines that are gone. */
export async function forgetRegistrations(db: Act['db']): Promise<void> {
  await db
    .deleteFrom('automation_registrations')
    .where('machine_id', 'not in', db.selectFrom('machines').select('id'))
    .execute();
}

/** A loss is reserved by who may run it, so that none uses up the budget of the others. Throws `Forbidden`. */
export function authorizeReservation(actor: AutomationActor, actions: readonly StepAction[]): void {
  for (const action of actions) authorize(actor, stepRequirement(action.kind, kindOf(action)));
}

/** The first of the projects that the bound does not hold; null: there is none. */
function firstOutside(names: readonly string[], within: ReadonlySet<string>): string | null {
  return names.toSorted(byText).find((name) => !within.has(name)) ?? null;
}

function kindOf(action: StepAction): Subject['kind'] {
  if (action.kind === 'Claim') return action.after.kind;
  if (action.kind === 'Release') return action.before.kind;
  // Of the others the requirement needs no kind.
  return 'Organization';
}

/** The first project outside of the bound in which the step changes something; `every` where it is all of them. */
async function outsideOf(
  act: Act,
  action: StepAction,
  { kind, key }: Subject,
  within: ReadonlySet<string>,
  managers: readonly string[],
): Promise<string | null> {
  const isWithin = (project: string): boolean => within.has(project);
  // Who has the record of a person, a template or a group decides over it in every project.
  if (isOfWholeRecord(action, kind)) return WHOLE_VAULT;
  switch (kind) {
    case 'Project':
      return firstOutside([key], within);
    case 'MachineBinding':
      return (await isUnattachedOfOthers(act, action, key, managers))
        ? EVERY_PROJECT
        : firstOutside(await machineProjects(act, action, key), within);
    case 'Member': {
      if (changesMembership(action, await isOwnInvite(act, key, managers))) return MEMBERSHIP;
      const [before, after] = await memberAccesses(act, action, key);
      return accessOutside(before, after, isWithin);
    }
    case 'Group':
      return groupOutside(action, within);
    case 'PermissionTemplate':
      return isTemplateStep(action) ? templateOutside(action, isWithin) : EVERY_PROJECT;
    case 'Organization':
      return WHOLE_VAULT;
  }
}

/**
 * The first project outside of the bound in which the step changes what the group gives, or to whom. By what the group
 * gives and not by what its members have otherwise: a membership lasts, and the rest may go.
 */
function groupOutside(action: StepAction, within: ReadonlySet<string>): string | null {
  switch (action.kind) {
    case 'CreateGroup':
    case 'UpdateGroup':
    case 'DeleteGroup':
      return firstDiffering(givenOutside(action.before, within), givenOutside(action.after, within));
    default:
      return EVERY_PROJECT;
  }
}

/** What a group gives outside of the bound, and who comes or goes, by project. */
function givenOutside(
  group: (Pick<GroupContent, 'grants'> & Partial<GroupContent>) | null,
  within: ReadonlySet<string>,
): Map<string, string> {
  const grants = (group?.grants ?? []).filter(({ project }) => !within.has(project));
  return new Map(
    grants.map(({ project, access, expiresAt }) => [
      project,
      JSON.stringify([access, expiresAt ?? null, group?.members, group?.ends]),
    ]),
  );
}

/**
 * Whether the step is about a machine of another manager, or of a person, that is in no project yet: whatever project
 * it comes to, whoever sent it a key would read there, and whoever disables or claims it decides about that project.
 */
async function isUnattachedOfOthers(
  act: Act,
  action: StepAction,
  name: string,
  managers: readonly string[],
): Promise<boolean> {
  const machine = await findMachine(act.db, act.vault.id, name);
  // One that the step makes is there already only where the step will be refused.
  if (machine === undefined || action.kind === 'RegisterMachine') return false;
  if ((await accessOfMachine(act, machine)).length > 0) return false;
  if (managers.length === 0) return true;
  const manager = await managerOf(act, { kind: 'MachineBinding', key: name });
  if (manager !== null) return !managers.includes(manager);
  const registered = await act.db
    .selectFrom('automation_registrations')
    .select('manager')
    .where('machine_id', '=', machine.id)
    .executeTakeFirst();
  return registered === undefined || !managers.includes(registered.manager);
}

/** The projects in which a step about a machine changes something, or lets its sender read. */
async function machineProjects(act: Act, action: StepAction, name: string): Promise<string[]> {
  const machine = await findMachine(act.db, act.vault.id, name);
  const before = machine === undefined ? [] : await accessOfMachine(act, machine);
  if (action.kind !== 'SetMachineAccess') return before.map(({ project }) => project);
  const [had, has] = [secretsByProject(before), secretsByProject(action.after.access)];
  return [...new Set([...had.keys(), ...has.keys()])].filter((name) => had.get(name) !== has.get(name));
}

function secretsByProject(access: readonly MachineProject[]): Map<string, string> {
  return new Map(access.map(({ project, secrets }) => [project, JSON.stringify(secrets.toSorted(byText))]));
}

/** By the record and by who is noted to have sent it: automation goes by the name of its manager. */
async function isOwnInvite(act: Act, email: string, managers: readonly string[]): Promise<boolean> {
  const manager = await managerOf(act, { kind: 'Member', key: email });
  if (manager === null || !managers.includes(manager)) return false;
  const open = await act.db
    .selectFrom('invites')
    .innerJoin('members', 'members.id', 'invites.member_id')
    .select('invites.invited_by')
    .where('members.vault_id', '=', act.vault.id)
    .where('members.email', '=', email)
    .where('members.state', '=', 'Invited')
    .executeTakeFirst();
  return open !== undefined && open.invited_by === null;
}

/** What a member has, or has once active, before the step and after it; whatever of it has ended (M5). */
async function memberAccesses(
  act: Act,
  action: StepAction,
  email: string,
): Promise<[EffectiveAccess | null, EffectiveAccess | null]> {
  const member = await findMember(act.db, act.vault.id, email);
  const present = member?.access ?? null;
  const byGroups = member === undefined ? [] : await groupGrantsOfMember(act.db, member.row.id);
  const all = await templatesOf(act.db, act.vault.id);
  const templates = new Map(all.map((template) => [template.name, template]));
  const reach = (access: MemberAccess | null) =>
    access === null
      ? null
      : accessWhenActive(access, (name) => templates.get(name), byGroups, BEFORE_ALL_ENDS);
  switch (action.kind) {
    case 'InviteMember':
    case 'SetMemberAccess':
      return [reach(present), reach(action.after)];
    case 'CancelInvite':
      return [reach(present), null];
    case 'ResendInvite':
      return [null, reach(present)];
    default:
      return [null, null];
  }
}

const MEMBERSHIP = 'who is in the organization';

function outOfBounds(outside: string, within: ReadonlySet<string>): DomainError {
  const bound = within.size === 0 ? 'no project' : `the projects ${[...within].sort(byText).join(', ')}`;
  return refuse(
    'Forbidden',
    `The delegation is bounded to ${bound}; this is about ${outside}.`,
    'The owner makes an identity with other bounds.',
  );
}
