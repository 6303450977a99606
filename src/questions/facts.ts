/**
 * What an explanation starts from: one thing of a vault as whoever asks may see it. By credentials it is made of the snapshot
 * (`factsOf`); by a session, of what the vault shows that person. Pure.
 */
import type { CellId } from '#model/capabilities.ts';
import type { Ending } from '#model/ends.ts';
import type { ExplainedCell } from '#model/explanation.ts';
import type { Grant, Member, OrganizationState } from '#model/organization.ts';
import type { ManagedKind, Provenance, Tombstone } from '#model/record.ts';
import { cellsOf, holdersOf } from './people.ts';
import type { ExplainedKind, Thing } from './thing.ts';

/** Which object of Git declares it, as the record says. */
export interface ManagedBy {
  readonly manager: string;
  readonly origin: string;
  /** Of the last change from Git (A4). */
  readonly provenance: Provenance;
}

/** What whoever asks may not see, and what it takes; never told as if there were none. */
export interface Unseen {
  readonly what: string;
  readonly takes: string;
}

interface Known {
  readonly key: string;
  /** Absent: not told. */
  readonly id?: string;
  /** Null: nobody declares it; absent: not told. */
  readonly managed?: ManagedBy | null;
  /** What people took away of it and Git may not give back by itself (rail 7); null: not told. */
  readonly cuts: readonly Tombstone[] | null;
  readonly unseen: readonly Unseen[];
}

export interface HeldCells {
  readonly email: string;
  readonly cells: readonly ExplainedCell[];
}

export interface KnownReader {
  readonly id: string;
  readonly name: string;
  /** And approved. */
  readonly enabled: boolean;
  readonly managed?: ManagedBy | null;
}

export interface KnownKey {
  readonly fingerprint: string;
  /** Null: none of the members; absent: not told. */
  readonly maker?: string | null;
  readonly createdAt?: number;
  readonly lastUsedAt?: number | null;
}

/** Of each kind; what is null may not be seen. */
export type Facts =
  | (Known & {
      readonly kind: 'person';
      readonly member: Pick<Member, 'role' | 'template' | 'projectScope'> &
        Partial<Pick<Member, 'joinedAt' | 'expiresAt' | 'awaits'>> & { readonly state: string };
      readonly groups: readonly string[];
      readonly cells: readonly ExplainedCell[];
      /** Keys whose private half the person may have. */
      readonly keys: readonly { readonly machine: string; readonly fingerprint: string }[] | null;
    })
  | (Known & {
      readonly kind: 'machine';
      readonly id: string;
      readonly approved: boolean;
      readonly enabled: boolean;
      readonly keys: readonly KnownKey[];
      /** `id` of a secret null: it may not be seen. */
      readonly access: readonly {
        readonly project: string;
        readonly secrets: readonly { readonly name: string; readonly id: string | null }[];
      }[];
    })
  | (Known & {
      readonly kind: 'secret';
      readonly id: string;
      readonly project: string;
      readonly name: string;
      readonly version: number;
      readonly people: readonly HeldCells[] | null;
      readonly machines: readonly KnownReader[] | null;
    })
  | (Known & {
      readonly kind: 'project';
      readonly description: string;
      readonly secrets: readonly { readonly name: string; readonly version: number }[] | null;
      readonly people: readonly HeldCells[] | null;
      readonly machines: readonly { readonly name: string; readonly secrets: readonly string[] }[] | null;
    })
  | (Known & {
      readonly kind: 'group';
      readonly description: string;
      readonly members: readonly (Ending & { readonly email: string; readonly state: string })[];
      readonly grants: readonly Grant[];
    });

/** As audit entries and records name what they are about. */
export const SUBJECTS = {
  person: 'Member',
  machine: 'MachineBinding',
  secret: 'Secret',
  project: 'Project',
  group: 'Group',
} as const satisfies Readonly<Record<ExplainedKind, string>>;

/** Cells by which people see and set a secret. */
export const OF_SECRETS: readonly CellId[] = ['Secrets: View', 'Secrets: Manage'];

