/**
 * `renamedFrom` of projects and templates: which lines act, which wait, and why. The rest is planned as it will be then; while
 * a rename waits, what named it before is read by the former name, so that nothing is lost or made anew.
 *
 * Decides P2: which projects are renamed.
 */
import type { FormerName, OrganizationState } from '#model/organization.ts';
import type { Json, ManagedRecord } from '#model/record.ts';
import {
  isKeptFrom,
  NAME_KEPT_FOR,
  namesIt,
  type Rename,
  type RenamedKind,
  renamedOrganization,
} from '#model/rename.ts';
import { isGrantsOnly } from './applied.ts';
import type { Desired, DesiredProject, DesiredTemplate, Finding, Source } from './plan-types.ts';
import { asBefore, type ReadAsBefore, type WaitingRename } from './renames-waiting.ts';
import { listed, sortedBy, sortedTexts } from './sorted.ts';
import { named, toldTo } from './source-text.ts';

type Renamable = Pick<DesiredProject | DesiredTemplate, 'source' | 'name' | 'renamedFrom'>;

/** A line about something that this manager and origin have: it acts, or waits. */
interface Candidate extends Rename {
  readonly source: Source;
}

export interface ActingRename extends Candidate {
  /** As it is once the rename is done. */
  readonly record: ManagedRecord;
}

export interface Renames {
  /** What is declared, as the rest of the plan reads it. */
  readonly desired: Desired;
  /** As the vault is once the renames are done. */
  readonly observed: OrganizationState;
  /** In the order in which they run. */
  readonly acting: readonly ActingRename[];
  readonly findings: readonly Finding[];
}

type Said = Pick<Finding, 'reason' | 'severity' | 'message' | 'next'>;

/** `desired`: of what is declared all that counts. Pure. */
export function renamesOf(desired: Desired, observed: OrganizationState, now: number): Renames {
  // Most organizations have no line.
  if ([...desired.projects, ...desired.templates].every(({ renamedFrom }) => renamedFrom === null)) {
    return { desired, observed, acting: [], findings: [] };
  }
  const judge = new Judge(desired, observed, now);
  const parts = KINDS.map((kind) => judge.ofKind(kind));
  const acting = parts.flatMap((part) => part.acting);
  const waiting = parts.flatMap((part) => part.waiting);
  let state = observed;
  const done = acting.map((candidate): ActingRename => {
    const { kind, from, to } = candidate;
    state = renamedOrganization(state, { kind, from, to }, keptBy(candidate, desired, now));
    const record = state.records.find((one) => one.kind === kind && one.key === to) as ManagedRecord;
    return { ...candidate, record };
  });
  const findings = parts.flatMap((part) => part.findings);
  if (waiting.length === 0) return { desired, observed: state, acting: done, findings };
  const { desired: read, objects } = asBefore(desired, waiting, observed.records);
  return {
    desired: read,
    observed: state,
    acting: done,
    findings: [...findings, ...objects.map(readAsBefore)],
  };
}

/** For whom the former name is kept once the rename is done. */
function keptBy(
  { kind, from, source }: Candidate,
  { manager }: Pick<Desired, 'manager'>,
  now: number,
): FormerName {
  return { kind, key: from, manager, origin: source.namespace, until: now + NAME_KEPT_FOR };
}

const KINDS: readonly RenamedKind[] = ['Project', 'PermissionTemplate'];

interface OfKind {
  readonly acting: readonly Candidate[];
  readonly waiting: readonly WaitingRename[];
  readonly findings: readonly Finding[];
}

class Judge {
  readonly #desired: Desired;
  readonly #observed: OrganizationState;
  readonly #now: number;
  readonly #records: ReadonlyMap<string, ManagedRecord>;

  constructor(desired: Desired, observed: OrganizationState, now: number) {
    this.#desired = desired;
    this.#observed = observed;
    this.#now = now;
    this.#records = new Map(observed.records.map((record) => [`${record.kind}/${record.key}`, record]));
  }

