/**
 * `explain`: what there is to one person, machine, secret, project or group: each access with its path, since when, by which
 * act. Pure: over what whoever asks may see of it, and over what the vault remembers. People see metadata on the vault server,
 * never values; who reads a value is a machine.
 */
import type { Grant } from '#model/organization.ts';
import type { Tombstone } from '#model/record.ts';
import { LARGEST_TRACE, type TraceAnswer, type TracedRead, type TraceRequest } from '#protocol/management.ts';
import { type Facts, type HeldCells, type ManagedBy, SUBJECTS, type Unseen } from './facts.ts';
import { givenSince, Log, listedSince, machineSince, subjectsOf } from './path-since.ts';
import { type HeldCell, type Holder, withSince } from './people.ts';
import { type Since, sinceOf } from './since.ts';

interface Common {
  /** Absent: not told. */
  readonly id?: string;
  /** Null: nobody declares it; absent: not told. */
  readonly managed?: ManagedBy | null;
  /** The newest act about it; null: the log does not tell. */
  readonly changed: Since | null;
  /** What people took away of it and Git may not give back by itself (rail 7); null: not told. */
  readonly cuts: readonly Tombstone[] | null;
  /** What whoever asks may not see; what it is about is null or absent. */
  readonly unseen: readonly Unseen[];
}

export interface Readings {
  readonly lastRead: number | null;
  /** Null: whoever asks may not see reads. */
  readonly times: number | null;
  readonly addresses: readonly string[];
}

/** Where the value lies in a cluster, as a folder declares it. */
export interface DeclaredCopy {
  readonly binding: string;
  readonly secretName: string;
  readonly key: string;
}

export interface MachineReader extends Readings {
  readonly machine: string;
  readonly enabled: boolean;
  readonly since: Since | null;
  readonly managed?: ManagedBy | null;
  readonly copies: readonly DeclaredCopy[];
}

type FactsOf<Kind extends Facts['kind']> = Extract<Facts, { readonly kind: Kind }>;

/** What is null beside a time may not be seen. */
export type Explanation =
  | (Common & {
      readonly kind: 'person';
      readonly email: string;
      readonly member: FactsOf<'person'>['member'];
      readonly groups: readonly string[];
      readonly cells: readonly HeldCell[];
      /** Keys whose private half the person may have. */
      readonly keys: FactsOf<'person'>['keys'];
    })
  | (Common & {
      readonly kind: 'machine';
      readonly name: string;
      readonly approved: boolean;
      readonly enabled: boolean;
      readonly keys: readonly {
        readonly fingerprint: string;
        readonly maker: string | null;
        readonly createdAt: number | null;
        readonly lastUsedAt: number | null;
      }[];
      readonly access: readonly {
        readonly project: string;
        readonly since: Since | null;
        readonly secrets: readonly (Readings & { readonly name: string; readonly since: Since | null })[];
      }[];
    })
  | (Common & {
      readonly kind: 'secret';
      readonly project: string;
      readonly name: string;
      readonly version: number;
      readonly people: readonly Holder[] | null;
      readonly machines: readonly MachineReader[] | null;
    })
  | (Common & {
      readonly kind: 'project';
      readonly name: string;
      readonly description: string;
      readonly secrets: readonly { readonly name: string; readonly version: number }[] | null;
      readonly people: readonly Holder[] | null;
      readonly machines:
        | readonly {
            readonly machine: string;
            readonly secrets: readonly string[];
            readonly since: Since | null;
          }[]
        | null;
    })
  | (Common & {
      readonly kind: 'group';
      readonly name: string;
      readonly description: string;
      readonly members: readonly (FactsOf<'group'>['members'][number] & { readonly since: Since | null })[];
      readonly grants: readonly (Grant & { readonly since: Since | null })[];
    });

/** What the vault remembers and is asked for besides. Reads are looked for since `since`. */
export function traceFor(facts: Facts, since: number): TraceRequest {
  const { kind, key } = facts;
  const own = { kind: SUBJECTS[kind], key };
  const ofMachines = (names: readonly string[]) =>
    names.map((name) => ({ kind: 'MachineBinding', key: name }));
  switch (kind) {
    case 'person':
      return { subjects: bounded(subjectsOfHolder({ email: key, cells: facts.cells })), reads: null };
    case 'machine':
      return { subjects: [own], reads: { secrets: [], machines: [facts.id], since } };
    case 'secret':
    case 'project': {
      const subjects = [
        own,
        ...ofMachines((facts.machines ?? []).map(({ name }) => name)),
        ...(facts.people ?? []).flatMap(subjectsOfHolder),
      ];
      const reads = kind === 'secret' ? { secrets: [facts.id], machines: [], since } : null;
      return { subjects: bounded(subjects), reads };
    }
    case 'group':
      return { subjects: [own], reads: null };
  }
}

