/** Decides rail 5: that a folder with a mistake is not applied. */
import { type CustomResource, organizationReferredTo } from '#api/v1alpha1/kinds.ts';
import { desiredOf } from '#engine/desired.ts';
import type { DesiredResult } from '#engine/pass-types.ts';
import { notAllowedIn } from '#planning/allowed.ts';
import type { Source as Declaration } from '#planning/plan-types.ts';
import type { Located, Source, SourceProblem } from '#source/folder.ts';
import { problemText, readSource } from '#source/folder.ts';
import type { CommandOutcome } from '../terminal/exit-codes.ts';
import { Failure } from '../terminal/failure.ts';
import { tell } from '../terminal/print.ts';
import { claimedTwice as claimedTwiceInCluster, targetFaults } from './declared-targets.ts';

export interface FolderOptions {
  /** `markdown`: of `plan` alone. */
  readonly output: 'text' | 'json' | 'markdown';
  readonly organization?: string;
  readonly namespace: string;
}

/** The declarations of one organization, out of a folder that is valid as a whole (rail 5). */
export interface Workspace extends DesiredResult {
  readonly organization: CustomResource<'Organization'>;
  readonly planApprovals: readonly CustomResource<'PlanApproval'>[];
  /** `file:line` of an object of the folder. */
  readonly placeOf: (kind: string, namespace: string, name: string) => string | undefined;
}

/** A folder that is no valid configuration; nothing of it is applied (rail 5). */
export class InvalidFolder extends Failure {
  readonly problems: readonly SourceProblem[];

  constructor(outcome: CommandOutcome, problems: readonly SourceProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(outcome, `${count}; nothing is applied (rail 5).`, 'Correct the files and run again.');
    this.problems = problems;
  }
}

/** Reads a folder; problems go to standard error as `file:line:column: ...`. Throws InvalidFolder, Failure. */
export async function openWorkspace(folder: string, options: FolderOptions): Promise<Workspace> {
  const source = await readSource(folder, { defaultNamespace: options.namespace });
  const workspace = workspaceOf(source, folder, options);
  await checkTargets(source);
  return workspace;
}

/** What is wrong with targets whatever their values are; apart, because templates are a library of their own. @throws InvalidFolder */
export async function checkTargets(source: Source): Promise<void> {
  const { problems, warnings } = await targetFaults(source);
  for (const { file, line, column, message } of warnings)
    tell(`${file}:${line}:${column}: warning: ${message}`);
  refuse(problems);
}

/** The same of a folder that was read. */
export function workspaceOf(source: Source, folder: string, options: FolderOptions): Workspace {
  for (const { file, line, column, message } of source.warnings) {
    tell(`${file}:${line}:${column}: warning: ${message}`);
  }
  refuse(source.problems);
  if (source.objects.length === 0) {
    throw new Failure(
      'InvalidConfiguration',
      `${folder} declares nothing: it has no object of seneschal.dev/v1alpha1. An empty source takes nothing away (rail 5).`,
      'Check the folder; the files end in .yaml, .yml or .json.',
    );
  }
  const chosen = chosenOrganization(source, folder, options);
  refuse(strays(source));
  const result = desiredOfFolder(source, chosen);
  refuse([...claimsOf(source, result), ...claimedTwiceInCluster(source)]);
  refuse(problemsOf(source, chosen, result));
  return declared(source, chosen, result);
}

/** Every organization of a folder, checked; for `validate`. Throws InvalidFolder. */
export function checkAll(source: Source): void {
  refuse(source.problems);
  refuse(strays(source));
  const results = organizationsOf(source).map((located) => ({
    located,
    result: desiredOfFolder(source, located),
  }));
  refuse(results.flatMap(({ located, result }) => problemsOf(source, located, result)));
  refuse([...results.flatMap(({ result }) => claimsOf(source, result)), ...claimedTwiceInCluster(source)]);
}

/** Two objects of one organization that claim the same thing: which of them is meant, no vault can tell. */
function claimsOf(source: Source, { desired }: DesiredResult): SourceProblem[] {
  return [
    ...claimedTwice(source, desired.members, ({ email }) => email, ['spec', 'email']),
    ...claimedTwice(source, desired.groups, ({ name }) => name, ['spec', 'name']),
    ...claimedTwice(source, desired.templates, ({ name }) => name, ['spec', 'name']),
    ...claimedTwice(source, desired.projects, ({ name }) => name, ['spec', 'name']),
    ...claimedTwice(source, desired.machines, ({ machineName }) => machineName, ['spec', 'machineName']),
  ];
}

function claimedTwice<T extends { readonly source: Declaration }>(
  source: Source,
  declarations: readonly T[],
  keyOf: (declaration: T) => string,
  field: readonly string[],
): SourceProblem[] {
  const claims = new Map<string, Located[]>();
  for (const declaration of declarations) {
    const { kind, namespace, name } = declaration.source;
    const located = find(source, kind, namespace, name);
    if (located === undefined) continue;
    const key = keyOf(declaration);
    claims.set(key, [...(claims.get(key) ?? []), located]);
  }
  return [...claims].flatMap(([key, [first, ...others]]) =>
    others.map((other) =>
      problemAt(
        other,
        field,
        `${key} is claimed by ${first?.object.metadata.name} in ${first?.file}:${first?.line} too`,
        'one object for it',
      ),
    ),
  );
}

