/**
 * The secrets that a machine is granted once the plan has run: explicit grants, one by one (H2).
 *
 * Decides H2: how a binding becomes grants of secrets, one by one.
 */
import type { MachineProject } from '#model/organization.ts';
import { sameValue } from '#model/same.ts';
import type { Draft } from './contribution.ts';
import type { ProjectOutlook } from './projects.ts';
import { sortedTexts } from './sorted.ts';
import { itemRevocation, type StandingRevocations } from './standing-revocations.ts';

/** Projects, and `project/secret`, that are there to be granted. */
interface Available {
  readonly available: Pick<ReadonlySet<string>, 'has'>;
  readonly secrets: Pick<ReadonlySet<string>, 'has'>;
}

interface MachineAccessInput {
  readonly declared: readonly MachineProject[];
  readonly observed: readonly MachineProject[];
  /** What our record says that we applied. */
  readonly applied: readonly MachineProject[];
  /** What others granted beside what is declared is taken away (rail 11). */
  readonly exclusive: boolean;
  readonly revocations: StandingRevocations;
  readonly projects: Available;
  /** Whether the machine may come to read more in the project than it does. */
  readonly mayBind: (project: string) => boolean;
}

export interface MachineAccessOutlook {
  /** All access of the machine then, foreign grants included. */
  readonly access: readonly MachineProject[];
  /** What is ours of it. */
  readonly applied: readonly MachineProject[];
  /** What of `access` is not ours: `project`, `project/secret`. */
  readonly foreign: readonly string[];
  /** Whether something that others granted goes. */
  readonly takesForeign: boolean;
  readonly changes: boolean;
  readonly missingProjects: readonly string[];
  /** `project/secret`. */
  readonly missingSecrets: readonly string[];
  /** Where `mayBind` kept something back. */
  readonly unbindable: readonly string[];
}

/** Like the grants of a member: ours and declared no longer goes, foreign stays, cut by a person stays cut. */
export function machineAccessAfter(input: MachineAccessInput): MachineAccessOutlook {
  const access = new Map<string, Set<string>>();
  const applied = new Map<string, Set<string>>();
  const missingProjects: string[] = [];
  const missingSecrets: string[] = [];
  const unbindable = new Set<string>();
  const observed = itemsOf(input.observed);
  const ours = itemsOf(input.applied);

  const allowed = (item: string, project: string): boolean => {
    if (observed.has(item)) return true;
    if (!input.mayBind(project)) {
      unbindable.add(project);
      return false;
    }
    return !input.revocations.keepBack(itemRevocation([item, project]));
  };

  for (const { project, secrets } of input.declared) {
    if (!input.projects.available.has(project)) {
      missingProjects.push(project);
      continue;
    }
    if (!allowed(project, project)) continue;
    enter(access, project);
    enter(applied, project);
    for (const secret of secrets) {
      const item = `${project}/${secret}`;
      if (!input.projects.secrets.has(item)) missingSecrets.push(item);
      else if (allowed(item, project)) {
        enter(access, project).add(secret);
        enter(applied, project).add(secret);
      }
    }
  }
  let takesForeign = false;
  for (const { project, secrets } of input.observed) {
    const foreign = secrets.filter((secret) => !ours.has(`${project}/${secret}`));
    if (foreign.length === 0 && ours.has(project)) continue;
    if (input.exclusive) {
      const declared = applied.get(project);
      takesForeign ||= declared === undefined || foreign.some((secret) => !declared.has(secret));
      continue;
    }
    const kept = enter(access, project);
    for (const secret of foreign) kept.add(secret);
  }
  const target = { access: listOf(access), applied: listOf(applied) };
  const kept = itemsOf(target.applied);
  return {
    ...target,
    takesForeign,
    changes: !sameValue(input.observed, target.access),
    foreign: sortedTexts([...itemsOf(target.access)].filter((item) => !kept.has(item))),
    missingProjects: sortedTexts(missingProjects),
    missingSecrets: sortedTexts(missingSecrets),
    unbindable: sortedTexts(unbindable),
  };
}

/**
 * What the plan gives back (rail 7) is granted by a step that follows that, and where nothing else is to be granted: the rest
 * waits for no approval of it.
 */
export function withGivenBack<Outlook extends Pick<MachineAccessOutlook, 'access' | 'changes'>>(
  { available, secrets, restored }: Pick<ProjectOutlook, 'available' | 'secrets' | 'restored'>,
  outlook: (projects: Available) => Outlook,
): Outlook & { readonly follows: readonly Draft[] } {
  const settled = outlook({ available, secrets });
  if (restored.size === 0 || settled.changes) return { ...settled, follows: [] };
  const then = outlook({
    available: { has: (key) => available.has(key) || restored.has(key) },
    secrets: { has: (key) => secrets.has(key) || restored.has(key) },
  });
  const follows = [...itemsOf(then.access)].flatMap((item) => restored.get(item) ?? []);
  return { ...then, follows: [...new Set(follows)] };
}

function enter(map: Map<string, Set<string>>, project: string): Set<string> {
  let secrets = map.get(project);
  if (secrets === undefined) {
    secrets = new Set();
    map.set(project, secrets);
  }
  return secrets;
}

/** Projects, and `project/secret`: names have no slash. */
function itemsOf(access: readonly MachineProject[]): Set<string> {
  return new Set(
    access.flatMap(({ project, secrets }) => [project, ...secrets.map((secret) => `${project}/${secret}`)]),
  );
}

function listOf(access: ReadonlyMap<string, ReadonlySet<string>>): MachineProject[] {
  return sortedTexts(access.keys()).map((project) => ({
    project,
    secrets: sortedTexts(access.get(project) ?? []),
  }));
}