function subjectsOfHolder({ email, cells }: HeldCells): TraceRequest['subjects'] {
  return subjectsOf(
    email,
    cells.flatMap(({ paths }) => paths),
  );
}

/**
 * `traced` null: whoever asks may not see the log. `copies`: by `project/secret`, as a folder declares them.
 */
export function explain(
  facts: Facts,
  traced: TraceAnswer | null,
  copies: ReadonlyMap<string, readonly (DeclaredCopy & { readonly machine: string })[]> = new Map(),
): Explanation {
  const log = new Log(traced?.entries ?? []);
  const { kind, key, id, managed, cuts, unseen } = facts;
  const [newest] = log.about(SUBJECTS[kind], key);
  const common: Common = {
    ...(id === undefined ? {} : { id }),
    ...(managed === undefined ? {} : { managed }),
    changed: newest === undefined ? null : sinceOf(newest),
    cuts,
    unseen,
  };
  const readings = (is: ((read: TracedRead) => boolean) | null): Readings =>
    traced === null || is === null
      ? { lastRead: null, times: null, addresses: [] }
      : readingsOf(traced.reads.filter(is));
  const holders = (people: readonly HeldCells[] | null): Holder[] | null =>
    people?.map(({ email, cells }) => ({ email, cells: withSince(log, email, cells) })) ?? null;
  switch (kind) {
    case 'person': {
      const { role, state, template, projectScope, joinedAt, expiresAt, awaits } = facts.member;
      return {
        kind,
        email: key,
        ...common,
        member: present({ role, state, template, projectScope, joinedAt, expiresAt, awaits }),
        groups: facts.groups,
        cells: withSince(log, key, facts.cells),
        keys: facts.keys,
      };
    }
    case 'machine': {
      const used = new Map(traced?.keys.map((one) => [one.fingerprint, one]));
      return {
        kind,
        name: key,
        ...common,
        approved: facts.approved,
        enabled: facts.enabled,
        keys: facts.keys.map(({ fingerprint, maker = null, createdAt, lastUsedAt }) => ({
          fingerprint,
          maker,
          createdAt: used.get(fingerprint)?.createdAt ?? createdAt ?? null,
          lastUsedAt: used.get(fingerprint)?.lastUsedAt ?? lastUsedAt ?? null,
        })),
        access: facts.access.map(({ project, secrets }) => ({
          project,
          since: machineSince(log, key, project),
          secrets: secrets.map((secret) => ({
            name: secret.name,
            since: machineSince(log, key, project, secret.name),
            ...readings(secret.id === null ? null : (read) => read.secret === secret.id),
          })),
        })),
      };
    }
    case 'secret': {
      const { project, name, version } = facts;
      const machines = facts.machines?.map((machine) => ({
        machine: machine.name,
        enabled: machine.enabled,
        since: machineSince(log, machine.name, project, name),
        ...(machine.managed === undefined ? {} : { managed: machine.managed }),
        ...readings((read) => read.machine === machine.id),
        copies: (copies.get(key) ?? [])
          .filter((copy) => copy.machine === machine.name)
          .map(({ machine: _, ...copy }) => copy),
      }));
      return {
        ...{ kind, project, name, version, ...common },
        people: holders(facts.people),
        machines: machines ?? null,
      };
    }
    case 'project':
      return {
        kind,
        name: key,
        description: facts.description,
        ...common,
        secrets: facts.secrets?.map(({ name, version }) => ({ name, version })) ?? null,
        people: holders(facts.people),
        machines:
          facts.machines?.map(({ name, secrets }) => ({
            machine: name,
            secrets,
            since: machineSince(log, name, key),
          })) ?? null,
      };
    case 'group':
      return {
        kind,
        name: key,
        description: facts.description,
        ...common,
        members: facts.members.map((member) => ({ ...member, since: listedSince(log, key, member.email) })),
        grants: facts.grants.map((grant) => ({
          ...grant,
          since: givenSince(log, key, grant.project, grant.access),
        })),
      };
  }
}

function readingsOf(reads: readonly TracedRead[]): Readings {
  return {
    lastRead: reads.reduce<number | null>((last, read) => Math.max(last ?? 0, read.last), null),
    times: reads.reduce((sum, { times }) => sum + times, 0),
    addresses: [...new Set(reads.flatMap(({ source }) => source ?? []))].sort(),
  };
}

/** Each once, as many as one request takes: what is left out is told without since when. */
function bounded(subjects: TraceRequest['subjects']): TraceRequest['subjects'] {
  const once = new Map(subjects.map((subject) => [`${subject.kind} ${subject.key}`, subject]));
  return [...once.values()].slice(0, LARGEST_TRACE);
}

/** Without what is undefined. */
function present<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
