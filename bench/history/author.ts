/** Who writes the merges of a history: which of its habits the next one follows. */
import type { Size } from './history.ts';
import { type Grant, type Person, type Repository, TEMPLATES, type Team, without } from './repository.ts';

const FIRST_NAMES =
  'ada bela cyra dov emi fenn gia hale ida joss kaya liv mira nils oda per quin ro suri tam una vik wen xan yara zoe'.split(
    ' ',
  );
const LAST_NAMES =
  'abel brook cole dunn egan frost gray holt ives jarvis kerr lund marsh nash orr pike quill reed stone thorne usher vance webb yates'.split(
    ' ',
  );
const ROLES = ['members', 'reviewers', 'maintainers', 'admins', 'leads', 'releases', 'triage', 'docs'];
const TEAMS_OF_AN_AREA = 20;
const DAY = 24 * 60 * 60 * 1000;

export class Author {
  readonly #repository: Repository;
  readonly #size: Size;
  readonly #random: () => number;
  #hired = 0;
  #founded = 0;

  constructor(repository: Repository, size: Size, random: () => number) {
    this.#repository = repository;
    this.#size = size;
    this.#random = random;
  }

  /** Everybody and everything that is missing of that share of the size. */
  grow(share: number): string {
    const { people, teams, memberships, projects } = this.#size;
    while (this.#repository.projects.length < projects)
      this.#repository.projects.push(`project-${this.#repository.projects.length}`);
    while (this.#repository.people.size < Math.round(people * share)) this.#hire();
    while (this.#repository.people.size > Math.round(people * share)) this.#leave();
    while (this.#repository.teams.size < Math.round(teams * share)) this.#found(0);
    while (this.#repository.teams.size > Math.round(teams * share)) this.#close();
    this.#fill(Math.round(memberships * share));
    return 'Bring everything up to date';
  }

  /** One merge on the way to that share, by the habits of large organizations. Gives its title. */
  merge(share: number, now: number): string {
    const { people, teams, memberships } = this.#size;
    const behind = Math.round(people * share) - this.#repository.people.size;
    const lot = this.#random();
    if (lot < 0.03) return this.#reword();
    if (lot < 0.045) return this.#leaveTogether(Math.max(6, Math.floor(people / 40)));
    if (lot < 0.12) return this.#leave();
    if (lot < 0.15) return this.#close();
    if (lot < 0.2) return this.#grant(now);
    if (lot < 0.22) return this.#promote();
    if (lot < 0.32) return this.#moveOn();
    if (behind > 0) {
      const joiner = this.#hire();
      // Once in a while people come in a batch: a company joins, a mentoring term begins.
      for (let more = 1; more < Math.min(behind, 8); more += 1) this.#hire();
      if (this.#random() < 0.5) this.#fill(this.#repository.memberships + 1);
      return `Add ${joiner.name}`;
    }
    if (this.#repository.teams.size < Math.round(teams * share)) {
      const missing = Math.round(memberships * share) - this.#repository.memberships;
      return `Add group ${this.#found(Math.max(2, Math.min(missing, 6))).name}`;
    }
    const { memberships: there } = this.#repository;
    this.#fill(Math.max(there + 1, Math.min(there + 5, Math.round(memberships * share))));
    return 'Add people to their groups';
  }

  #hire(): Person {
    const number = this.#hired++;
    const first = FIRST_NAMES[number % FIRST_NAMES.length];
    const last = LAST_NAMES[Math.floor(number / FIRST_NAMES.length) % LAST_NAMES.length];
    const round = Math.floor(number / (FIRST_NAMES.length * LAST_NAMES.length));
    const name = `${first}-${last}${round === 0 ? '' : `-${round + 1}`}`;
    const person = { name, email: `${name}@acme.example`, template: 'contributor' };
    this.#repository.people.set(name, person);
    return person;
  }

  #leave(): string {
    const person = this.#anybody();
    if (person === undefined) return this.#reword();
    this.#repository.remove(person.name);
    return `Remove ${person.name}`;
  }

  /** Whoever was not active for a year, all at once: what the rails hold. */
  #leaveTogether(count: number): string {
    for (let gone = 0; gone < count; gone += 1) this.#leave();
    return 'Remove inactive people';
  }

  #found(people: number): Team {
    const number = this.#founded++;
    const area = `area-${Math.floor(number / TEAMS_OF_AN_AREA)}`;
    const team: Team = {
      name: `${area}-${ROLES[number % ROLES.length]}-${number}`,
      area,
      description: `Group ${number} of ${area}`,
      people: new Set(),
      grants: this.#random() < 0.6 ? [this.#someGrant()] : [],
    };
    this.#repository.teams.set(team.name, team);
    for (let joined = 0; joined < people; joined += 1) this.#join(team.name, this.#anybody());
    return team;
  }

  #close(): string {
    const team = this.#anyTeam();
    if (team === undefined) return this.#reword();
    this.#repository.teams.delete(team.name);
    return `Remove group ${team.name}`;
  }

  /** Memberships until there are that many; too many are taken out. */
  #fill(memberships: number): void {
    const { teams } = this.#repository;
    for (let there = this.#repository.memberships; there < memberships; )
      if (this.#join(this.#anyTeam()?.name, this.#anybody())) there += 1;
    for (let there = this.#repository.memberships; there > memberships; ) {
      const team = this.#anyTeam();
      const [person] = team?.people ?? [];
      if (team === undefined || person === undefined) continue;
      teams.set(team.name, { ...team, people: without(team.people, person) });
      there -= 1;
    }
  }

  #join(name: string | undefined, person: Person | undefined): boolean {
    const team = this.#repository.teams.get(name ?? '');
    if (team === undefined || person === undefined || team.people.has(person.name)) return false;
    this.#repository.setPeople(team, new Set([...team.people, person.name]));
    return true;
  }

  /** Somebody changes from one group to another. */
  #moveOn(): string {
    const team = this.#anyTeam();
    const [name] = team?.people ?? [];
    if (team === undefined || name === undefined) return this.#reword();
    this.#repository.setPeople(team, without(team.people, name));
    this.#join(this.#anyTeam()?.name, this.#repository.people.get(name));
    return `Move ${name}`;
  }

