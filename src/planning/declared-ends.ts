/**
 * Ends that Git declares or the vault reports: when the next one comes, and which have come, so that their lines can go.
 *
 * Decides M5: that a line which has ended gives nothing back, and that its deletion is proposed.
 */
import { endText, hasEnded } from '#model/ends.ts';
import type { MemberAccess } from '#model/organization.ts';
import type { Context } from './context.ts';
import { type Contribution, emptyContribution } from './contribution.ts';
import type { DesiredGroup, DesiredMember, DesiredProject, Finding, Source } from './plan-types.ts';
import { listed } from './sorted.ts';
import { named } from './source-text.ts';

type Fields = Omit<MemberAccess, 'grants'>;

/** A finding for each object with a line that has ended, and the moments at which more of them end. */
export function planEnds(context: Context): Contribution {
  const { desired, observed, now } = context;
  const outcome = emptyContribution();
  const ends = [
    ...desired.members.flatMap(({ member, grants }) => endsOf({ ...member, grants })),
    ...desired.groups.flatMap(({ fields: { ends = [], grants } }) =>
      [...ends, ...grants].map(({ expiresAt }) => expiresAt),
    ),
    ...desired.projects.flatMap(({ grants, groupGrants }) =>
      [...grants, ...groupGrants].map(({ expiresAt }) => expiresAt),
    ),
    ...observed.members.flatMap(endsOf),
    ...observed.groups.flatMap(({ ends = [], grants }) =>
      [...ends, ...grants].map(({ expiresAt }) => expiresAt),
    ),
  ];
  // The next one alone: each of them wakes the plan that names the one after it.
  const next = ends.reduce<number>(
    (least, end) => (end !== undefined && end > now ? Math.min(least, end) : least),
    Number.POSITIVE_INFINITY,
  );
  if (Number.isFinite(next)) outcome.wakes.push(next);
  outcome.findings.push(
    ...desired.members.flatMap((member) => endedMember(member, now) ?? []),
    ...desired.groups.flatMap((group) => endedGroup(group, now) ?? []),
    ...desired.projects.flatMap((project) => endedGrants(project, now) ?? []),
  );
  return outcome;
}

/**
 * The declared fields, without a template whose assignment has ended and which the person does not hold: it would be given
 * back to give nothing.
 */
export function withoutEndedTemplate(declared: Fields, held: Pick<Fields, 'template'>, now: number): Fields {
  const { templateExpiresAt, ...rest } = declared;
  if (!hasEnded(templateExpiresAt, now) || declared.template === held.template) return declared;
  return { ...rest, template: null, projectScope: null };
}

function endsOf({
  expiresAt,
  templateExpiresAt,
  grants,
}: Omit<MemberAccess, 'role' | 'template' | 'projectScope'>) {
  return [expiresAt, templateExpiresAt, ...grants.map((grant) => grant.expiresAt)];
}

function endedMember({ email, member, grants, source }: DesiredMember, now: number): Finding | null {
  const subject = { kind: 'Member', key: email } as const;
  if (hasEnded(member.expiresAt, now)) {
    return {
      ...ended(subject, source),
      message: `The membership of ${email} ended at ${endText(member.expiresAt)}, as declared.`,
      next: `Take ${named(source)} out of Git; who has ended counts toward no budget.`,
    };
  }
  const lines = [
    ...endedLines([{ what: `the template ${member.template}`, expiresAt: member.templateExpiresAt }], now),
    ...endedLines(
      grants.map(({ project, expiresAt }) => ({ what: `the grant in ${project}`, expiresAt })),
      now,
    ),
  ];
  return lines.length === 0 ? null : { ...ended(subject, source), ...said(lines, source) };
}

function endedGroup({ name, fields, source }: DesiredGroup, now: number): Finding | null {
  const lines = [
    ...endedLines(
      (fields.ends ?? []).map(({ member, expiresAt }) => ({
        what: `the membership of ${member}`,
        expiresAt,
      })),
      now,
    ),
    ...endedLines(
      fields.grants.map(({ project, expiresAt }) => ({ what: `the grant in ${project}`, expiresAt })),
      now,
    ),
  ];
  return lines.length === 0
    ? null
    : { ...ended({ kind: 'Group', key: name }, source), ...said(lines, source) };
}

function endedGrants({ name, grants, groupGrants, source }: DesiredProject, now: number): Finding | null {
  const lines = [
    ...endedLines(
      grants.map(({ member, expiresAt }) => ({ what: `the grant of ${member}`, expiresAt })),
      now,
    ),
    ...endedLines(
      groupGrants.map(({ group, expiresAt }) => ({ what: `the grant of the group ${group}`, expiresAt })),
      now,
    ),
  ];
  if (lines.length === 0) return null;
  return { ...ended({ kind: 'Project', key: name }, source), ...said(lines, source) };
}

function endedLines(
  lines: readonly { readonly what: string; readonly expiresAt: number | undefined }[],
  now: number,
): string[] {
  return lines
    .filter(({ expiresAt }) => hasEnded(expiresAt, now))
    .map(({ what, expiresAt }) => `${what} at ${endText(expiresAt)}`);
}

function ended(subject: Finding['subject'], source: Source) {
  return { subject, source, reason: 'Ended', severity: 'Info' } as const;
}

function said(lines: readonly string[], source: Source): Pick<Finding, 'message' | 'next'> {
  return {
    message: `Ended, as declared: ${listed(lines)}.`,
    next: `Take ${lines.length === 1 ? 'that line' : 'those lines'} out of ${named(source)}; they give nothing back.`,
  };
}
