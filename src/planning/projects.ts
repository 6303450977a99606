/**
 * Projects and the secrets that must exist in them (P2).
 *
 * Decides P2: projects as Git declares them.
 */

import type { GrantTerms, Project, ProjectScope } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedRecord, Tombstone } from '#model/record.ts';
import { givenToProject, isAnsweredBy, standingRevocation } from '#model/revocations.ts';
import { shellWord } from '#model/shell-word.ts';
import type { StepAction } from '#model/step.ts';
import { appliedProject } from './applied.ts';
import { claimIfNeeded, claimsOf, managedByAnother, notAdopted, outcomeOf, takesOver } from './claims.ts';
import { type Context, recordAfter, recordOwner } from './context.ts';
import { type Contribution, type Draft, draft } from './contribution.ts';
import { comesBackWith, givenBack, type SecretStep, secretStep } from './deleted-by-people.ts';
import type { DesiredProject, Finding, Source } from './plan-types.ts';
import { isNameKept, withLine } from './rename-steps.ts';
import { listed, sortedBy, sortedTexts } from './sorted.ts';
import { noRoomForProject } from './tier-terms.ts';
import { reinstateNeeded } from './tombstones.ts';
import { release, withdrawnRecords } from './withdrawn.ts';

/** A grant that a Project object declares. */
export interface ProjectGrant {
  readonly project: string;
  readonly terms: GrantTerms;
  readonly source: Source;
}

/** What the rest of the plan needs to know of projects. */
export interface ProjectOutlook {
  readonly outcome: Contribution;
  /** Projects that are there once the plan has run. */
  readonly available: ReadonlySet<string>;
  /** `project/secret` that are there once the plan has run. */
  readonly secrets: ReadonlySet<string>;
  /** Projects, and `project/secret`, that a step of the plan gives back (rail 7): not there before it ran. */
  readonly restored: ReadonlyMap<string, Draft>;
  /** Grants that Project objects declare, by e-mail. */
  readonly grants: ReadonlyMap<string, readonly ProjectGrant[]>;
  /** The same by name of group. */
  readonly groupGrants: ReadonlyMap<string, readonly ProjectGrant[]>;
  /** Projects whose object cannot act: grants that it may declare are neither given nor taken. */
  readonly undecided: ReadonlySet<string>;
  /** Records of projects that nobody declares any more. */
  readonly absent: ReadonlyMap<string, ManagedRecord>;
}

export function planProjects(context: Context): ProjectOutlook {
  const { desired, observed } = context;
  const claims = claimsOf(context, 'Project', desired.projects, ({ name }) => name);
  const outcome = outcomeOf(claims);
  const there = new Map(observed.projects.map((project) => [project.name, project]));
  const available = new Set(there.keys());
  const secrets = new Set(observed.secrets.map(({ project, name }) => `${project}/${name}`));
  const restored = new Map<string, Draft>();
  const grants = new Map<string, ProjectGrant[]>();
  const groupGrants = new Map<string, ProjectGrant[]>();
  const undecided = new Set<string>(claims.contested);
  for (const { kind, key } of desired.incomplete) if (kind === 'Project') undecided.add(key);

  for (const [name, project] of claims.acting) {
    if (!planProject(context, project, there.get(name), { outcome, secrets, restored })) {
      undecided.add(name);
      continue;
    }
    available.add(name);
    for (const { member, ...terms } of project.grants) {
      granted(grants, normalizeEmail(member), { project: name, terms, source: project.source });
    }
    for (const { group, ...terms } of project.groupGrants) {
      granted(groupGrants, group, { project: name, terms, source: project.source });
    }
  }

  const absent = new Map<string, ManagedRecord>();
  for (const record of withdrawnRecords(context, 'Project', claims)) {
    absent.set(record.key, record);
    planWithdrawal(context, record, there.get(record.key), outcome);
  }
  return { outcome, available, secrets, restored, grants, groupGrants, undecided, absent };
}

function granted(grants: Map<string, ProjectGrant[]>, to: string, grant: ProjectGrant): void {
  const list = grants.get(to);
  if (list === undefined) grants.set(to, [grant]);
  else list.push(grant);
}

