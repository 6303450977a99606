/** The input of a plan with the indexes that every part of it needs. */
import type { NamespaceAccess, RailSettings } from '#model/fields.ts';
import { DEFAULT_RAILS, loosened } from '#model/loosened.ts';
import type { Member, OrganizationState } from '#model/organization.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { Json, ManagedKind, ManagedRecord, Tombstone } from '#model/record.ts';
import { allowedPart } from './allowed.ts';
import { railsInForce } from './applied.ts';
import { formerManager, onceTakenOver } from './former-manager.ts';
import { madeOnce } from './made-once.ts';
import { declaredIn, type KeySets, keySets, Named } from './named.ts';
import type { Desired, Finding, PlanningPolicy, Source } from './plan-types.ts';
import { type ActingRename, renamesOf } from './renames.ts';

export interface Context {
  /** What is declared and counts: all of it that its namespace may bring; by the former name where a rename waits. */
  readonly desired: Desired;
  /** On the objects that do not count, and the lines that do not rename. */
  readonly declarationFindings: readonly Finding[];
  /** As the vault is; where a manager is taken over from, or a thing is renamed, as it will be once that is done. */
  readonly observed: OrganizationState;
  /** In the order in which they run. */
  readonly renames: readonly ActingRename[];
  /** The manager that is taken over from; null: none. */
  readonly former: string | null;
  readonly policy: PlanningPolicy;
  readonly now: number;
  /** E-mail of the owner, lower case. */
  readonly owner: string;
  /** The rails that judge this pass: the values last applied (design §4), or tighter ones of this plan. */
  readonly settings: RailSettings;
  /** The entries of `access` that are in force. */
  readonly access: readonly NamespaceAccess[];
  record(kind: ManagedKind, key: string): ManagedRecord | undefined;
  tombstones(kind: ManagedKind, key: string): readonly Tombstone[];
  member(email: string): Member | undefined;
  /** An object that cannot be read as a declaration stands for this key: it loses nothing. */
  incomplete(kind: ManagedKind, key: string): boolean;
  /** The natural keys that objects declare which count. */
  declared(): KeySets;
  /** What any object names, of whatever namespace and whether it counts or not (rail 11). */
  named(): Named;
  /** Those objects: none of the others that declare the key acts. */
  unread(kind: ManagedKind, key: string): readonly Source[];
}

/** Whose a thing is: ours by record, taken over by consent (rail 11), nobody's, or another manager's. */
export type RecordOwner = 'ours' | 'adopted' | 'unowned' | 'other';

const indexKey = (kind: ManagedKind, key: string): string => `${kind}/${key}`;

export function contextOf(
  declared: Desired,
  found: OrganizationState,
  policy: PlanningPolicy,
  now: number,
): Context {
  const former = formerManager(declared, found);
  const there = former === null ? found : onceTakenOver(found, former, declared);
  const settings = settingsInForce(declared, there);
  // An identity that is bounded to projects applies no settings: what the owner bounded it to stands for them (V4).
  const access = there.bounded ? declared.organization.fields.rails.access : settings.access;
  const counting = allowedPart(declared, there, access);
  const renames = renamesOf(counting.desired, there, now);
  const { desired, observed } = renames;
  const records = new Map(observed.records.map((record) => [indexKey(record.kind, record.key), record]));
  const members = new Map(observed.members.map((member) => [normalizeEmail(member.email), member]));
  const unread = Map.groupBy(desired.incomplete, ({ kind, key }) => indexKey(kind, key));
  const tombstones = new Map<string, Tombstone[]>();
  for (const tombstone of observed.tombstones) {
    const key = indexKey(tombstone.kind, tombstone.key);
    const list = tombstones.get(key);
    if (list === undefined) tombstones.set(key, [tombstone]);
    else list.push(tombstone);
  }
  return {
    desired,
    declarationFindings: [...counting.findings, ...renames.findings],
    observed,
    renames: renames.acting,
    former,
    policy,
    now,
    owner: normalizeEmail(observed.owner),
    settings,
    access,
    record: (kind, key) => records.get(indexKey(kind, key)),
    tombstones: (kind, key) => tombstones.get(indexKey(kind, key)) ?? [],
    member: (email) => members.get(email),
    incomplete: (kind, key) => unread.has(indexKey(kind, key)),
    declared: madeOnce(() => keySets(declaredIn(desired))),
    named: madeOnce(() => new Named(declared)),
    unread: (kind, key) => (unread.get(indexKey(kind, key)) ?? []).map(({ source }) => source),
  };
}

/**
 * The rails last applied, as the vault says them; the first time the defaults. What only tightens them needs no approval and
 * runs first, so the rest of the plan meets it already.
 */
function settingsInForce(
  desired: Pick<Desired, 'organization'>,
  observed: Pick<OrganizationState, 'settings'>,
): RailSettings {
  const applied = railsInForce(observed);
  const declared = desired.organization.fields.rails;
  return loosened(applied, declared).length === 0 ? declared : (applied ?? DEFAULT_RAILS);
}

/** `there`: the thing in the vault, if it is there. Consent names its id: a name may be another thing's tomorrow. */
export function recordOwner(
  context: Context,
  kind: ManagedKind,
  key: string,
  { adopt }: Source,
  there: { readonly id: string } | undefined,
): RecordOwner {
  const record = context.record(kind, key);
  if (record !== undefined) return record.manager === context.desired.manager ? 'ours' : 'other';
  return adopt !== null && adopt === there?.id ? 'adopted' : 'unowned';
}

/** The record as it stands once the step is done. A run of the command line keeps where it was seen before. */
export function recordAfter(
  context: Context,
  source: Source,
  subject: { readonly kind: ManagedKind; readonly key: string },
  applied: unknown,
  deletionPolicy: string | null = null,
): ManagedRecord {
  const before = context.record(subject.kind, subject.key);
  return {
    kind: subject.kind,
    key: subject.key,
    manager: context.desired.manager,
    origin: source.namespace,
    applied: applied as Json,
    deletionPolicy,
    provenance: source.provenance,
    seenUnder: source.seenUnder ?? before?.seenUnder ?? null,
  };
}

/** Records of ours, of the origins that this run speaks for. */
export function ownRecords(context: Context, kind: ManagedKind): ManagedRecord[] {
  const { manager, origins } = context.desired;
  return context.observed.records.filter(
    (record) =>
      record.kind === kind &&
      record.manager === manager &&
      (origins === null || origins.includes(record.origin)),
  );
}

/**
 * Whether a binding of the namespace may come to read more in a project: its entry names it, it is managed from here, or
 * it has no secret yet. Taking over one that has secrets is a raise, and declaring it must not go around that (rail 2).
 */
export function mayBind({ observed, access, desired, record }: Context, namespace: string) {
  const entry = access.find((one) => one.namespace === namespace);
  return (project: string): boolean =>
    entry?.projects.includes(project) === true ||
    record('Project', project)?.manager === desired.manager ||
    !observed.secrets.some((secret) => secret.project === project);
}
