import type { MachineProject } from '#model/organization.ts';
import type { Act } from '../act/context.ts';
import { byText } from '../common/scope.ts';
import { clearTombstones, recordTombstone } from '../managed/tombstones.ts';
import { requireTier } from '../tiers/lapse.ts';
import { authorizeAttaching, type RequireAttaching } from './machine-scope.ts';
import { accessOfMachine, checkKeys, gainedItems, machineNamed, setMachineAccess } from './machines.ts';

/**
 * Puts a machine into exactly these projects with exactly these secrets. The person holds Secrets: Manage in each
 * project where that changes something (H1). What that takes away no manager gives back (rail 7). `decidedOn`:
 * fingerprints of its keys as the person knows them; null: they named none. Throws DomainError `NotFound`, `Forbidden`,
 * `Invalid`, `StaleBefore`, and `PlanLapsed` where it gives anything (P4).
 */
export async function setAccessByPerson(
  act: Act,
  requireAlso: RequireAttaching,
  name: string,
  access: readonly MachineProject[],
  decidedOn: readonly string[] | null,
): Promise<void> {
  const machine = await machineNamed(act, name);
  await checkKeys(act, machine, decidedOn);
  const before = await accessOfMachine(act, machine);
  await authorizeAttaching(act, requireAlso, changedProjects(before, access));
  const gained = gainedItems(before, access);
  if (gained.length > 0) requireTier(act);
  await setMachineAccess(act, machine, access);
  const subject = { kind: 'MachineBinding', key: name } as const;
  const entry = await act.audit({
    action: 'machine.access-set',
    subject,
    details: { id: machine.id, before: plain(before), after: plain(access) },
  });
  await clearTombstones(act, subject, ['GrantRemoved'], gained);
  await buryLost(act, entry, name, gainedItems(access, before));
}

/** A project that the machine leaves speaks for the secrets within, those that were cut before among them; not for final cuts. */
async function buryLost(act: Act, entry: string, name: string, lost: readonly string[]): Promise<void> {
  const subject = { kind: 'MachineBinding', key: name } as const;
  const projects = lost.filter((item) => !item.includes('/'));
  const within = (item: string): boolean => projects.includes(item.split('/', 1)[0] ?? '');
  const rows = await act.db
    .selectFrom('tombstones')
    .select(['item', 'final'])
    .where('vault_id', '=', act.vault.id)
    .where('kind', '=', subject.kind)
    .where('key', '=', name)
    .execute();
  const final = new Set(rows.flatMap((row) => (row.final === 1 ? [row.item] : [])));
  const spokenFor = rows.map(({ item }) => item).filter((item) => within(item) && !final.has(item));
  await clearTombstones(act, subject, ['GrantRemoved'], spokenFor);
  for (const item of lost) {
    if (!item.includes('/') || !within(item)) {
      await recordTombstone(act, entry, { ...subject, act: 'GrantRemoved', item });
    }
  }
}

/** The projects in which two accesses differ, by being there or by a secret. */
function changedProjects(
  before: readonly MachineProject[],
  after: readonly MachineProject[],
): { readonly project: string }[] {
  const texts = (access: readonly MachineProject[]) =>
    new Map(access.map(({ project, secrets }) => [project, JSON.stringify(secrets.toSorted(byText))]));
  const [had, has] = [texts(before), texts(after)];
  const names = [...new Set([...had.keys(), ...has.keys()])];
  return names.filter((name) => had.get(name) !== has.get(name)).map((project) => ({ project }));
}

function plain(access: readonly MachineProject[]) {
  return access.map(({ project, secrets }) => ({ project, secrets: [...secrets] }));
}
