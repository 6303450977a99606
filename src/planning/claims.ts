/**
 * Two objects that claim the same thing (design §4): the claimant at the record's origin goes on acting, the
 * others are Stalled. Without a record, or with no claimant at its origin, that is the one of the Organization's own
 * namespace, so that no tenant holds up what is declared there. Of several at one place none acts, and what they name
 * loses nothing.
 * A record names the origin only, not the object: which of two objects of one namespace came first is not told apart.
 *
 * Decides rail 11: what takes consent, and whose a declared thing is.
 */
import type { ManagedKind, ManagedRecord } from '#model/record.ts';
import { sameValue } from '#model/same.ts';
import { isGrantsOnly } from './applied.ts';
import { type Context, recordAfter } from './context.ts';
import { type Contribution, type Draft, draft, emptyContribution } from './contribution.ts';
import type { Finding, Source } from './plan-types.ts';
import { sortedBy } from './sorted.ts';
import { named, toldTo } from './source-text.ts';

interface Claims<T> {
  /** The one that acts for a key, sorted by key. */
  readonly acting: ReadonlyMap<string, T>;
  /** Keys that several claim and for which none acts. */
  readonly contested: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

export function claimsOf<T extends { readonly source: Source }>(
  context: Context,
  kind: ManagedKind,
  items: readonly T[],
  keyOf: (item: T) => string,
): Claims<T> {
  const byKey = new Map<string, T[]>();
  for (const item of sortedBy(items, ({ source }) => `${source.namespace}/${source.name}`)) {
    const key = keyOf(item);
    const list = byKey.get(key);
    if (list === undefined) byKey.set(key, [item]);
    else list.push(item);
  }
  const acting = new Map<string, T>();
  const contested = new Set<string>();
  const findings: Finding[] = [];
  for (const [key, claimants] of sortedBy(byKey, ([key]) => key)) {
    const unread = context.unread(kind, key);
    const isAlone = claimants.length === 1;
    const actor =
      unread.length > 0 ? undefined : isAlone ? claimants[0] : atOrigin(context, kind, key, claimants);
    if (actor !== undefined) acting.set(key, actor);
    else contested.add(key);
    for (const claimant of claimants) {
      if (claimant === actor) continue;
      const others = claimants.filter((other) => other !== claimant).map(({ source }) => source);
      others.push(...unread);
      findings.push({
        subject: { kind, key },
        source: claimant.source,
        reason: 'Conflict',
        severity: 'Stalled',
        message: `${key} is also declared by ${toldTo(context.desired.organization.source.namespace, claimant.source, others)}.`,
        next: 'Keep one of them.',
      });
    }
  }
  return { acting, contested, findings };
}

function atOrigin<T extends { readonly source: Source }>(
  context: Context,
  kind: ManagedKind,
  key: string,
  claimants: readonly T[],
): T | undefined {
  const { manager, organization } = context.desired;
  const record = context.record(kind, key);
  if (record !== undefined && record.manager !== manager) return undefined;
  const at = (namespace: string): readonly T[] =>
    claimants.filter(({ source }) => source.namespace === namespace);
  // Who grants a person something in a project says nothing of whose the person is.
  const before = record === undefined || isGrantsOnly(record) ? [] : at(record.origin);
  const there = before.length > 0 ? before : at(organization.source.namespace);
  return there.length === 1 ? there[0] : undefined;
}

/** The way on where an Organization was renamed or moved. */
export function takeOverText(manager: string): string {
  return (
    `Where this Organization came in the place of ${manager}, take over from it: the annotation ` +
    `seneschal.dev/take-over: ${manager} on the Organization, and an approval in the vault.`
  );
}

/** Stalled: the record belongs to another manager. */
export function managedByAnother(
  subject: Finding['subject'],
  source: Source | null,
  manager: string,
): Finding {
  return {
    subject,
    source,
    reason: 'Conflict',
    severity: 'Stalled',
    message: `${subject.key} is managed by ${manager}.`,
    next: `Remove it here. ${takeOverText(manager)}`,
  };
}

/**
 * Stalled until the annotation consents (rail 11). `repair`: what has to be done whether it consents or not; left out:
 * nothing.
 */
export function notAdopted(
  subject: Finding['subject'],
  source: Source,
  { id, difference, repair }: { readonly id: string; readonly difference: string; readonly repair?: string },
): Finding {
  const { adopt } = source;
  const says = adopt === null ? '' : `, which says ${adopt} now`;
  const consent = `To take it over, set the annotation seneschal.dev/adopt: ${id} on ${named(source)}${says}.`;
  return {
    subject,
    source,
    reason: 'NotAdopted',
    severity: 'Stalled',
    message: `${subject.key} is in the vault, was not made from here, and differs (${difference}).`,
    next: [repair ?? [], adopt === id ? [] : consent].flat().join(' '),
  };
}

/**
 * A Claim step where everything matches but the record does not say so: there is none, or it names other fields,
 * another origin or another deletion policy. It changes nothing by itself.
 */
export function claimIfNeeded(
  context: Context,
  source: Source,
  subject: { readonly kind: ManagedKind; readonly key: string },
  applied: unknown,
  deletionPolicy: string | null = null,
): Draft[] {
  const before = context.record(subject.kind, subject.key);
  const record = recordAfter(context, source, subject, applied, deletionPolicy);
  if (before !== undefined && saysTheSame(before, record)) return [];
  const why =
    before === undefined ? 'already as declared' : 'declared otherwise, and already so in the vault';
  return [
    draft(
      subject,
      {
        kind: 'Claim',
        key: `${subject.kind}/${subject.key}`,
        before: null,
        after: { kind: subject.kind, applied: record.applied },
      },
      why,
      { source, record, takenOver: before !== undefined && before.origin !== source.namespace },
    ),
  ];
}

/** Whether two records of a thing differ in nothing but where they were seen and what is claimed of them. */
export function saysTheSame(one: ManagedRecord, other: ManagedRecord): boolean {
  return (
    one.origin === other.origin &&
    one.deletionPolicy === other.deletionPolicy &&
    sameValue(one.applied, other.applied)
  );
}

/** Whether the record of the thing belongs to another origin than the declaration. */
export function takesOver(context: Context, source: Source, kind: ManagedKind, key: string): boolean {
  const record = context.record(kind, key);
  return record !== undefined && record.origin !== source.namespace;
}

/** An outcome that starts with the conflicts of a kind. */
export function outcomeOf(claims: { readonly findings: readonly Finding[] }): Contribution {
  const outcome = emptyContribution();
  outcome.findings.push(...claims.findings);
  return outcome;
}
