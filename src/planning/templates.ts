/**
 * Permission templates (T1 to T4).
 *
 * Decides T1: templates as Git declares them.
 * Decides T4: which declared cells are left out, and that it is said.
 */
import { canonicalScope } from '#model/access.ts';
import { CATEGORIES, type Capabilities, cellDefinition, cellsOf } from '#model/capabilities.ts';
import type { TemplateFields } from '#model/fields.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import type { ManagedRecord, Tombstone } from '#model/record.ts';
import { givenToTemplate, isAnsweredBy, standingRevocation } from '#model/revocations.ts';
import { sameValue } from '#model/same.ts';
import { claimIfNeeded, claimsOf, managedByAnother, notAdopted, outcomeOf, takesOver } from './claims.ts';
import { type Context, recordAfter, recordOwner } from './context.ts';
import { type Contribution, draft } from './contribution.ts';
import type { DesiredTemplate, Finding, Source } from './plan-types.ts';
import { type ProjectOutlook, projectsMissing } from './projects.ts';
import { isNameKept, withLine } from './rename-steps.ts';
import { scopeWithoutRevocations } from './revoked-scope.ts';
import { listed, sortedTexts } from './sorted.ts';
import { itemRevocation, StandingRevocations } from './standing-revocations.ts';
import { reinstateNeeded } from './tombstones.ts';
import { whyTemplate } from './why.ts';
import { withdrawnRecords } from './withdrawn.ts';

export interface TemplateOutlook {
  readonly outcome: Contribution;
  /** Templates that are there once the plan has run, as they are then. */
  readonly available: ReadonlySet<string>;
  /** Nobody new is given them. */
  readonly archived: ReadonlySet<string>;
  /** Records of templates that nobody declares any more; deleted once nobody holds them. */
  readonly withdrawn: readonly ManagedRecord[];
}

export function planTemplates(context: Context, projects: ProjectOutlook): TemplateOutlook {
  const claims = claimsOf(context, 'PermissionTemplate', context.desired.templates, ({ name }) => name);
  const outcome = outcomeOf(claims);
  const there = new Map(context.observed.templates.map((template) => [template.name, template]));
  const available = new Set(there.keys());
  for (const [name, template] of claims.acting) {
    if (planTemplate(context, template, there.get(name), projects, outcome)) available.add(name);
  }
  const archived = new Set(
    context.observed.templates.flatMap((template) => (template.archived ? [template.name] : [])),
  );
  return { outcome, available, archived, withdrawn: withdrawnRecords(context, 'PermissionTemplate', claims) };
}

/** Whether the template is there once the plan has run. */
function planTemplate(
  context: Context,
  template: DesiredTemplate,
  there: PermissionTemplate | undefined,
  projects: ProjectOutlook,
  outcome: Contribution,
): boolean {
  const { name, source } = template;
  const subject = { kind: 'PermissionTemplate', key: name } as const;
  if (isNameKept(context, subject, source, outcome)) return there !== undefined;
  const owned = recordOwner(context, 'PermissionTemplate', name, source, there);
  if (owned === 'other') {
    const manager = context.record('PermissionTemplate', name)?.manager ?? '';
    outcome.findings.push(managedByAnother(subject, source, manager));
    return there !== undefined;
  }
  const impossible = impossibleFinding(template, projects);
  if (impossible !== null) {
    outcome.findings.push(impossible);
    return there !== undefined;
  }
  outcome.findings.push(...ownerOnlyFindings(template));

  const declared = canonicalTemplate(template.fields);
  const before = there === undefined ? null : templateFields(there);
  if (before !== null && owned === 'unowned' && !sameValue(canonicalTemplate(before), declared)) {
    const difference = whyTemplate(canonicalTemplate(before), declared);
    outcome.findings.push(notAdopted(subject, source, { id: there?.id ?? name, difference }));
    return true;
  }

  const cells = withoutCutCells(context, template, declared, before);
  const revocations = new StandingRevocations(
    context.tombstones('PermissionTemplate', name),
    source.reinstate,
  );
  const scopes = { before: before?.projectScope ?? [], declared: declared.projectScope };
  const projectScope = scopeWithoutRevocations(revocations, scopes, givenToTemplate);
  for (const tombstone of [...cells.leftOut, ...revocations.keptBack]) {
    outcome.findings.push(reinstateNeeded(subject, source, tombstone));
  }
  const reinstate = cells.reinstate ?? revocations.reinstated;
  const after: TemplateFields = {
    ...declared,
    capabilities: cells.capabilities,
    projectScope,
  };
  planChange(context, template, { before, after, reinstate }, outcome);
  return true;
}

/** What keeps a template from being made at all; null: nothing. */
function impossibleFinding(template: DesiredTemplate, projects: ProjectOutlook): Finding | null {
  const { name, source, fields } = template;
  const unknown = unknownCells(fields.capabilities);
  if (unknown.length > 0) return invalidCells(template, unknown);
  const missing = projectsMissing(projects, fields.projectScope);
  if (missing.length === 0) return null;
  return {
    subject: { kind: 'PermissionTemplate', key: name },
    source,
    reason: 'ProjectNotFound',
    severity: 'Waiting',
    message: `The scope names projects that are not in the vault: ${listed(missing)}.`,
    next: 'Declare them, or take them out of the scope.',
  };
}

