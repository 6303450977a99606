/** The steps for one person: who is gone, who is not there yet, who is there. */
import { accessOf } from '#model/member-access.ts';
import type { Member } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import { planAbsent } from './absent-person.ts';
import { appliedMember } from './applied.ts';
import type { Context } from './context.ts';
import { draft, emptyOutcome, type Outcome } from './contribution.ts';
import type { DeclaredPerson, Outlooks } from './declared-person.ts';
import { planPresent } from './present-person.ts';
import { release } from './withdrawn.ts';

export function planPerson(context: Context, person: DeclaredPerson, outlooks: Outlooks): Outcome {
  const record = context.record('Member', person.email);
  const applied = record === undefined ? null : appliedMember(record.applied);
  const there = context.member(person.email);
  if (record !== undefined && person.member === null && applied?.member != null) {
    return withdrawPerson(record, there);
  }
  if (there !== undefined) return planPresent(context, person, there, record, applied, outlooks);
  if (person.source !== null) return planAbsent(context, person, person.source, outlooks);
  return record === undefined ? emptyOutcome() : withdrawPerson(record, there);
}

/** Nothing is declared any more: the person leaves, the invite is taken back, or the record alone goes. */
function withdrawPerson(record: ManagedRecord, there: Member | undefined): Outcome {
  const outcome = emptyOutcome();
  const subject = { kind: 'Member', key: record.key } as const;
  const rest = { record: null, absent: [record] };
  const why = 'declared no longer';
  if (there === undefined) outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
  else if (there.state === 'Invited') {
    const action = { kind: 'CancelInvite', key: record.key, before: accessOf(there), after: null } as const;
    outcome.drafts.push(draft(subject, action, why, rest));
  } else {
    const before = { ...accessOf(there), state: there.state };
    const action = { kind: 'RemoveMember', key: record.key, before, after: null } as const;
    outcome.drafts.push(draft(subject, action, why, rest));
  }
  return outcome;
}
