/** A template that is declared no longer goes once nobody holds it: members that others gave it to keep it. */
import type { TemplateFields } from '#model/fields.ts';
import type { PermissionTemplate } from '#model/organization.ts';
import type { StepAction } from '#model/step.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, draft, emptyContribution } from './contribution.ts';
import { foreignDraft, foreignTemplates } from './exclusive.ts';
import { listed, sortedTexts } from './sorted.ts';
import type { TemplateOutlook } from './templates.ts';
import { release } from './withdrawn.ts';

export function planTemplateDeletions(
  context: Context,
  templates: Pick<TemplateOutlook, 'withdrawn'>,
  members: readonly Draft[],
): Contribution {
  const outcome = emptyContribution();
  const leaving = new Map<string, Draft>();
  const arriving = new Map<string, string[]>();
  for (const step of members) {
    const { action } = step;
    if (action.kind === 'SetMemberAccess' || action.kind === 'InviteMember') {
      leaving.set(action.key, step);
      const { template } = action.after;
      if (template === null) continue;
      const comers = arriving.get(template);
      if (comers === undefined) arriving.set(template, [action.key]);
      else comers.push(action.key);
    } else if (action.kind === 'RemoveMember' || action.kind === 'CancelInvite') {
      leaving.set(action.key, step);
    }
  }
  const holders = Map.groupBy(context.observed.members, ({ template }) => template);
  const there = new Map(context.observed.templates.map((template) => [template.name, template]));
  const stayingWith = (name: string): string[] =>
    sortedTexts([
      ...(holders.get(name) ?? []).map(({ email }) => email).filter((email) => !leaving.has(email)),
      ...(arriving.get(name) ?? []),
    ]);
  for (const record of templates.withdrawn) {
    const template = there.get(record.key);
    if (template === undefined) {
      outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
      continue;
    }
    const staying = stayingWith(record.key);
    const subject = { kind: 'PermissionTemplate', key: record.key } as const;
    if (staying.length > 0) {
      outcome.findings.push({
        subject,
        source: null,
        reason: 'TemplateInUse',
        severity: 'Waiting',
        message: `${record.key} is declared no longer; it stays, because members hold it: ${listed(staying)}.`,
        next: 'Give them another template.',
      });
      continue;
    }
    outcome.drafts.push(
      draft(subject, deletionOf(template), 'declared no longer', { record: null, absent: [record] }),
    );
  }
  // One that somebody holds stays: they would lose what a declaration may give them.
  for (const name of foreignTemplates(context)) {
    const template = there.get(name);
    if (template === undefined || stayingWith(name).length > 0) continue;
    outcome.drafts.push(foreignDraft('PermissionTemplate', deletionOf(template)));
  }
  return outcome;
}

function deletionOf({ name, description, capabilities, projectScope }: PermissionTemplate): StepAction {
  const before: TemplateFields = { description, capabilities, projectScope };
  return { kind: 'DeleteTemplate', key: name, before, after: null };
}
