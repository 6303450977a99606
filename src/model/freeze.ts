/**
 * What goes on in a frozen vault: what stops an attacker is not stopped by the freeze that they are the reason of.
 *
 * Decides rail 12: which steps a freeze lets through.
 */
import type { FreezeFlag } from './organization.ts';
import type { StepKind } from './step.ts';

/** Each is declared as such in Git, and takes away alone. */
const GO_ON: readonly StepKind[] = ['SuspendMember'];

/** Whether steps of this kind run while the flag is set; null: the vault is not frozen. The same for plan and vault. */
export function passesFreeze(flag: FreezeFlag | null, kind: StepKind): boolean {
  return flag === null || (!flag.all && GO_ON.includes(kind));
}