  ofKind(kind: RenamedKind): OfKind {
    const declared = this.#declaredOf(kind);
    const findings: Finding[] = [];
    const open: Candidate[] = [];
    for (const { source, name: to, renamedFrom: from } of declared) {
      if (from === null || from === to || this.#record(kind, to)?.renamedFrom === from) continue;
      const candidate = { kind, from, to, source };
      if (this.#isOurs(candidate)) open.push(candidate);
      else findings.push(...this.#ignored(candidate));
    }
    if (open.length === 0) return { acting: [], waiting: [], findings };
    return this.#settled(kind, declared, open, findings);
  }

  /** One after another, since the name that one takes may be the one that another gives up. */
  #settled(
    kind: RenamedKind,
    declared: readonly Renamable[],
    candidates: readonly Candidate[],
    findings: Finding[],
  ): OfKind {
    const acting: Candidate[] = [];
    const waiting = new Map<Candidate, Said>();
    const taken = new Set(this.#namesOf(kind));
    let open = candidates;
    // Until it is seen that a line does nothing, its object means what is about to have the name.
    const ignored = new Set<Candidate>();
    const isRename = ({ source, name }: Renamable): boolean =>
      candidates.some((one) => one.source === source && one.to === name && !ignored.has(one));
    const declaring = ({ from, source: { namespace } }: Candidate): readonly Source[] => [
      ...declared
        .filter((one) => one.name === from && !isRename(one) && this.#decidesFor(one.source, namespace))
        .map(({ source }) => source),
      ...this.#desired.incomplete
        .filter((one) => one.kind === kind && one.key === from)
        .map(({ source }) => source),
    ];
    const isFreed = (name: string): boolean =>
      candidates.some((one) => one.from === name && !acting.includes(one) && !ignored.has(one));
    for (;;) {
      // One whose name is there, and whose former name is another's, is what has the name: nothing is in between.
      const idle = open.find((one) => taken.has(one.to) && (declaring(one).length > 0 || !isFreed(one.to)));
      const next = idle ?? open.find((one) => !taken.has(one.to));
      if (next === undefined) break;
      open = open.filter((one) => one !== next);
      if (next === idle) {
        ignored.add(next);
        findings.push(this.#nameThere(next));
        continue;
      }
      const inTheWay = this.#inTheWay(next, {
        candidates,
        declared,
        declaring: declaring(next),
        left: acting.map((one) => keptBy(one, this.#desired, this.#now)),
      });
      if (inTheWay !== null) waiting.set(next, inTheWay);
      else {
        acting.push(next);
        taken.delete(next.from);
        taken.add(next.to);
      }
    }
    // What is left goes behind one that waits, or in a circle: then each has its name, and the lines are of former times.
    for (;;) {
      const behind = open.find(({ to }) => [...waiting.keys()].some(({ from }) => from === to));
      if (behind === undefined) break;
      open = open.filter((one) => one !== behind);
      waiting.set(behind, nameTaken(behind));
    }
    for (const candidate of open) findings.push(this.#nameThere(candidate));
    for (const [{ kind, to: key, source }, said] of waiting)
      findings.push({ subject: { kind, key }, source, ...said });
    return {
      acting,
      waiting: [...waiting.keys()].map((candidate) => ({
        ...candidate,
        isDeclared: declaring(candidate).length > 0,
      })),
      findings,
    };
  }

  /** Whether the thing of the former name came from where the line stands, by this manager. */
  #isOurs({ kind, from, source }: Candidate): boolean {
    const record = this.#record(kind, from);
    if (record === undefined || record.manager !== this.#desired.manager) return false;
    return record.origin === source.namespace && this.#namesOf(kind).includes(from);
  }

  /** What a rename waits for; null: nothing. */
  #inTheWay(
    candidate: Candidate,
    {
      candidates,
      declared,
      declaring,
      left,
    }: {
      readonly candidates: readonly Candidate[];
      readonly declared: readonly Renamable[];
      readonly declaring: readonly Source[];
      /** Names that the renames before it leave. */
      readonly left: readonly FormerName[];
    },
  ): Said | null {
    const { kind, from, to, source } = candidate;
    const { bounded, plan, formerNames } = this.#observed;
    if (bounded) return NOT_DELEGATED;
    if (plan.lapsedAt !== undefined) return LAPSED;
    if (!this.#desired.complete)
      return waitingFor('not all objects could be read', 'Repair what cannot be read.');
    const others = [
      ...candidates.filter((one) => one !== candidate && one.from === from),
      ...declared.filter(
        (one) => one.name === to && one.source !== source && this.#decidesFor(one.source, source.namespace),
      ),
      ...this.#desired.incomplete.filter((one) => one.kind === kind && one.key === to),
    ].map((one) => one.source);
    if (others.length > 0) {
      return waitingFor(
        `${this.#told(source, others)} would have the name too, or come of ${from}`,
        'Keep one of them.',
      );
    }
    if (declaring.length > 0) {
      return waitingFor(
        `${from} is still declared by ${this.#told(source, declaring)}`,
        `Nothing, where that is about to go; else take spec.renamedFrom out, and ${to} is made anew.`,
      );
    }
    const kept = [...left, ...formerNames].find((one) => one.kind === kind && one.key === to);
    const by = { manager: this.#desired.manager, origin: source.namespace };
    if (kept !== undefined && isKeptFrom(kept, by, this.#now)) return nameKept(kept);
    const referring = this.#referring(candidate);
    if (referring.length === 0) return null;
    return {
      reason: 'RenameReferenced',
      severity: 'Stalled',
      message: `${from} is not renamed yet: objects of others name it: ${listed(referring)}.`,
      next: `Have them name ${to} in the same commit, or no more; or take spec.renamedFrom out, and ${to} is made anew.`,
    };
  }

  /** Objects of another origin that name it, and records of what is not seen here: of other managers, of other runs, of what cannot be read. */
  #referring({ kind, from, source }: Candidate): readonly string[] {
    const { namespace } = source;
    const { members, groups, templates, machines, projects, manager } = this.#desired;
    const objects: readonly (readonly [string, Source, unknown])[] = [
      ...members.map(
        ({ email, source: at, member, grants }) => [`Member/${email}`, at, { member, grants }] as const,
      ),
      ...groups.map(({ name, source: at, fields }) => [`Group/${name}`, at, fields] as const),
      ...templates.map(({ name, source: at, fields }) => [`PermissionTemplate/${name}`, at, fields] as const),
      ...machines.map(
        (machine) => [`MachineBinding/${machine.machineName}`, machine.source, machine.fields] as const,
      ),
    ];
    const seen = new Set(objects.map(([key]) => key));
    const referring = objects.flatMap(([, at, declared]) =>
      at.namespace !== namespace && namesIt(declared as Json, kind, from) ? [at] : [],
    );
    // What a project grants by itself is no reference to it.
    const granted = new Set(
      projects
        .filter(({ source: at }) => at === source)
        .flatMap(({ grants, groupGrants }) => [
          ...grants.map(({ member }) => `Member/${member.toLowerCase()}`),
          ...groupGrants.map(({ group }) => `Group/${group}`),
        ]),
    );
    const unseen = this.#observed.records.filter((record) => {
      const key = `${record.kind}/${record.key}`;
      const isElsewhere = record.origin !== namespace || record.manager !== manager;
      if (!isElsewhere || record.kind === 'Organization' || record.kind === kind) return false;
      if (record.manager === manager && (seen.has(key) || isGrantsOnly(record) || granted.has(key)))
        return false;
      return namesIt(record.applied, kind, from);
    });
    const isTold = namespace === this.#desired.organization.source.namespace;
    return sortedTexts([
      ...referring.map((at) => (isTold ? named(at) : `objects of namespace ${at.namespace}`)),
      ...unseen.map(({ kind: what, key, origin }) =>
        isTold ? `${what} ${key}` : `objects of namespace ${origin}`,
      ),
    ]);
  }

  /** A line that does nothing, where there is something to say. Nobody learns by a name whether it is in the vault. */
  #ignored({ kind, from, to, source }: Candidate): Finding[] {
    const { namespace } = source;
    const names = this.#namesOf(kind);
    const isOwn = namespace === this.#desired.organization.source.namespace;
    if (names.includes(to) && !(isOwn && names.includes(from))) return [];
    const what = kind === 'Project' ? 'project' : 'template';
    const then = names.includes(to) ? '' : `; ${to} is made anew`;
    return [
      {
        subject: { kind, key: to },
        source,
        reason: 'RenameIgnored',
        severity: 'Info',
        message: `renamedFrom does nothing: this manager brought no ${what} ${from} from ${namespace}${then}.`,
        next: 'Nothing, where that is meant: the line may stay. Else correct it first.',
      },
    ];
  }

  #nameThere({ kind, from, to, source }: Candidate): Finding {
    return {
      subject: { kind, key: to },
      source,
      reason: 'RenameIgnored',
      severity: 'Info',
      message: `renamedFrom does nothing: ${to} is in the vault already, so ${from} is not renamed.`,
      next: `Take the line out. Without it ${from} is left as it is, and ${to} too.`,
    };
  }

  #declaredOf(kind: RenamedKind): readonly Renamable[] {
    const { projects, templates } = this.#desired;
    return sortedBy<Renamable>(
      kind === 'Project' ? projects : templates,
      ({ source }) => `${source.namespace}/${source.name}`,
    );
  }

  /** What there is, and what there was by a record. */
  #namesOf(kind: RenamedKind): readonly string[] {
    const { projects, templates, records } = this.#observed;
    return [
      ...(kind === 'Project' ? projects : templates).map(({ name }) => name),
      ...records.filter((record) => record.kind === kind).map(({ key }) => key),
    ];
  }

  /** A namespace beside the one of the line holds nothing up, but for that of the Organization. */
  #decidesFor({ namespace }: Source, origin: string): boolean {
    return namespace === origin || namespace === this.#desired.organization.source.namespace;
  }

  #told(source: Source, others: readonly Source[]): string {
    return toldTo(this.#desired.organization.source.namespace, source, others);
  }

  #record(kind: RenamedKind, key: string): ManagedRecord | undefined {
    return this.#records.get(`${kind}/${key}`);
  }
}

