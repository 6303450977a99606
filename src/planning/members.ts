/**
 * Who is declared, person by person: Member objects and the grants of Project objects, merged (G1).
 *
 * Decides O3: that Git leaves the owner alone.
 * Decides G1: that grants declared in several objects are one.
 */
import type { GrantTerms } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import { claimsOf, managedByAnother, outcomeOf } from './claims.ts';
import type { Context } from './context.ts';
import { type Contribution, merge } from './contribution.ts';
import type { DeclaredPerson, Outlooks } from './declared-person.ts';
import { greater } from './grant-terms.ts';
import { planPerson } from './member.ts';
import type { DesiredMember, Finding, Source } from './plan-types.ts';
import type { ProjectGrant } from './projects.ts';
import { sortedTexts } from './sorted.ts';
import { named } from './source-text.ts';
import { withdrawnRecords } from './withdrawn.ts';

export function planMembers(context: Context, outlooks: Outlooks): Contribution {
  const { desired } = context;
  const claims = claimsOf(context, 'Member', desired.members, ({ email }) => normalizeEmail(email));
  const outcome = outcomeOf(claims);
  const undeclared = new Set(withdrawnRecords(context, 'Member', claims).map(({ key }) => key));
  const emails = sortedTexts([...claims.acting.keys(), ...outlooks.projects.grants.keys(), ...undeclared]);

  for (const email of emails) {
    // Left whole: several objects claim the person, or one cannot be read.
    if (claims.contested.has(email) || context.incomplete('Member', email)) continue;
    const person = declaredPerson(
      email,
      claims.acting.get(email) ?? null,
      outlooks.projects.grants.get(email) ?? [],
      context.now,
    );
    const subject = { kind: 'Member', key: email } as const;
    const record = context.record('Member', email);
    if (email === context.owner) {
      if (person.source !== null) outcome.findings.push(ownerDeclared(subject, person.source));
      continue;
    }
    if (record !== undefined && record.manager !== desired.manager) {
      if (person.source !== null) {
        outcome.findings.push(managedByAnother(subject, person.source, record.manager));
      }
      continue;
    }
    merge(outcome, planPerson(context, person, outlooks));
  }
  return outcome;
}

function declaredPerson(
  email: string,
  member: DesiredMember | null,
  byProjects: readonly ProjectGrant[],
  now: number,
): DeclaredPerson {
  const projectGrants = new Map<string, GrantTerms>();
  for (const { project, terms } of byProjects) {
    projectGrants.set(project, greater(terms, projectGrants.get(project) ?? terms, now));
  }
  return { email, member, projectGrants, source: member?.source ?? byProjects[0]?.source ?? null };
}

function ownerDeclared(subject: Finding['subject'], source: Source): Finding {
  const isMember = source.kind === 'Member';
  return {
    subject,
    source,
    reason: isMember ? 'OwnerDeclared' : 'OwnerGranted',
    severity: isMember ? 'Stalled' : 'Info',
    message: `${subject.key} owns the organization and has every access; no step touches the owner (rail 3).`,
    next: `Take ${subject.key} out of ${named(source)}.`,
  };
}
