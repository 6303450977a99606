/** The state of a repository that declares an organization, and the files that it is written as. */

/** Access of a group to a project. */
export interface Grant {
  readonly project: string;
  readonly access: 'Read' | 'Write';
  /** Left out: without an end. */
  readonly expiresAt?: string;
}

export interface Person {
  /** Of the Member object. */
  readonly name: string;
  readonly email: string;
  readonly template: string;
}

export interface Team {
  readonly name: string;
  /** Each has a file of its own. */
  readonly area: string;
  readonly description: string;
  /** Names of people. */
  readonly people: ReadonlySet<string>;
  readonly grants: readonly Grant[];
}

export const TEMPLATES = ['contributor', 'reviewer', 'maintainer'] as const;
export const ORGANIZATION = 'acme';

/** Changed by whoever writes the history; each line of it is invented. */
export class Repository {
  readonly people = new Map<string, Person>();
  readonly teams = new Map<string, Team>();
  readonly projects: string[] = [];

  /** How many memberships of teams there are. */
  get memberships(): number {
    return [...this.teams.values()].reduce((sum, { people }) => sum + people.size, 0);
  }

  /** A person leaves with every membership. */
  remove(name: string): void {
    this.people.delete(name);
    for (const team of this.teams.values()) this.setPeople(team, without(team.people, name));
  }

  setPeople(team: Team, people: ReadonlySet<string>): void {
    if (people !== team.people) this.teams.set(team.name, { ...team, people });
  }

  /** Text by path. People stand in one file a first letter, teams in one an area, as large organizations have it. */
  files(): Map<string, string> {
    const files = new Map<string, string[]>();
    const write = (path: string, document: string): void => {
      files.set(path, [...(files.get(path) ?? []), document]);
    };
    write('organization.yaml', organizationText());
    for (const template of TEMPLATES) write('templates.yaml', templateText(template));
    for (const project of this.projects) write('projects.yaml', objectText('Project', project, []));
    for (const person of inOrder(this.people)) write(`people/${person.name[0]}.yaml`, personText(person));
    for (const team of inOrder(this.teams)) write(`teams/${team.area}.yaml`, this.#teamText(team));
    return new Map([...files].map(([path, documents]) => [path, documents.join('---\n')]));
  }

  #teamText({ name, description, people, grants }: Team): string {
    const emails = [...people].sort().flatMap((person) => this.people.get(person)?.email ?? []);
    return objectText('Group', name, [
      `description: ${description}`,
      ...list(
        'members',
        emails.map((email) => `{ email: ${email} }`),
      ),
      ...list('grants', grants.map(grantText)),
    ]);
  }
}

/** The same set where nobody is taken out. */
export function without(people: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return people.has(name) ? new Set([...people].filter((other) => other !== name)) : people;
}

function inOrder<T>(items: ReadonlyMap<string, T>): T[] {
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function grantText({ project, access, expiresAt }: Grant): string {
  const end = expiresAt === undefined ? '' : `, expiresAt: "${expiresAt}"`;
  return `{ project: ${project}, access: ${access}${end} }`;
}

function list(field: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${field}:`, ...items.map((item) => `  - ${item}`)];
}

function personText({ name, email, template }: Person): string {
  return objectText('Member', name, [`email: ${email}`, `templateRef: { name: ${template} }`]);
}

function templateText(name: string): string {
  const secrets = name === 'contributor' ? [] : ['  Secrets: [View]'];
  return objectText('PermissionTemplate', name, ['capabilities:', '  Projects: [View]', ...secrets]);
}

function objectText(kind: string, name: string, spec: readonly string[]): string {
  return [
    'apiVersion: seneschal.dev/v1alpha1',
    `kind: ${kind}`,
    'metadata:',
    `  name: ${name}`,
    'spec:',
    `  organizationRef: { name: ${ORGANIZATION} }`,
    ...spec.map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function organizationText(): string {
  return [
    'apiVersion: seneschal.dev/v1alpha1',
    'kind: Organization',
    'metadata:',
    `  name: ${ORGANIZATION}`,
    'spec:',
    '  vault:',
    '    seneschal: { credentialsSecretRef: { name: vault-credentials } }',
    '',
  ].join('\n');
}
