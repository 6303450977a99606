/**
 * What a step gains because it is the first on a thing that the vault has and no manager has a record of. Who manages a
 * machine can give it a key of their own, and reads by it; who manages a project can have machines granted its secrets.
 * So taking over the identity is the gain, whatever the step itself changes.
 *
 * Decides rail 2: that adopting a machine, or a project with secrets, is a raise.
 */
import { type AccessChange, type Consequence, secretsOf } from './consequence.ts';
import type { MachineProject } from './organization.ts';
import type { StepAction } from './step.ts';

/** What a step adopts, as it is before the step. */
export type Adopted =
  | { readonly kind: 'MachineBinding'; readonly key: string; readonly access: readonly MachineProject[] }
  /** `secrets`: how many there are in it. */
  | { readonly kind: 'Project'; readonly key: string; readonly secrets: number };

/** The consequence of a step that adopts; null: it adopts nothing that gives access. Its losses stay as they are. */
export function withAdoption(judged: Consequence, action: StepAction, adopted: Adopted | null): Consequence {
  if (adopted === null) return judged;
  const own = judged.changes.find(({ who }) => who === adopted.key);
  const change: AccessChange = {
    who: adopted.key,
    gained: gainedBy(action, adopted),
    lost: own?.lost ?? [],
    raised: raisedBy(adopted),
  };
  if (change.raised.length === 0) return judged;
  const others = judged.changes.filter(({ who }) => who !== adopted.key);
  return {
    loss: judged.loss,
    gain: judged.gain || change.gained.length > 0,
    changes: [...others, change],
  };
}

function gainedBy(action: StepAction, adopted: Adopted): string[] {
  if (adopted.kind === 'Project') return raisedBy(adopted);
  return [...secretsOf(accessAfter(action, adopted.access))];
}

function raisedBy(adopted: Adopted): string[] {
  if (adopted.kind === 'MachineBinding') return ['adopted with all that it reads'];
  const { secrets } = adopted;
  if (secrets === 0) return [];
  return [`its ${secrets === 1 ? 'secret' : `${secrets} secrets`} can be bound from here on`];
}

function accessAfter(action: StepAction, access: readonly MachineProject[]): readonly MachineProject[] {
  switch (action.kind) {
    case 'SetMachineAccess':
      return action.after.access;
    case 'DisableMachine':
    case 'RevokeMachine':
      return [];
    default:
      return access;
  }
}
