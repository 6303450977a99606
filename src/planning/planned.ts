/** A draft with its consequence, its hash and what it follows: what the rails judge. */
import { withAdoption } from '#model/adoption.ts';
import { stepHash } from '#model/digest.ts';
import type { AddedKey } from '#model/key-proof.ts';
import type { ManagedRecord } from '#model/record.ts';
import { adoptionsOf } from './adoptions.ts';
import { consequenceJudge } from './consequences.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import type { Step } from './plan-types.ts';

export interface Planned {
  readonly step: Step;
  readonly absent: readonly ManagedRecord[];
  readonly takenOver: boolean;
  /** It moves the record to another origin (rail 2). */
  readonly moves: boolean;
  readonly takesForeign: boolean;
  readonly addedKey: AddedKey | null;
  readonly listsInvitee: boolean;
  readonly freesSeat: boolean;
  /** It only takes back a raise of the last day (rail 2). */
  readonly takesBack: boolean;
  /** Steps of the same plan without which this one cannot run. */
  readonly follows: readonly Draft[];
  readonly draft: Draft;
}

function moves(context: Context, { subject: { kind, key }, record: next }: Draft): boolean {
  const there = next == null ? undefined : context.record(kind, key);
  return there !== undefined && there.origin !== next?.origin;
}

/** Drafts with their consequences; what a step of the plan does to a template is reckoned with in the others. */
export function plannedSteps(
  context: Context,
  drafts: readonly Draft[],
  seating: { readonly early: ReadonlySet<Draft>; readonly freedBy: ReadonlyMap<Draft, readonly Draft[]> },
): Planned[] {
  const { observed } = context;
  const judge = consequenceJudge(observed, drafts, context.now);
  const adoptedBy = adoptionsOf(context);
  const holders = new Map(observed.members.map(({ email, template }) => [email, template]));
  const leaving = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const { kind, key } = draft.action;
    if (kind !== 'SetMemberAccess' && kind !== 'RemoveMember' && kind !== 'CancelInvite') continue;
    const template = holders.get(key);
    if (template != null) leaving.set(template, [...(leaving.get(template) ?? []), draft]);
  }
  return drafts.map((draft) => {
    const { absent, takenOver, takesForeign, addedKey, listsInvitee, follows: own, ...fields } = draft;
    const seatFreedBy = seating.freedBy.get(draft) ?? [];
    const movers = draft.action.kind === 'DeleteTemplate' ? (leaving.get(draft.action.key) ?? []) : [];
    const follows = [...own, ...movers];
    return {
      step: {
        ...fields,
        hash: stepHash(observed.vaultId, draft.action),
        withdraws: absent.length > 0 || takesForeign || draft.action.kind === 'Release',
        consequence: withAdoption(judge(draft.action), draft.action, adoptedBy(draft)),
      },
      absent,
      takenOver,
      moves: moves(context, draft),
      takesForeign,
      addedKey,
      listsInvitee,
      freesSeat: seating.early.has(draft),
      takesBack: false,
      follows: [...follows, ...seatFreedBy],
      draft,
    };
  });
}