interface Planning {
  readonly outcome: Contribution;
  /** Secrets that it makes are added. */
  readonly secrets: Set<string>;
  /** What it gives back is added. */
  readonly restored: Map<string, Draft>;
}

/** Whether the object acts, and the project is there once the plan has run. */
function planProject(
  context: Context,
  project: DesiredProject,
  there: Project | undefined,
  { outcome, secrets, restored }: Planning,
): boolean {
  const { name, source } = project;
  const subject = { kind: 'Project', key: name } as const;
  if (isNameKept(context, subject, source, outcome)) return false;
  const owned = recordOwner(context, 'Project', name, source, there);
  if (owned === 'other') {
    const manager = context.record('Project', name)?.manager ?? '';
    outcome.findings.push(managedByAnother(subject, source, manager));
    return false;
  }
  if (there !== undefined && owned === 'unowned' && there.description !== project.description) {
    outcome.findings.push(notAdopted(subject, source, { id: there.id, difference: 'description' }));
    return false;
  }

  const tombstones = context.tombstones('Project', name);
  const cut = there === undefined ? standingRevocation(tombstones, givenToProject.itself) : undefined;
  if (cut !== undefined && !isAnsweredBy(cut, source.reinstate)) {
    outcome.findings.push(reinstateNeeded(subject, source, cut));
    return false;
  }

  const applied = {
    description: project.description,
    secrets: sortedTexts(project.secrets.map((secret) => secret.name)),
  };
  const after = recordAfter(context, source, subject, applied, project.deletionPolicy);
  const takenOver = takesOver(context, source, 'Project', name);
  const step = cut === undefined ? ownStep(project, there) : givenBack(project, cut, tombstones);
  const isNew = there === undefined;
  const record = isNew ? withLine(after, project) : after;
  const noRoom = isNew ? noRoomForProject(context, outcome.drafts.filter(isCreation).length) : null;
  if (noRoom !== null) {
    outcome.findings.push({ subject, source, ...noRoom });
    return false;
  }
  const reinstate = cut?.entry ?? null;
  const own =
    step === null ? null : draft(subject, step.action, step.why, { source, record, takenOver, reinstate });
  if (own !== null) outcome.drafts.push(own);
  if (own !== null && cut !== undefined) {
    restored.set(name, own);
    for (const secret of comesBackWith(cut, tombstones)) restored.set(`${name}/${secret}`, own);
  }
  if (step?.action.kind === 'UpdateProject') outcome.findings.push(...drift(context, project));
  const recorded = step !== null && (there === undefined || owned === 'ours');
  const made = planSecrets(project, tombstones, { outcome, secrets, restored }, (answer) =>
    draft(subject, answer.action, answer.why, {
      source,
      record: recorded ? undefined : record,
      takenOver,
      reinstate: answer.reinstate,
      follows: cut === undefined || own === null ? [] : [own],
    }),
  );
  if (step === null && made === 0) {
    outcome.drafts.push(...claimIfNeeded(context, source, subject, applied, project.deletionPolicy));
  }
  // One that comes back is given in, and bound, once it is there.
  return cut === undefined;
}

function isCreation({ action }: Draft): boolean {
  return action.kind === 'CreateProject' || action.kind === 'RestoreProject';
}

/** The step on the project itself, secrets aside; null: it is as declared. */
function ownStep(
  { name, description }: DesiredProject,
  there: Project | undefined,
): { readonly action: StepAction; readonly why: string } | null {
  const after = { description };
  if (there === undefined) {
    return { action: { kind: 'CreateProject', key: name, before: null, after }, why: 'not in the vault' };
  }
  if (there.description === description) return null;
  const before = { description: there.description };
  return { action: { kind: 'UpdateProject', key: name, before, after }, why: 'description differs' };
}

