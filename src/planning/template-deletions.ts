/** A template that is declared no longer goes once nobody holds it: members that others gave it to keep it. */
import type { TemplateFields } from '#model/fields.ts';
import type { Context } from './context.ts';
import { type Contribution, type Draft, draft, emptyContribution } from './contribution.ts';
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
      if (template !== null) arriving.set(template, [...(arriving.get(template) ?? []), action.key]);
    } else if (action.kind === 'RemoveMember' || action.kind === 'CancelInvite') {
      leaving.set(action.key, step);
    }
  }
  for (const record of templates.withdrawn) {
    const there = context.observed.templates.find(({ name }) => name === record.key);
    if (there === undefined) {
      outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
      continue;
    }
    const holders = context.observed.members.filter(({ template }) => template === record.key);
    const staying = sortedTexts([
      ...holders.map(({ email }) => email).filter((email) => !leaving.has(email)),
      ...(arriving.get(record.key) ?? []),
    ]);
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
    const { description, capabilities, projectScope } = there;
    const before: TemplateFields = { description, capabilities, projectScope };
    outcome.drafts.push(
      draft(subject, { kind: 'DeleteTemplate', key: record.key, before, after: null }, 'declared no longer', {
        record: null,
        absent: [record],
      }),
    );
  }
  return outcome;
}