function ownerOnlyFindings({ name, source, fields }: DesiredTemplate): Finding[] {
  const ownerOnly = ownerOnlyCells(fields.capabilities);
  if (ownerOnly.length === 0) return [];
  return [
    {
      subject: { kind: 'PermissionTemplate', key: name },
      source,
      reason: 'OwnerOnlyCell',
      severity: 'Info',
      message: `Left out, because the owner alone has them (T4): ${ownerOnly.join(', ')}.`,
      next: 'Take them out of the template.',
    },
  ];
}

/** The step to `after`, or to the record alone; `before` null: the template is not there. */
function planChange(
  context: Context,
  { name, renamedFrom, source }: DesiredTemplate,
  change: {
    readonly before: TemplateFields | null;
    readonly after: TemplateFields;
    readonly reinstate: string | null;
  },
  outcome: Contribution,
): void {
  const { before, after, reinstate } = change;
  const subject = { kind: 'PermissionTemplate', key: name } as const;
  const next = recordAfter(context, source, subject, after);
  const record = before === null ? withLine(next, { renamedFrom }) : next;
  const rest = { source, record, reinstate, takenOver: takesOver(context, source, subject.kind, name) };
  if (before === null) {
    outcome.drafts.push(
      draft(subject, { kind: 'CreateTemplate', key: name, before, after }, 'not in the vault', rest),
    );
    return;
  }
  if (sameValue(canonicalTemplate(before), after)) {
    outcome.drafts.push(...claimIfNeeded(context, source, subject, after));
    return;
  }
  const why = whyTemplate(canonicalTemplate(before), after);
  outcome.drafts.push(draft(subject, { kind: 'UpdateTemplate', key: name, before, after }, why, rest));
  const applied = context.record(subject.kind, name)?.applied;
  if (applied === undefined || !sameValue(applied, after)) return;
  outcome.findings.push({
    subject,
    source,
    reason: 'Drift',
    severity: 'Info',
    message: `${name} was changed in the vault (${why}).`,
    next: 'The plan puts it back as declared.',
  });
}

/** Rail 7: a cell that a person took out stays out until `reinstate` names the entry. */
function withoutCutCells(
  context: Context,
  template: DesiredTemplate,
  declared: TemplateFields,
  before: TemplateFields | null,
): { capabilities: Capabilities; leftOut: Tombstone[]; reinstate: string | null } {
  const tombstones = context.tombstones('PermissionTemplate', template.name);
  const leftOut: Tombstone[] = [];
  let reinstate: string | null = null;
  const capabilities: { [category: string]: string[] } = {};
  for (const category of CATEGORIES) {
    const cells = (declared.capabilities[category] ?? []).filter((cell) => {
      if (before?.capabilities[category]?.includes(cell) === true) return true;
      const revocation = standingRevocation(tombstones, itemRevocation([`${category}: ${cell}`]));
      if (revocation === undefined) return true;
      if (isAnsweredBy(revocation, template.source.reinstate)) {
        reinstate = revocation.entry;
        return true;
      }
      leftOut.push(revocation);
      return false;
    });
    if (cells.length > 0) capabilities[category] = cells;
  }
  return { capabilities: capabilities as Capabilities, leftOut, reinstate };
}

function templateFields(template: PermissionTemplate): TemplateFields {
  const { description, capabilities, projectScope } = template;
  return { description, capabilities, projectScope };
}

/** One form for what means the same: cells in the order of the matrix, no empty category, no owner-only cell. */
function canonicalTemplate(fields: TemplateFields): TemplateFields {
  const capabilities: { [category: string]: string[] } = {};
  for (const category of CATEGORIES) {
    const named = fields.capabilities[category] ?? [];
    const cells = cellsOf(category).filter(
      (cell) => named.includes(cell) && cellDefinition(`${category}: ${cell}`)?.ownerOnly === false,
    );
    if (cells.length > 0) capabilities[category] = cells;
  }
  return {
    description: fields.description,
    capabilities: capabilities as Capabilities,
    projectScope: canonicalScope(fields.projectScope),
  };
}

function declaredCells(capabilities: Capabilities): string[] {
  return Object.entries(capabilities).flatMap(([category, cells]) =>
    (cells ?? []).map((cell) => `${category}: ${cell}`),
  );
}

function unknownCells(capabilities: Capabilities): string[] {
  return sortedTexts(declaredCells(capabilities).filter((cell) => cellDefinition(cell) === undefined));
}

function ownerOnlyCells(capabilities: Capabilities): string[] {
  return sortedTexts(declaredCells(capabilities).filter((cell) => cellDefinition(cell)?.ownerOnly === true));
}

function invalidCells(template: { name: string; source: Source }, unknown: readonly string[]) {
  const category = CATEGORIES.find((name) => unknown[0]?.startsWith(`${name}: `));
  const known = category === undefined ? CATEGORIES.join(', ') : cellsOf(category).join(', ');
  return {
    subject: { kind: 'PermissionTemplate', key: template.name },
    source: template.source,
    reason: 'InvalidCell',
    severity: 'Stalled',
    message: `There is no such cell: ${listed(unknown)}.`,
    next: category === undefined ? `The categories are ${known}.` : `${category} has ${known}.`,
  } as const;
}
