/** The steps for one person: who is gone, who is not there yet, who is there. */
import { accessOf } from '#model/member-access.ts';
import type { Member } from '#model/organization.ts';
import type { ManagedRecord } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import { planAbsent } from './absent-person.ts';
import { appliedMember } from './applied.ts';
import type { Context } from './context.ts';
import { type Contribution, draft, emptyContribution } from './contribution.ts';
import type { DeclaredPerson, Outlooks } from './declared-person.ts';
import { planPresent } from './present-person.ts';
import { release } from './withdrawn.ts';

export function planPerson(context: Context, person: DeclaredPerson, outlooks: Outlooks): Contribution {
  const record = context.record('Member', person.email);
  const applied = record === undefined ? null : appliedMember(record.applied);
  const there = context.member(person.email);
  if (record !== undefined && person.member === null && applied?.member != null) {
    return withdrawPerson(record, there);
  }
  if (there !== undefined) return planPresent(context, person, there, record, applied, outlooks);
  if (person.source !== null) return planAbsent(context, person, person.source, outlooks);
  return record === undefined ? emptyContribution() : withdrawPerson(record, there);
}

/** Nothing is declared any more: the person leaves, the invite is taken back, or the record alone goes. */
function withdrawPerson(record: ManagedRecord, there: Member | undefined): Contribution {
  const outcome = emptyContribution();
  if (there === undefined) {
    outcome.drafts.push(release(record, 'declared no longer, and not in the vault'));
    return outcome;
  }
  const { key } = record;
  const { state } = there;
  const access = accessOf(there);
  const action: StepAction =
    state === 'Invited'
      ? { kind: 'CancelInvite', key, before: access, after: null }
      : { kind: 'RemoveMember', key, before: { ...access, state }, after: null };
  const rest = { record: null, absent: [record] };
  outcome.drafts.push(draft({ kind: 'Member', key }, action, 'declared no longer', rest));
  return outcome;
}
