/**
 * What goes on in a frozen vault: what stops an attacker is not stopped by the freeze that they are the reason of.
 *
 * Decides rail 12: which steps a freeze lets through.
 */
import type { FreezeFlag } from './organization.ts';
import type { StepAction } from './step.ts';

/** Whether the step runs while the flag is set; null: the vault is not frozen. The same for plan and vault. */
export function passesFreeze(flag: FreezeFlag | null, action: StepAction): boolean {
  return flag === null || (!flag.all && goesOn(action));
}

/** Each is declared as such in Git, and takes away alone. */
function goesOn(action: StepAction): boolean {
  return (
    action.kind === 'SuspendMember' ||
    (action.kind === 'RevokeKeyIfIdle' && action.after.because === 'Compromised')
  );
}
