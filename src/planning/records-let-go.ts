/**
 * Records of people and groups of whom the last grant is withdrawn. The vault drops one with the step only where that step
 * takes something that counts; else it takes nothing, or takes a raise back, and the record goes by a Release, which counts by
 * itself.
 *
 * Decides rail 1: by which step of a plan the record goes of whom nothing is declared any more.
 */
import { consequence, DROPS_BY_ITS_LOSS } from '#model/consequence.ts';
import type { ManagedRecord } from '#model/record.ts';
import { takenBack } from '#model/take-back.ts';
import { consequenceJudge } from './consequences.ts';
import type { Context } from './context.ts';
import type { Draft } from './contribution.ts';
import { release } from './withdrawn.ts';

/** The drafts, of which those that take nothing keep a record that says no grant and are followed by a Release of it. */
export function lettingGo(context: Context, drafts: readonly Draft[]): readonly Draft[] {
  const dropping = drafts.filter(
    ({ action, record }) => record === null && DROPS_BY_ITS_LOSS.has(action.kind),
  );
  if (dropping.length === 0) return drafts;
  const { observed, now } = context;
  const judge = consequenceJudge(observed, drafts, now);
  // A rail may keep back what the plan counts on: it has to take something that counts either way.
  const takes = ({ action }: Draft): boolean =>
    [judge(action), consequence(observed, action, now)].every(
      (judged) => judged.loss !== null && takenBack(observed.raises, action, judged, now) === null,
    );
  const kept = new Map<Draft, Draft>();
  const releases: Draft[] = [];
  for (const draft of dropping) {
    const record = context.record(draft.subject.kind, draft.subject.key);
    if (record === undefined || takes(draft)) continue;
    const first = { ...draft, record: withoutGrants(record) };
    kept.set(draft, first);
    releases.push({ ...release(record, 'no grant is declared any more'), follows: [first] });
  }
  const changed = drafts.map((draft) => kept.get(draft) ?? draft);
  return [...changed.map((draft) => following(draft, kept)), ...releases];
}

function following(draft: Draft, kept: ReadonlyMap<Draft, Draft>): Draft {
  if (!draft.follows.some((one) => kept.has(one))) return draft;
  return { ...draft, follows: draft.follows.map((one) => kept.get(one) ?? one) };
}

function withoutGrants(record: ManagedRecord): ManagedRecord {
  const applied = record.applied as Readonly<Record<string, ManagedRecord['applied']>>;
  return { ...record, applied: { ...applied, grants: [] } };
}
