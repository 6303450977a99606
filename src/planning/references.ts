/** What a declaration names and the vault must have. */
import type { MemberAccess } from '#model/organization.ts';
import type { Outlooks } from './declared-person.ts';
import type { Finding, Source } from './plan-types.ts';
import { projectsMissing } from './projects.ts';
import { listed, sortedTexts } from './sorted.ts';

/** Never a partial replacement: what names something that is not there is not planned at all. */
export function unresolvedReferences(
  subject: Finding['subject'],
  source: Source,
  after: MemberAccess,
  outlooks: Outlooks,
  before: MemberAccess | null = null,
): Finding[] {
  const findings: Finding[] = [];
  if (
    after.template !== null &&
    after.template !== before?.template &&
    !outlooks.templates.available.has(after.template)
  ) {
    findings.push({
      subject,
      source,
      reason: 'TemplateNotFound',
      severity: 'Waiting',
      message: `There is no permission template ${after.template}.`,
      next: `Declare a PermissionTemplate named ${after.template}.`,
    });
  }
  if (
    after.template !== null &&
    after.template !== before?.template &&
    outlooks.templates.archived.has(after.template)
  ) {
    findings.push({
      subject,
      source,
      reason: 'TemplateArchived',
      severity: 'Stalled',
      message: `The permission template ${after.template} was archived in the vault; nobody new is given it.`,
      next: 'Name another template, or take it out of the archive in the vault.',
    });
  }
  const held = new Set(before?.grants.map(({ project }) => project));
  const missing = sortedTexts([
    ...projectsMissing(outlooks.projects, after.projectScope),
    ...after.grants
      .map(({ project }) => project)
      .filter((project) => !held.has(project) && !outlooks.projects.available.has(project)),
  ]);
  return [...findings, ...missingProjects(subject, source, missing)];
}

/** None where none is missing. */
export function missingProjects(
  subject: Finding['subject'],
  source: Source | null,
  missing: readonly string[],
): Finding[] {
  if (missing.length === 0) return [];
  return [
    {
      subject,
      source,
      reason: 'ProjectNotFound',
      severity: 'Waiting',
      message: `Not in the vault: ${missing.length === 1 ? 'project' : 'projects'} ${listed(missing)}.`,
      next: 'Declare them as Project objects, or take them out here.',
    },
  ];
}
