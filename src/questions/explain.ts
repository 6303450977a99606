/**
 * `explain`: what there is to one person, machine, secret, project or group: each access with its path, since when, by which
 * act. Pure: over a snapshot, and over what the vault remembers. People see metadata on the vault server, never values; who
 * reads a value is a machine.
 */
import type { CellId } from '#model/capabilities.ts';
import type { MachineProject, Member, OrganizationState } from '#model/organization.ts';
import type { ManagedKind, Provenance, Tombstone } from '#model/record.ts';
import { LARGEST_TRACE, type TraceAnswer, type TracedRead, type TraceRequest } from '#protocol/management.ts';
import { givenSince, Log, listedSince, machineSince, subjectsOf } from './path-since.ts';
import { cellsOf, type HeldCell, type Holder, holdersOf, withSince } from './people.ts';
import { type Since, sinceOf } from './since.ts';
import type { ExplainedKind, Thing } from './thing.ts';

/** Which object of Git declares it, as the record says. */
export interface ManagedBy {
  readonly manager: string;
  readonly origin: string;
  /** Of the last change from Git (A4). */
  readonly provenance: Provenance;
}

interface Common {
  readonly id: string;
  /** Null: nobody declares it. */
  readonly managed: ManagedBy | null;
  /** The newest act about it; null: the log does not tell. */
  readonly changed: Since | null;
  /** What people took away of it and Git may not give back by itself (rail 7). */
  readonly cuts: readonly Tombstone[];
}

export interface Readings {
  readonly lastRead: number | null;
  readonly times: number;
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
  readonly managed: ManagedBy | null;
  readonly copies: readonly DeclaredCopy[];
}

export type Explanation =
  | (Common & {
      readonly kind: 'person';
      readonly email: string;
      readonly member: Pick<
        Member,
        'role' | 'state' | 'template' | 'projectScope' | 'joinedAt' | 'expiresAt' | 'awaits'
      >;
      readonly groups: readonly string[];
      readonly cells: readonly HeldCell[];
      /** Keys whose private half the person may have. */
      readonly keys: readonly { readonly machine: string; readonly fingerprint: string }[];
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
      readonly people: readonly Holder[];
      readonly machines: readonly MachineReader[];
    })
  | (Common & {
      readonly kind: 'project';
      readonly name: string;
      readonly description: string;
      readonly secrets: readonly { readonly name: string; readonly version: number }[];
      readonly people: readonly Holder[];
      readonly machines: readonly {
        readonly machine: string;
        readonly secrets: readonly string[];
        readonly since: Since | null;
      }[];
    })
  | (Common & {
      readonly kind: 'group';
      readonly name: string;
      readonly description: string;
      readonly members: readonly {
        readonly email: string;
        readonly state: string;
        readonly expiresAt?: number;
        readonly since: Since | null;
      }[];
      readonly grants: readonly {
        readonly project: string;
        readonly access: string;
        readonly expiresAt?: number;
        readonly since: Since | null;
      }[];
    });

const OF_SECRETS: readonly CellId[] = ['Secrets: View', 'Secrets: Manage'];

/** What the vault has to be asked for besides the snapshot. Reads are looked for since `since`. */
export function traceFor(
  state: OrganizationState,
  thing: Thing<ExplainedKind>,
  now: number,
  since: number,
): TraceRequest {
  const { kind, key } = thing;
  const own = { kind: SUBJECTS[kind], key };
  const reads = (secrets: readonly string[], machines: readonly string[]) => ({ secrets, machines, since });
  switch (kind) {
    case 'person': {
      const member = state.members.find(({ email }) => email === key);
      const cells = member === undefined ? [] : cellsOf(state, member, {}, now);
      return {
        subjects: bounded(
          subjectsOf(
            key,
            cells.flatMap(({ paths }) => paths),
          ),
        ),
        reads: null,
      };
    }
    case 'machine': {
      const machine = state.machines.find(({ name }) => name === key);
      return { subjects: [own], reads: machine === undefined ? null : reads([], [machine.id]) };
    }
    case 'secret':
    case 'project': {
      const project = projectOf(thing);
      const holders = holdersOf(state, { project }, kind === 'secret' ? OF_SECRETS : null, now);
      const machines = state.machines.filter(({ access }) => access.some((one) => one.project === project));
      const subjects = [
        own,
        ...machines.map(({ name }) => ({ kind: 'MachineBinding', key: name })),
        ...holders.flatMap(({ email, cells }) =>
          subjectsOf(
            email,
            cells.flatMap(({ paths }) => paths),
          ),
        ),
      ];
      const secret = kind === 'secret' ? secretOf(state, key) : undefined;
      return { subjects: bounded(subjects), reads: secret === undefined ? null : reads([secret.id], []) };
    }
    case 'group':
      return { subjects: [own], reads: null };
  }
}

/** As audit entries name what they are about. */
const SUBJECTS = {
  person: 'Member',
  machine: 'MachineBinding',
  secret: 'Secret',
  project: 'Project',
  group: 'Group',
} as const;

