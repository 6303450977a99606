/** What a member is once nothing has to happen first (O5, I4). */
import type { MemberState } from '#model/organization.ts';
import type { MemberTable } from '../store/schema.ts';

/** What people and Git decided; the column `state` says Suspended while the member awaits something. */
export function decidedState({
  state,
  awaits,
  state_after,
}: Pick<MemberTable, 'state' | 'awaits' | 'state_after'>): MemberState {
  return awaits === null || state_after === null ? state : state_after;
}
