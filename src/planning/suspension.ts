/** The step that suspends one person: planned by what the Member object, the vault and our record say of them alone (M1). */
import type { Member } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { Json, ManagedRecord } from '#model/record.ts';
import { appliedMember } from './applied.ts';
import { takesOver } from './claims.ts';
import type { Context } from './context.ts';
import { type Draft, draft } from './contribution.ts';
import type { DesiredMember } from './plan-types.ts';

/** The step for one person who is active and declared Suspended; null: there is none. The caller asked for consent. */
export function suspensionOf(context: Context, member: DesiredMember, there: Member): Draft | null {
  if (there.state !== 'Active' || member.member.state !== 'Suspended') return null;
  const { source } = member;
  const key = normalizeEmail(member.email);
  const before = { state: there.state };
  const after = { state: 'Suspended' } as const;
  return draft(
    { kind: 'Member', key },
    { kind: 'SuspendMember', key, before, after },
    'state: Active -> Suspended',
    {
      source,
      takenOver: takesOver(context, source, 'Member', key),
      record: suspendedRecord(context, member, key),
    },
  );
}

/**
 * Of the record the state alone: whatever else is declared of the person is recorded by its own step, and whose the
 * record is (rail 2) too. Undefined: there is none that says anything of the Member object.
 */
function suspendedRecord(
  context: Context,
  { source }: DesiredMember,
  email: string,
): ManagedRecord | undefined {
  const record = context.record('Member', email);
  if (record === undefined) return undefined;
  const { member, grants } = appliedMember(record.applied);
  if (member === null) return undefined;
  const applied = { member: { ...member, state: 'Suspended' }, grants };
  return {
    ...record,
    applied: applied as unknown as Json,
    provenance: source.provenance,
    seenUnder: source.seenUnder ?? record.seenUnder,
  };
}