/** All of it, out of a snapshot; undefined: there is no such thing. */
export function factsOf(
  state: OrganizationState,
  { kind, key }: Thing<ExplainedKind>,
  now: number,
): Facts | undefined {
  const known = (recordKey = key) => ({
    key,
    managed: managedBy(state, kind === 'secret' ? 'Project' : SUBJECTS[kind], recordKey),
    cuts: cutsOf(state.tombstones, { kind, key }),
    unseen: [],
  });
  switch (kind) {
    case 'person': {
      const member = state.members.find(({ email }) => email === key);
      if (member === undefined) return undefined;
      return {
        kind,
        id: member.id,
        ...known(),
        member,
        groups: state.groups.filter(({ members }) => members.includes(key)).map(({ name }) => name),
        cells: cellsOf(state, member, {}, now),
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
      const { id, approved, enabled, keys, access } = machine;
      const ids = new Map(state.secrets.map((one) => [`${one.project}/${one.name}`, one.id]));
      return {
        kind,
        ...known(),
        ...{ id, approved, enabled },
        keys: keys.map(({ fingerprint, maker = null }) => ({ fingerprint, maker })),
        access: withIds(access, ids),
      };
    }
    case 'secret': {
      const secret = state.secrets.find(({ project, name }) => `${project}/${name}` === key);
      if (secret === undefined) return undefined;
      const { id, project, name, version } = secret;
      return {
        kind,
        ...known(project),
        ...{ id, project, name, version },
        people: holdersOf(state, { project }, OF_SECRETS, now),
        machines: state.machines
          .filter(({ access }) => access.some((one) => one.project === project && one.secrets.includes(name)))
          .map((machine) => ({
            ...{ id: machine.id, name: machine.name, enabled: machine.enabled && machine.approved },
            managed: managedBy(state, 'MachineBinding', machine.name),
          })),
      };
    }
    case 'project': {
      const project = state.projects.find(({ name }) => name === key);
      if (project === undefined) return undefined;
      return {
        kind,
        id: project.id,
        ...known(),
        description: project.description,
        secrets: state.secrets.filter((secret) => secret.project === key),
        people: holdersOf(state, { project: key }, null, now),
        machines: inProject(state.machines, key),
      };
    }
    case 'group': {
      const group = state.groups.find(({ name }) => name === key);
      if (group === undefined) return undefined;
      const ends = new Map(group.ends?.map(({ member, expiresAt }) => [member, { expiresAt }]));
      const states = new Map(state.members.map((member) => [member.email, member.state]));
      return {
        kind,
        id: group.id,
        ...known(),
        description: group.description,
        members: group.members.map((email) => ({
          ...{ email, state: states.get(email) ?? 'Gone' },
          ...ends.get(email),
        })),
        grants: group.grants,
      };
    }
  }
}

type InProjects = readonly { readonly project: string; readonly secrets: readonly string[] }[];

/** What a machine reads, each secret with its id; `ids`: of those that may be seen, by `project/secret`. */
export function withIds(access: InProjects, ids: ReadonlyMap<string, string>) {
  return access.map(({ project, secrets }) => ({
    project,
    secrets: secrets.map((name) => ({ name, id: ids.get(`${project}/${name}`) ?? null })),
  }));
}

/** The machines that are in a project, with the secrets of it that each reads. */
export function inProject(
  machines: readonly { readonly name: string; readonly access: InProjects }[],
  project: string,
): { readonly name: string; readonly secrets: readonly string[] }[] {
  return machines.flatMap(({ name, access }) =>
    access.filter((one) => one.project === project).map(({ secrets }) => ({ name, secrets })),
  );
}

/** Of what people cut, what is about the thing. */
export function cutsOf(cuts: readonly Tombstone[], { kind, key }: Thing<ExplainedKind>): Tombstone[] {
  return cuts.filter((cut) => cut.kind === SUBJECTS[kind] && cut.key === key);
}

function managedBy({ records }: OrganizationState, kind: ManagedKind, key: string): ManagedBy | null {
  const record = records.find((one) => one.kind === kind && one.key === key);
  if (record === undefined) return null;
  const { manager, origin, provenance } = record;
  return { manager, origin, provenance };
}
