/** What the part of a kind contributes to a plan: drafts of steps, findings, moments to look again. */
import type { AddedKey } from '#model/key-proof.ts';
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import type { StepAction } from '#model/step.ts';
import type { Finding, Step } from './plan-types.ts';

/** A step before its consequence and its place in the order are known. */
export interface Draft extends Omit<Step, 'hash' | 'consequence' | 'why' | 'withdraws'> {
  readonly action: StepAction;
  /** The first field that differs; null: said by the kind of the step. */
  readonly why: string;
  /** Records whose object nobody declares any more and that the step follows from: a loss by absence. */
  readonly absent: readonly ManagedRecord[];
  /** The record belongs to another origin than the declaration: taking it over with a gain needs approval. */
  readonly takenOver: boolean;
  /** It takes away what was never ours, because the authority over its kind is exclusive (rail 11). */
  readonly takesForeign: boolean;
  /** Rail 2: what decides about the key that an AddMachineKey adds; null for any other step. */
  readonly addedKey: AddedKey | null;
  /** It puts an invitee on the list of a group: among the gains, after the invites, whether there is one in the plan or not. */
  readonly listsInvitee: boolean;
  /** Steps of the same plan without which this one cannot run. */
  readonly follows: readonly Draft[];
}

export interface Contribution {
  readonly drafts: Draft[];
  readonly findings: Finding[];
  /** Moments at which the same input gives another plan. */
  readonly wakes: number[];
}

export function emptyContribution(): Contribution {
  return { drafts: [], findings: [], wakes: [] };
}

export function merge(into: Contribution, part: Contribution): void {
  into.drafts.push(...part.drafts);
  into.findings.push(...part.findings);
  into.wakes.push(...part.wakes);
}

/** A draft with the usual values where `fields` says nothing else. */
export function draft(
  subject: { readonly kind: ManagedKind; readonly key: string },
  action: StepAction,
  why: string,
  fields: Partial<Omit<Draft, 'action' | 'why' | 'subject'>> = {},
): Draft {
  return {
    subject,
    action,
    why,
    source: null,
    record: undefined,
    reinstate: null,
    executor: 'engine',
    absent: [],
    takenOver: false,
    takesForeign: false,
    addedKey: null,
    listsInvitee: false,
    follows: [],
    ...fields,
  };
}
