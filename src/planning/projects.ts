/**
 * Projects and the secrets that must exist in them (P2).
 *
 * Decides P2: projects as Git declares them.
 */

import type { GrantTerms, Project, ProjectScope } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import { shellWord } from '#model/shell-word.ts';
import type { StepAction } from '#model/step.ts';
import { appliedProject } from './applied.ts';
import { claimIfNeeded, claimsOf, managedByAnother, notAdopted, outcomeOf, takesOver } from './claims.ts';
import { type Context, recordAfter, recordOwner } from './context.ts';
import { type Contribution, draft } from './contribution.ts';
import type { DesiredProject, Finding, Source } from './plan-types.ts';
import { isNameKept, withLine } from './rename-steps.ts';
import { listed, sortedBy, sortedTexts } from './sorted.ts';
import { noRoomForProject } from './tier-terms.ts';
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
  const grants = new Map<string, ProjectGrant[]>();
  const groupGrants = new Map<string, ProjectGrant[]>();
  const undecided = new Set<string>(claims.contested);
  for (const { kind, key } of desired.incomplete) if (kind === 'Project') undecided.add(key);

  for (const [name, project] of claims.acting) {
    if (!planProject(context, project, there.get(name), outcome, secrets)) {
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
  return { outcome, available, secrets, grants, groupGrants, undecided, absent };
}

function granted(grants: Map<string, ProjectGrant[]>, to: string, grant: ProjectGrant): void {
  const list = grants.get(to);
  if (list === undefined) grants.set(to, [grant]);
  else list.push(grant);
}

/** Whether the object acts; secrets that it makes are added to `secrets`. */
function planProject(
  context: Context,
  project: DesiredProject,
  there: Project | undefined,
  outcome: Contribution,
  secrets: Set<string>,
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

  const applied = {
    description: project.description,
    secrets: sortedTexts(project.secrets.map((secret) => secret.name)),
  };
  const after = recordAfter(context, source, subject, applied, project.deletionPolicy);
  const takenOver = takesOver(context, source, 'Project', name);
  const step = ownStep(project, there);
  const isNew = step?.action.kind === 'CreateProject';
  const record = isNew ? withLine(after, project) : after;
  const noRoom = isNew ? noRoomForProject(context, outcome.drafts.filter(isCreation).length) : null;
  if (noRoom !== null) {
    outcome.findings.push({ subject, source, ...noRoom });
    return false;
  }
  if (step !== null)
    outcome.drafts.push(draft(subject, step.action, step.why, { source, record, takenOver }));
  if (step?.action.kind === 'UpdateProject') outcome.findings.push(...drift(context, project));
  const recorded = step !== null && (there === undefined || owned === 'ours');
  const made = planSecrets(project, outcome, secrets, (key, generator) =>
    draft(subject, { kind: 'CreateSecret', key, before: null, after: { generator } }, 'not in the vault', {
      source,
      record: recorded ? undefined : record,
      takenOver,
    }),
  );
  if (step === null && made === 0) {
    outcome.drafts.push(...claimIfNeeded(context, source, subject, applied, project.deletionPolicy));
  }
  return true;
}

function isCreation({ action }: Contribution['drafts'][number]): boolean {
  return action.kind === 'CreateProject';
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

type Generator = NonNullable<DesiredProject['secrets'][number]['generator']>;

/** The number of secrets that are made; a missing one without a generator waits for its value. */
function planSecrets(
  project: DesiredProject,
  outcome: Contribution,
  secrets: Set<string>,
  create: (key: string, generator: Generator) => Contribution['drafts'][number],
): number {
  const missing: string[] = [];
  let made = 0;
  const seen = new Set<string>();
  for (const { name, generator } of sortedBy(project.secrets, (secret) => secret.name)) {
    const key = `${project.name}/${name}`;
    if (secrets.has(key) || seen.has(key)) continue;
    seen.add(key);
    if (generator === null) {
      missing.push(key);
      continue;
    }
    outcome.drafts.push(create(key, generator));
    made += 1;
    secrets.add(key);
  }
  if (missing.length > 0) {
    outcome.findings.push(secretMissing({ kind: 'Project', key: project.name }, project.source, missing));
  }
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