  #promote(): string {
    const person = this.#anybody();
    if (person === undefined) return this.#reword();
    const next = TEMPLATES[TEMPLATES.indexOf(person.template as (typeof TEMPLATES)[number]) + 1];
    this.#repository.people.set(person.name, { ...person, template: next ?? TEMPLATES[0] });
    return `Change what ${person.name} may do`;
  }

  /** Each third with an end. */
  #grant(now: number): string {
    const team = this.#anyTeam();
    if (team === undefined) return this.#reword();
    const end = new Date(now + 90 * DAY).toISOString().replace(/\.\d+Z$/, 'Z');
    const given = { ...this.#someGrant(), ...(this.#random() < 0.33 ? { expiresAt: end } : {}) };
    const kept = team.grants.filter(({ project }) => project !== given.project).slice(0, 3);
    this.#repository.teams.set(team.name, { ...team, grants: [...kept, given] });
    return `Change the projects of ${team.name}`;
  }

  #reword(): string {
    const team = this.#anyTeam();
    if (team === undefined) return 'Nothing of weight';
    const description = `${team.description.replace(/, reviewed .*/, '')}, reviewed ${Math.floor(this.#random() * 1e6)}`;
    this.#repository.teams.set(team.name, { ...team, description });
    return `Describe ${team.name}`;
  }

  #someGrant(): Grant {
    const { projects } = this.#repository;
    const project = projects[Math.floor(this.#random() * projects.length)] ?? '';
    return { project, access: this.#random() < 0.6 ? 'Read' : 'Write' };
  }

  #anybody(): Person | undefined {
    return this.#anyOf(this.#repository.people);
  }

  #anyTeam(): Team | undefined {
    return this.#anyOf(this.#repository.teams);
  }

  #anyOf<T>(items: ReadonlyMap<string, T>): T | undefined {
    return [...items.values()][Math.floor(this.#random() * items.size)];
  }
}
