/** One thing of a vault as it shows it to a person. What they may not see is named, never asked for and never guessed. */
import type { CellId } from '#model/capabilities.ts';
import type { Ending } from '#model/ends.ts';
import type { ExplainedCell } from '#model/explanation.ts';
import { type Grant, type Member, normalizeEmail } from '#model/organization.ts';
import type { Tombstone } from '#model/record.ts';
import { pathTo, type RequestPath } from '#protocol/request-path.ts';
import {
  cutsOf,
  type Facts,
  type HeldCells,
  inProject,
  OF_SECRETS,
  type Unseen,
  withIds,
} from '#questions/facts.ts';
import { type ExplainedKind, type Named, type Thing, wordParts } from '#questions/thing.ts';
import type { Person } from '../person/as-person.ts';
import { allPages } from '../person/pages.ts';
import { Refused } from '../person/person-connection.ts';

/** A member as the vault shows them to people. */
export interface ShownMember extends Pick<Member, 'email' | 'role' | 'template' | 'projectScope'>, Ending {
  readonly state: string;
  readonly groups: readonly string[];
  readonly cells: readonly ExplainedCell[];
}

interface ShownMachine {
  readonly id: string;
  readonly name: string;
  readonly approved: boolean;
  readonly enabled: boolean;
  readonly keys: readonly {
    readonly fingerprint: string;
    readonly createdAt: number;
    readonly lastUsedAt: number | null;
  }[];
  readonly access: readonly { readonly project: string; readonly secrets: readonly string[] }[];
}

interface ShownGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly grants: readonly Grant[];
}

interface ShownProject {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

interface ShownSecret {
  readonly id: string;
  readonly project: string;
  readonly name: string;
  readonly version: number;
}

const CREDENTIALS = '--credentials of an automation identity';
const PEOPLE: Unseen = { what: 'other people', takes: 'Organization: View members' };
const GROUPS: Unseen = { what: 'groups', takes: 'Organization: View members' };
const MACHINES: Unseen = { what: 'machines', takes: 'Machines: View' };
const CUTS: Unseen = { what: 'what people cut', takes: 'the role Admin' };
const LOG: Unseen = { what: 'since when, by whom, and what was read', takes: 'Audit log: View others' };
const DECLARED: Unseen = { what: 'who declares it in Git', takes: CREDENTIALS };
const HALVES: Unseen = { what: 'who has the private half of a key', takes: CREDENTIALS };

function secretsOf(project: string): Unseen {
  return { what: `secrets of ${project}`, takes: 'Secrets: View there' };
}

/** What one person sees of a vault; each list is asked for once, and none that is refused to them. */
export class SeenVault {
  readonly #ask: Person['ask'];
  readonly #own: ShownMember | undefined;
  readonly #lists = new Map<string, Promise<readonly unknown[]>>();
  /** Whom a word meant that is no name of the lists. */
  #asked: ShownMember | undefined;

  private constructor(ask: Person['ask'], own: ShownMember | undefined) {
    this.#ask = ask;
    this.#own = own;
  }

  /** Asks who the person is. Throws Failure. */
  static async of(ask: Person['ask']): Promise<SeenVault> {
    const { rows } = await allPages<ShownMember>(ask, { path: pathTo`/access`, rows: 'members' });
    return new SeenVault(ask, rows[0]);
  }

  get seesLog(): boolean {
    return this.#sees('Audit log: View others');
  }