/** The number of secrets that are made or given back; a missing one without a generator waits for its value. */
function planSecrets(
  project: DesiredProject,
  tombstones: readonly Tombstone[],
  { outcome, secrets, restored }: Planning,
  drafted: (step: SecretStep) => Draft,
): number {
  const subject = { kind: 'Project', key: project.name } as const;
  const missing: string[] = [];
  let made = 0;
  const seen = new Set<string>();
  for (const secret of sortedBy(project.secrets, ({ name }) => name)) {
    const key = `${project.name}/${secret.name}`;
    if (secrets.has(key) || seen.has(key) || restored.has(key)) continue;
    seen.add(key);
    const cut = standingRevocation(tombstones, givenToProject.secret(secret.name));
    const step = secretStep(key, secret, cut);
    if (step === null) {
      if (cut === undefined) missing.push(key);
      else outcome.findings.push(reinstateNeeded(subject, project.source, cut));
      continue;
    }
    const own = drafted(step);
    outcome.drafts.push(own);
    made += 1;
    if (cut === undefined) secrets.add(key);
    else restored.set(key, own);
  }
  if (missing.length > 0) outcome.findings.push(secretMissing(subject, project.source, missing));
  return made;
}

/** Waiting: what no Project declares may be a slip of the pen. */
export function secretNotFound(
  subject: Finding['subject'],
  source: Source | null,
  missing: readonly string[],
): Finding {
  return {
    subject,
    source,
    reason: 'SecretNotFound',
    severity: 'Waiting',
    message: `Not in the vault, and declared by no Project: ${listed(missing)}; the rest is granted.`,
    next: `Correct the name; or ${commandsToSet(missing)}`,
  };
}

/** Waiting: projects, or secrets, that a person deleted; their Project says by which entry (rail 7). */
export function deletedByPeople(
  subject: Finding['subject'],
  source: Source | null,
  reason: 'ProjectNotFound' | 'SecretMissing',
  missing: readonly string[],
): Finding {
  return {
    subject,
    source,
    reason,
    severity: 'Waiting',
    message: `Deleted in the vault by a person: ${listed(missing)}.`,
    next: 'Their Project names the entry that gives them back; or take them out here.',
  };
}

/** Waiting: secrets that have no value yet. */
export function secretMissing(
  subject: Finding['subject'],
  source: Source | null,
  missing: readonly string[],
): Finding {
  return {
    subject,
    source,
    reason: 'SecretMissing',
    severity: 'Waiting',
    message: `Not in the vault yet: ${listed(missing)}.`,
    next: commandsToSet(missing, 'Give'),
  };
}

function commandsToSet(missing: readonly string[], give = 'give'): string {
  const commands = missing.slice(0, 3).map((key) => {
    const [project = '', name = ''] = key.split('/');
    return `seneschal vault secret set ${shellWord(name)} --project ${shellWord(project)}`;
  });
  return `${give} ${missing.length === 1 ? 'it' : 'each'} a value on standard input: ${commands.join('; ')}`;
}

function drift(context: Context, project: DesiredProject): Finding[] {
  const record = context.record('Project', project.name);
  if (record === undefined || appliedProject(record.applied).description !== project.description) return [];
  return [
    {
      subject: { kind: 'Project', key: project.name },
      source: project.source,
      reason: 'Drift',
      severity: 'Info',
      message: `The description of ${project.name} was changed in the vault.`,
      next: 'The plan puts it back as declared.',
    },
  ];
}

function planWithdrawal(
  context: Context,
  record: ManagedRecord,
  there: Project | undefined,
  outcome: Contribution,
): void {
  if (there === undefined) {
    outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
    return;
  }
  if (record.deletionPolicy !== 'Delete') {
    outcome.drafts.push(release(record, 'declared no longer; deletionPolicy Orphan keeps it'));
    return;
  }
  const secrets = context.observed.secrets.filter(({ project }) => project === record.key);
  const before = { description: there.description, secrets: sortedTexts(secrets.map(({ name }) => name)) };
  outcome.drafts.push(
    draft(
      { kind: 'Project', key: record.key },
      { kind: 'DeleteProject', key: record.key, before, after: null },
      'declared no longer; deletionPolicy Delete',
      { record: null, absent: [record] },
    ),
  );
}

/** Projects of a scope that neither are in the vault nor are made by the plan. */
export function projectsMissing(
  projects: Pick<ProjectOutlook, 'available'>,
  scope: ProjectScope | null,
): string[] {
  if (scope === null || scope === 'All') return [];
  return sortedTexts(scope.filter((project) => !projects.available.has(project)));
}