function waitingFor(what: string, next: string): Said {
  return { reason: 'RenameWaiting', severity: 'Waiting', message: `It is not renamed yet: ${what}.`, next };
}

function nameTaken({ to }: Candidate): Said {
  return waitingFor(
    `${to} is in the vault, and what has that name is not renamed yet either`,
    'See what that one waits for.',
  );
}

/** On an object that names what is not renamed yet: it goes on as before, and not as declared. */
function readAsBefore({ key, source, rename: { from, to } }: ReadAsBefore['objects'][number]): Finding {
  return {
    subject: { kind: source.kind, key },
    source,
    reason: 'RenameWaiting',
    severity: 'Waiting',
    message: `${to} is not renamed yet; until then ${from} goes on here.`,
    next: `See what the object of ${to} waits for.`,
  };
}

/** The name is somebody else's still. */
export function nameKept({ until, key }: { readonly until: number; readonly key: string }): Said {
  return {
    reason: 'NameKept',
    severity: 'Stalled',
    message: `What was ${key} has another name now; until ${new Date(until).toISOString()} it is declared anew only where it was declared.`,
    next: 'Take another name, or wait until then.',
  };
}

const NOT_DELEGATED: Said = {
  reason: 'NotDelegated',
  severity: 'Stalled',
  message: 'The identity is bounded to projects, and a rename concerns whatever names them.',
  next: 'Rename it by an identity without that bound.',
};

const LAPSED: Said = {
  reason: 'PlanLapsed',
  severity: 'Stalled',
  message: 'The plan lapsed: access can only be taken away, so nothing is renamed.',
  next: 'Have the plan renewed, or take spec.renamedFrom and the new name back.',
};