  /** What a word may mean, as far as they may see it, and what they may not see of that. Throws Failure. */
  async named(word: string): Promise<Named & { readonly unseen: readonly Unseen[] }> {
    const { kinds, rest } = wordParts(word);
    const unseen: Unseen[] = [];
    const seen = async <Row>(is: boolean, without: Unseen, rows: () => Promise<readonly Row[]>) => {
      if (!is) unseen.push(without);
      return is ? rows() : [];
    };
    const isAsked = (kind: Thing['kind']) => kinds.includes(kind);
    const isPerson = isAsked('person') && (kinds.length === 1 || rest.includes('@'));
    const isOwn = normalizeEmail(rest) === this.#own?.email;
    const everywhere = async <Row>(cell: CellId, what: string, rows: () => Promise<readonly Row[]>) => {
      if (!this.#sees(cell)) unseen.push({ what, takes: `${cell} there` });
      return rows();
    };
    return {
      members: isPerson
        ? await seen(isOwn || this.#seesPeople, PEOPLE, () => this.#member(normalizeEmail(rest)))
        : [],
      machines: isAsked('machine')
        ? await seen(this.#sees('Machines: View'), MACHINES, () => this.#machines())
        : [],
      groups: isAsked('group') ? await seen(this.#seesPeople, GROUPS, () => this.#groups()) : [],
      projects: isAsked('project')
        ? await everywhere('Projects: View', 'every project', () => this.#projects())
        : [],
      secrets: isAsked('secret')
        ? await everywhere('Secrets: View', 'the secrets of every project', () => this.#secrets())
        : [],
      unseen,
    };
  }

  /** Of a thing of `named`; undefined: it is gone meanwhile. Throws Failure. */
  async facts(thing: Thing<ExplainedKind>): Promise<Facts | undefined> {
    const { kind, key } = thing;
    const unseen: Unseen[] = [DECLARED];
    if (!this.seesLog) unseen.push(LOG);
    const orUnseen = async <T>(is: boolean, without: Unseen, of: () => Promise<T>): Promise<T | null> => {
      if (!is) unseen.push(without);
      return is ? of() : null;
    };
    const known = async () => ({
      key,
      cuts: await orUnseen(this.#isAdmin, CUTS, async () => cutsOf(await this.#cuts(), thing)),
      unseen,
    });
    const machines = () => orUnseen(this.#sees('Machines: View'), MACHINES, () => this.#machines());
    const holders = (project: string, only: readonly CellId[] | null) =>
      orUnseen(this.#seesPeople, PEOPLE, () => this.#holders(project, only));
    switch (kind) {
      case 'person': {
        const [member] = await this.#member(key);
        if (member === undefined) return undefined;
        const { groups, cells } = member;
        unseen.push(HALVES);
        return { kind, ...(await known()), member, groups, cells, keys: null };
      }
      case 'machine': {
        const machine = (await this.#machines()).find(({ name }) => name === key);
        if (machine === undefined) return undefined;
        const { id, approved, enabled, keys, access } = machine;
        unseen.push(HALVES);
        for (const { project, secrets } of access) {
          if (secrets.length > 0 && !this.#sees('Secrets: View', project)) unseen.push(secretsOf(project));
        }
        const ids = new Map((await this.#secrets()).map((one) => [`${one.project}/${one.name}`, one.id]));
        return { kind, ...(await known()), id, approved, enabled, keys, access: withIds(access, ids) };
      }
      case 'secret': {
        const secret = (await this.#secrets()).find(({ project, name }) => `${project}/${name}` === key);
        if (secret === undefined) return undefined;
        const { id, project, name, version } = secret;
        const people = await holders(project, OF_SECRETS);
        const readers = (await machines())
          ?.filter(({ access }) =>
            access.some((one) => one.project === project && one.secrets.includes(name)),
          )
          .map((one) => ({ id: one.id, name: one.name, enabled: one.enabled && one.approved }));
        return {
          ...{ kind, ...(await known()), id, project, name, version },
          ...{ people, machines: readers ?? null },
        };
      }
      case 'project': {
        const project = (await this.#projects()).find(({ name }) => name === key);
        if (project === undefined) return undefined;
        const { id, description } = project;
        const secrets = await orUnseen(this.#sees('Secrets: View', key), secretsOf(key), async () =>
          (await this.#secrets()).filter((one) => one.project === key),
        );
        const people = await holders(key, null);
        const there = await machines();
        return {
          ...{ kind, ...(await known()), id, description },
          ...{ secrets, people, machines: there === null ? null : inProject(there, key) },
        };
      }
      case 'group': {
        const group = (await this.#groups()).find(({ name }) => name === key);
        if (group === undefined) return undefined;
        const { id, description, grants } = group;
        const path = pathTo`/groups/${key}/members`;
        const members = await this.#all<Ending & { readonly email: string; readonly state: string }>(
          path,
          'members',
        );
        return { kind, ...(await known()), id, description, members, grants };
      }
    }
  }

  get #seesPeople(): boolean {
    return this.#sees('Organization: View members');
  }

  get #isAdmin(): boolean {
    return this.#own?.role === 'Owner' || this.#own?.role === 'Admin';
  }

  /** Wherever the cell is; of a project's cell: in all projects, or in this one. */
  #sees(cell: CellId, project?: string): boolean {
    return (
      this.#own?.cells.some(
        (one) => one.cell === cell && (one.where !== 'Project' || one.project === project),
      ) === true
    );
  }

  /** None where there is nobody of that address. */
  async #member(email: string): Promise<readonly ShownMember[]> {
    if (email === this.#own?.email) return [this.#own];
    if (this.#asked?.email === email) return [this.#asked];
    const query = { member: email };
    const none = (error: unknown) => error instanceof Refused && [400, 404].includes(error.status);
    const { rows } = await allPages<ShownMember>(this.#ask, {
      ...{ path: pathTo`/access`, rows: 'members', query },
    }).catch((error: unknown) => {
      if (none(error)) return { rows: [] };
      throw error;
    });
    this.#asked = rows[0];
    return rows;
  }

  /** Who has cells in a project. */
  async #holders(project: string, only: readonly CellId[] | null): Promise<HeldCells[]> {
    const query = { project };
    const { rows } = await allPages<ShownMember>(this.#ask, {
      path: pathTo`/access`,
      rows: 'members',
      query,
    });
    return rows.flatMap(({ email, cells }) => {
      const held = cells.filter(({ cell }) => only === null || only.includes(cell));
      return held.length === 0 ? [] : [{ email, cells: held }];
    });
  }

  #machines(): Promise<readonly ShownMachine[]> {
    return this.#list('machines', pathTo`/machines`);
  }

  #projects(): Promise<readonly ShownProject[]> {
    return this.#list('projects', pathTo`/projects`);
  }

  #secrets(): Promise<readonly ShownSecret[]> {
    return this.#list('secrets', pathTo`/secrets`);
  }

  #cuts(): Promise<readonly Tombstone[]> {
    return this.#list('cuts', pathTo`/cuts`);
  }

  /** A personal vault has none. */
  #groups(): Promise<readonly ShownGroup[]> {
    return this.#list('groups', pathTo`/groups`, (error) => {
      if (error instanceof Refused && error.code === 'PersonalVault') return [];
      throw error;
    });
  }

  #list<Row>(
    rows: string,
    path: RequestPath,
    refused?: (error: unknown) => readonly Row[],
  ): Promise<readonly Row[]> {
    const asked = this.#lists.get(rows) ?? this.#all<Row>(path, rows).catch(refused);
    this.#lists.set(rows, asked);
    return asked as Promise<readonly Row[]>;
  }

  async #all<Row>(path: RequestPath, rows: string): Promise<readonly Row[]> {
    return (await allPages<Row>(this.#ask, { path, rows })).rows;
  }
}
