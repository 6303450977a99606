/**
 * Which steps may take away what no manager has a record of, where the authority over its kind is exclusive.
 *
 * Decides rail 11: which steps take what was never ours, where an Organization is exclusive.
 */
import { type Authority, isExclusive } from './authority.ts';
import type { ManagedKind } from './record.ts';
import type { StepAction } from './step.ts';

/**
 * Whether the step may take away a thing that no manager has a record of. A project with secrets and a machine's
 * registration are never: neither comes back.
 */
export function takesForeign(authority: Authority, kind: ManagedKind, action: StepAction): boolean {
  if (!isExclusive(authority, kind)) return false;
  switch (action.kind) {
    case 'RemoveMember':
    case 'CancelInvite':
    case 'DeleteGroup':
    case 'DeleteTemplate':
    case 'DisableMachine':
      return true;
    case 'DeleteProject':
      return action.before.secrets.length === 0;
    default:
      return false;
  }
}
