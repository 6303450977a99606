/**
 * What automation may do in an organization whose tier lapsed: only take away. Plan and vault judge by this alike.
 *
 * Decides P4: which steps of automation only take away.
 */
import type { Consequence } from './consequence.ts';
import type { StepKind } from './step.ts';

/** Steps that take access away and nothing else, or touch records alone. */
const LOSSES: ReadonlySet<StepKind> = new Set<StepKind>([
  'SuspendMember',
  'RemoveMember',
  'CancelInvite',
  'DeleteGroup',
  'DisableMachine',
  'RevokeMachine',
  'RevokeKeyIfIdle',
  'Claim',
  'Release',
]);
/** Steps that may take or give: by what they do. */
const EITHER: ReadonlySet<StepKind> = new Set<StepKind>([
  'SetMemberAccess',
  'SetMachineAccess',
  'UpdateTemplate',
  'UpdateGroup',
]);

export function runsInLapsed(kind: StepKind, { loss, gain }: Pick<Consequence, 'loss' | 'gain'>): boolean {
  return LOSSES.has(kind) || (EITHER.has(kind) && loss !== null && !gain);
}
