/** What a group names and the vault does not have. */
import type { Context } from './context.ts';
import { type Contribution, emptyContribution } from './contribution.ts';
import type { Finding, Source } from './plan-types.ts';

export function groupNotFound(name: string, source: Source): Contribution {
  const outcome = emptyContribution();
  outcome.findings.push({
    subject: { kind: 'Group', key: name },
    source,
    reason: 'GroupNotFound',
    severity: 'Waiting',
    message: `The group ${name} is granted a project and is not in the vault.`,
    next: `Declare a Group named ${name}, or take the grant away.`,
  });
  return outcome;
}

/** Those whom no Member object declares: of the others that object says why they are not there. */
export function missingMembers(
  context: Context,
  subject: Finding['subject'],
  source: Source | null,
  missing: readonly string[],
): Finding[] {
  if (missing.length === 0) return [];
  const declared = new Set([
    ...context.desired.members.map(({ email }) => email),
    ...context.desired.incomplete.flatMap(({ kind, key }) => (kind === 'Member' ? [key] : [])),
  ]);
  return missing
    .filter((email) => !declared.has(email))
    .map((email) => ({
      subject,
      source,
      reason: 'MemberNotFound',
      severity: 'Waiting',
      message: `${email} is listed and is not in the organization.`,
      next: `Declare a Member with the e-mail ${email}, or take them off the list.`,
    }));
}