/** Undefined: there is no such thing. `copies`: by `project/secret`, as a folder declares them. */
export function explain(
  state: OrganizationState,
  thing: Thing<ExplainedKind>,
  traced: TraceAnswer,
  now: number,
  copies: ReadonlyMap<string, readonly (DeclaredCopy & { readonly machine: string })[]> = new Map(),
): Explanation | undefined {
  const log = new Log(traced.entries);
  const { kind, key } = thing;
  const common = (id: string, recordKey = key): Common => {
    const [newest] = log.about(SUBJECTS[kind], key);
    return {
      id,
      managed: managedBy(state, kind === 'secret' ? 'Project' : SUBJECTS[kind], recordKey),
      changed: newest === undefined ? null : sinceOf(newest),
      cuts: state.tombstones.filter((cut) => cut.kind === SUBJECTS[kind] && cut.key === key),
    };
  };
  switch (kind) {
    case 'person': {
      const member = state.members.find(({ email }) => email === key);
      if (member === undefined) return undefined;
      const { role, state: standing, template, projectScope, joinedAt, expiresAt, awaits } = member;
      return {
        kind,
        email: key,
        ...common(member.id),
        member: present({ role, state: standing, template, projectScope, joinedAt, expiresAt, awaits }),
        groups: state.groups.filter(({ members }) => members.includes(key)).map(({ name }) => name),
        cells: withSince(log, key, cellsOf(state, member, {}, now)),
        keys: state.machines.flatMap(({ name, keys }) =>
          keys
            .filter(({ maker }) => maker === key)
            .map(({ fingerprint }) => ({ machine: name, fingerprint })),
        ),
      };
    }
    case 'machine': {
      const machine = state.machines.find(({ name }) => name === key);
      if (machine === undefined) return undefined;
      const used = new Map(traced.keys.map((one) => [one.fingerprint, one]));
      return {
        kind,
        name: key,
        ...common(machine.id),
        approved: machine.approved,
        enabled: machine.enabled,
        keys: machine.keys.map(({ fingerprint, maker = null }) => ({
          fingerprint,
          maker,
          createdAt: used.get(fingerprint)?.createdAt ?? null,
          lastUsedAt: used.get(fingerprint)?.lastUsedAt ?? null,
        })),
        access: machine.access.map(({ project, secrets }) => ({
          project,
          since: machineSince(log, key, project),
          secrets: secrets.map((name) => ({
            name,
            since: machineSince(log, key, project, name),
            ...readings(
              traced.reads.filter(({ secret }) => secret === secretOf(state, `${project}/${name}`)?.id),
            ),
          })),
        })),
      };
    }
    case 'secret': {
      const secret = secretOf(state, key);
      if (secret === undefined) return undefined;
      const { project, name, version } = secret;
      return {
        kind,
        project,
        name,
        version,
        ...common(secret.id, project),
        people: holders(state, log, project, OF_SECRETS, now),
        machines: state.machines
          .filter(({ access }) => reads(access, project, name))
          .map((machine) => ({
            machine: machine.name,
            enabled: machine.enabled && machine.approved,
            since: machineSince(log, machine.name, project, name),
            managed: managedBy(state, 'MachineBinding', machine.name),
            ...readings(traced.reads.filter((read) => read.machine === machine.id)),
            copies: (copies.get(key) ?? [])
              .filter((copy) => copy.machine === machine.name)
              .map(({ machine: _, ...copy }) => copy),
          })),
      };
    }
    case 'project': {
      const project = state.projects.find(({ name }) => name === key);
      if (project === undefined) return undefined;
      return {
        kind,
        name: key,
        description: project.description,
        ...common(project.id),
        secrets: state.secrets
          .filter((secret) => secret.project === key)
          .map(({ name, version }) => ({ name, version })),
        people: holders(state, log, key, null, now),
        machines: state.machines.flatMap(({ name, access }) =>
          access
            .filter((one) => one.project === key)
            .map(({ secrets }) => ({ machine: name, secrets, since: machineSince(log, name, key) })),
        ),
      };
    }
    case 'group': {
      const group = state.groups.find(({ name }) => name === key);
      if (group === undefined) return undefined;
      const ends = new Map(group.ends?.map(({ member, expiresAt }) => [member, expiresAt]));
      return {
        kind,
        name: key,
        description: group.description,
        ...common(group.id),
        members: group.members.map((email) =>
          present({
            email,
            state: state.members.find((member) => member.email === email)?.state ?? 'Gone',
            expiresAt: ends.get(email),
            since: listedSince(log, key, email),
          }),
        ),
        grants: group.grants.map((grant) => ({
          ...grant,
          since: givenSince(log, key, grant.project, grant.access),
        })),
      };
    }
  }
}

function holders(
  state: OrganizationState,
  log: Log,
  project: string,
  only: readonly CellId[] | null,
  now: number,
): Holder[] {
  return holdersOf(state, { project }, only, now).map(({ email, cells }) => ({
    email,
    cells: withSince(log, email, cells),
  }));
}

function readings(reads: readonly TracedRead[]): Readings {
  return {
    lastRead: reads.reduce<number | null>((last, read) => Math.max(last ?? 0, read.last), null),
    times: reads.reduce((sum, { times }) => sum + times, 0),
    addresses: [...new Set(reads.flatMap(({ source }) => source ?? []))].sort(),
  };
}

function managedBy({ records }: OrganizationState, kind: ManagedKind, key: string): ManagedBy | null {
  const record = records.find((one) => one.kind === kind && one.key === key);
  if (record === undefined) return null;
  const { manager, origin, provenance } = record;
  return { manager, origin, provenance };
}

function projectOf({ kind, key }: Thing<ExplainedKind>): string {
  return kind === 'secret' ? key.slice(0, key.indexOf('/')) : key;
}

function secretOf({ secrets }: OrganizationState, key: string) {
  return secrets.find(({ project, name }) => `${project}/${name}` === key);
}

function reads(access: readonly MachineProject[], project: string, name: string): boolean {
  return access.some((one) => one.project === project && one.secrets.includes(name));
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