function declared(source: Source, located: Located, result: DesiredResult): Workspace {
  const objects = source.objects.map(({ object }) => object);
  return {
    ...result,
    organization: located.object as CustomResource<'Organization'>,
    planApprovals: objects.filter(
      (object) => object.kind === 'PlanApproval',
    ) as CustomResource<'PlanApproval'>[],
    placeOf: (kind, namespace, name) => {
      const found = find(source, kind, namespace, name);
      return found === undefined ? undefined : `${found.file}:${found.line}`;
    },
  };
}

function desiredOfFolder(source: Source, { object }: Located): DesiredResult {
  const files = new Map(source.objects.map(({ object, file }) => [object, file]));
  const objects = source.objects.map(({ object }) => object);
  return desiredOf(object as CustomResource<'Organization'>, objects, {
    complete: true,
    seenUnder: null,
    machineKeys: new Map(),
    provenance: (declaration) => ({ path: files.get(declaration) }),
  });
}

/** A folder is seen whole: a reference that leads nowhere in it will lead nowhere later. */
function problemsOf(source: Source, located: Located, { desired, findings }: DesiredResult): SourceProblem[] {
  return [...findings, ...notAllowedIn(desired)]
    .filter(({ severity }) => severity !== 'Info')
    .map(({ source: at, reason, message, next }) => {
      const place = (at === null ? undefined : find(source, at.kind, at.namespace, at.name)) ?? located;
      return problemAt(place, FIELDS[reason] ?? null, `${message} ${next}`);
    });
}

/** The field that a finding is about, where it is about one. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  TemplateNotFound: ['spec', 'templateRef', 'name'],
};

function problemAt(
  located: Located,
  field: readonly string[] | null,
  message: string,
  expected = '',
): SourceProblem {
  const { line, column } = field === null ? located : located.placeOf(field);
  return { file: located.file, line, column, path: field?.join('.') ?? '', message, expected };
}

/** Objects that name an Organization that is not in the folder: a slip of the pen must not read as a deletion. */
function strays(source: Source): SourceProblem[] {
  const organizations = organizationsOf(source);
  const known = new Set(organizations.map(({ object }) => ownKey(object)));
  return source.objects.flatMap((located) => {
    const reference = organizationReferredTo(located.object);
    if (reference === null || known.has(reference)) return [];
    const { namespace, name } = partsOf(reference);
    const message = `there is no Organization "${name}" of namespace ${namespace} in the folder`;
    return [problemAt(located, ['spec', 'organizationRef', 'name'], message, nearest(reference, known))];
  });
}

/** What to write instead: one that the folder has in that namespace, one of that name in another, else any. */
function nearest(reference: string, known: ReadonlySet<string>): string {
  const wanted = partsOf(reference);
  const all = [...known].map(partsOf);
  const here = all.filter(({ namespace }) => namespace === wanted.namespace);
  if (here.length > 0) return here.map(({ name }) => name).join(' or ');
  const namesake = all.find(({ name }) => name === wanted.name);
  if (namesake === undefined) return [...known].join(' or ');
  return `organizationRef: {name: ${namesake.name}, namespace: ${namesake.namespace}}`;
}

function partsOf(key: string): { readonly namespace: string; readonly name: string } {
  const at = key.indexOf('/');
  return { namespace: key.slice(0, at), name: key.slice(at + 1) };
}

function chosenOrganization(source: Source, folder: string, { organization: name }: FolderOptions): Located {
  const all = organizationsOf(source);
  const matching = name === undefined ? all : all.filter(({ object }) => object.metadata.name === name);
  const [first, ...others] = matching;
  if (first !== undefined && others.length === 0) return first;
  const names = all.map(({ object }) => object.metadata.name).join(', ');
  if (all.length === 0) {
    throw new Failure(
      'InvalidConfiguration',
      `${folder} has no Organization.`,
      'Add one; it names the vault.',
    );
  }
  if (first === undefined) {
    throw new Failure(
      'Usage',
      `${folder} has no Organization "${name}"; it has ${names}.`,
      'Correct --organization.',
    );
  }
  throw new Failure(
    'Usage',
    `${folder} has several Organizations: ${names}.`,
    'Choose one by --organization NAME.',
  );
}

/** Tells problems, one a line. @throws InvalidFolder where there are any. */
export function refuse(problems: readonly SourceProblem[]): void {
  if (problems.length === 0) return;
  for (const problem of problems) tell(problemText(problem));
  const links = problems.every(({ message }) => message === 'is a symbolic link');
  throw new InvalidFolder(links ? 'SourceNotTrusted' : 'InvalidConfiguration', problems);
}

function organizationsOf(source: Source): Located[] {
  return source.objects.filter(({ object }) => object.kind === 'Organization');
}

/** Made at the first question about a source: as many are asked as there are objects. */
const placesOf = new WeakMap<Source, ReadonlyMap<string, Located>>();

function find(source: Source, kind: string, namespace: string, name: string): Located | undefined {
  let places = placesOf.get(source);
  if (places === undefined) {
    // The first of a name: a second one is a problem of the folder already.
    places = new Map(
      source.objects.toReversed().map((one) => [`${one.object.kind} ${ownKey(one.object)}`, one]),
    );
    placesOf.set(source, places);
  }
  return places.get(`${kind} ${namespace}/${name}`);
}

function ownKey({ metadata }: CustomResource): string {
  return `${metadata.namespace}/${metadata.name}`;
}
