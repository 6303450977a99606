/** Decides rail 6: which objects make the view partial. */
import type { CustomResource, Kind, Spec } from '#api/v1alpha1/kinds.ts';
import { ANNOTATIONS, organizationReferredTo } from '#api/v1alpha1/kinds.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import { NO_NAMES, namesIn } from '#planning/named.ts';
import type {
  Desired,
  DesiredGroup,
  DesiredMachine,
  DesiredMember,
  DesiredProject,
  DesiredTemplate,
  Finding,
  ForeignKind,
  Names,
  Source,
} from '#planning/plan-types.ts';
import {
  compromisedKeys,
  groupFields,
  machineFields,
  memberFields,
  organizationFields,
  projectGrants,
  projectSecrets,
  templateFields,
} from './declared-fields.ts';
import { type DesiredContext, type DesiredResult, EngineError } from './pass-types.ts';
import { provenanceOf } from './provenance.ts';
import { validated } from './validation.ts';

/** The manager of the records: shared by the operator and the command line, so that both are one (rail 10). */
export function managerOf(organization: CustomResource<'Organization'>): string {
  return organization.spec.manager ?? `${organization.metadata.namespace}/${organization.metadata.name}`;
}

/**
 * What is declared for one organization. Pure. Objects that cannot be read as a declaration are `incomplete`,
 * with a finding; where not even their natural key can be read, the whole is (rail 6): nothing is lost then.
 * Objects of namespaces that `access` does not list count for nothing (design §4), and neither do those that are being
 * deleted; but what they name is not taken (rail 11). What a listed namespace may bring is decided by the plan, which knows
 * what was approved.
 * Throws EngineError `InvalidSpec` where the Organization itself cannot be read.
 */
export function desiredOf(
  organization: CustomResource<'Organization'>,
  objects: readonly CustomResource[],
  context: DesiredContext,
): DesiredResult {
  const { spec, problem } = validated(organization);
  if (spec === null) throw new EngineError('InvalidSpec', problem, 'Correct the Organization.');

  const gathering = new Gathering(organization, objects, context);
  for (const object of objects) gathering.take(object);
  const { members, groups, templates, projects, machines, incomplete, findings } = gathering;
  return {
    desired: {
      manager: managerOf(organization),
      organization: { source: gathering.sourceOf(organization), fields: organizationFields(spec) },
      takeOver: organization.metadata.annotations?.[ANNOTATIONS.takeOver] ?? null,
      members: sortedBy(members, ({ email }) => email),
      groups: sortedBy(groups, ({ name }) => name),
      templates: sortedBy(templates, ({ name }) => name),
      projects: sortedBy(projects, ({ name }) => name),
      machines: sortedBy(machines, ({ machineName }) => machineName),
      origins: context.seenUnder === null ? gathering.origins : null,
      incomplete: sortedBy(incomplete, ({ kind, key }) => `${kind}/${key}`),
      uncounted: gathering.uncounted,
      complete: context.complete && gathering.unreadable.size === 0,
      seenUnder: context.seenUnder,
    },
    findings: sortedBy(findings, ({ subject }) => `${subject.kind}/${subject.key}`),
  };
}

class Gathering {
  readonly members: DesiredMember[] = [];
  readonly groups: DesiredGroup[] = [];
  readonly templates: DesiredTemplate[] = [];
  readonly projects: DesiredProject[] = [];
  readonly machines: DesiredMachine[] = [];
  readonly #unread: { kind: ManagedKind; key: string; source: Source }[] = [];
  /** What objects that cannot be read would have come of (`renamedFrom`). */
  readonly #former: { kind: ManagedKind; key: string; source: Source }[] = [];
  readonly findings: Finding[] = [];
  /** Kinds of objects whose natural key cannot be read. */
  readonly unreadable = new Set<ForeignKind>();
  readonly #objects: readonly CustomResource[];
  readonly #uncounted: CustomResource<ForeignKind>[] = [];
  readonly #organization: CustomResource<'Organization'>;
  readonly #context: DesiredContext;
  /** Of any namespace, by `namespace/name`. */
  readonly #templateObjects: ReadonlyMap<string, CustomResource<'PermissionTemplate'>>;
  readonly #listed: ReadonlySet<string>;
  readonly #origins: Set<string>;

  constructor(
    organization: CustomResource<'Organization'>,
    objects: readonly CustomResource[],
    context: DesiredContext,
  ) {
    this.#organization = organization;
    this.#objects = objects;
    this.#context = context;
    this.#templateObjects = new Map(
      objects
        .filter((object) => is(object, 'PermissionTemplate'))
        .filter((object) => refersTo(organization, object) && isLiving(object))
        .map((object) => [keyOf(object.metadata), object]),
    );
    const own = organization.metadata.namespace;
    this.#listed = new Set([own, ...(organization.spec.access ?? []).map(({ namespace }) => namespace)]);
    this.#origins = new Set([own]);
  }

  take(object: CustomResource): void {
    if (object.kind === 'Organization' || object.kind === 'PlanApproval') return;
    if (!refersTo(this.#organization, object)) return;
    const isListed = this.#listed.has(object.metadata.namespace);
    if (!isLiving(object) || !isListed) {
      const uncounted = object as CustomResource<ForeignKind>;
      this.#uncounted.push(uncounted);
      if (isLiving(object)) this.#refuse(uncounted);
      return;
    }
    this.#origins.add(object.metadata.namespace);
    this.#read(object);
  }

  #read(object: CustomResource): void {
    if (is(object, 'Member')) this.#member(object);
    else if (is(object, 'Group')) this.#group(object);
    else if (is(object, 'PermissionTemplate')) this.#template(object);
    else if (is(object, 'Project')) this.#project(object);
    else if (is(object, 'MachineBinding')) this.#machine(object);
  }

  /** Of what an object that cannot be read would have come of, only what nobody else declares: it is that object's still. */
  get incomplete(): Desired['incomplete'] {
    const declared = new Set(
      [...this.projects, ...this.templates].map(({ source, name }) => `${source.kind}/${name}`),
    );
    return [...this.#unread, ...this.#former.filter(({ kind, key }) => !declared.has(`${kind}/${key}`))];
  }

  /** The namespaces that objects are declared in. */
  get origins(): readonly string[] {
    return [...this.#origins].sort();
  }

  /** Of objects that count for nothing else. */
  get uncounted(): Names {
    if (this.#uncounted.length === 0) return NO_NAMES;
    const apart = new Gathering(this.#organization, this.#objects, this.#context);
    for (const object of this.#uncounted) apart.#read(object);
    return namesIn(apart, apart.unreadable);
  }

  sourceOf(object: CustomResource<ManagedKind>): Source {
    const { kind, metadata, spec } = object;
    const reinstate = (spec as { reinstate?: unknown } | undefined)?.reinstate;
    return {
      kind,
      namespace: metadata.namespace,
      name: metadata.name,
      provenance: provenanceOf(metadata, this.#context.provenance?.(object)),
      seenUnder: this.#context.seenUnder?.[metadata.namespace]?.[kind] ?? null,
      adopt: metadata.annotations?.[ANNOTATIONS.adopt] ?? null,
      reinstate: typeof reinstate === 'string' ? reinstate : null,
    };
  }

  #member(object: CustomResource<'Member'>): void {
    const spec = this.#valid(object);
    if (spec === null) return;
    const template = this.#templateName(object, spec);
    if (template === undefined) return;
    const email = normalizeEmail(spec.email);
    this.members.push({ source: this.sourceOf(object), email, ...memberFields(spec, template) });
  }

  /** The natural name of the template that a member refers to; undefined where it is not there (yet). */
  #templateName(object: CustomResource<'Member'>, spec: Spec<'Member'>): string | null | undefined {
    if (spec.templateRef === undefined) return null;
    const { name, namespace = object.metadata.namespace } = spec.templateRef;
    const template = this.#templateObjects.get(`${namespace}/${name}`);
    if (template !== undefined && validated(template).spec !== null) return naturalKey(template) as string;
    this.#isIncomplete(object, {
      reason: 'TemplateNotFound',
      severity: 'Waiting',
      message:
        template === undefined
          ? `There is no PermissionTemplate "${name}" of this Organization in namespace ${namespace}.`
          : `PermissionTemplate "${name}" is not valid.`,
      next: `Create or correct it, or change spec.templateRef of Member ${object.metadata.name}.`,
    });
    return undefined;
  }

  #group(object: CustomResource<'Group'>): void {
    const spec = this.#valid(object);
    if (spec === null) return;
    this.groups.push({
      source: this.sourceOf(object),
      name: spec.name ?? object.metadata.name,
      fields: groupFields(spec),
    });
  }

  #template(object: CustomResource<'PermissionTemplate'>): void {
    const spec = this.#valid(object);
    if (spec === null) return;
    this.templates.push({
      source: this.sourceOf(object),
      name: spec.name ?? object.metadata.name,
      renamedFrom: spec.renamedFrom ?? null,
      fields: templateFields(spec),
    });
  }

  #project(object: CustomResource<'Project'>): void {
    const spec = this.#valid(object);
    if (spec === null) return;
    this.projects.push({
      source: this.sourceOf(object),
      name: spec.name ?? object.metadata.name,
      renamedFrom: spec.renamedFrom ?? null,
      description: spec.description ?? '',
      ...projectGrants(spec),
      secrets: projectSecrets(spec),
      deletionPolicy: spec.deletionPolicy ?? 'Orphan',
    });
  }

  #machine(object: CustomResource<'MachineBinding'>): void {
    const spec = this.#valid(object);
    if (spec === null) return;
    const key = this.#context.machineKeys.get(keyOf(object.metadata)) ?? null;
    this.machines.push({
      source: this.sourceOf(object),
      machineName: spec.machineName,
      fields: machineFields(spec),
      deletionPolicy: spec.deletionPolicy ?? 'Revoke',
      suspended: spec.suspend ?? false,
      key,
      keyEnds: key?.ends ?? [],
      compromised: compromisedKeys(spec),
    });
  }

  #valid<K extends ForeignKind>(object: CustomResource<K>): Spec<K> | null {
    const checked = validated(object);
    if (checked.problem === null) return checked.spec;
    this.#isIncomplete(object, {
      reason: 'InvalidSpec',
      severity: 'Stalled',
      message: checked.problem,
      next: `Correct ${object.kind} ${object.metadata.name}.`,
    });
    return null;
  }

  #isIncomplete(
    object: CustomResource<ForeignKind>,
    finding: Pick<Finding, 'reason' | 'severity' | 'message' | 'next'>,
  ): void {
    const { kind } = object;
    const source = this.sourceOf(object);
    const key = naturalKey(object);
    if (key === null) this.unreadable.add(kind);
    else this.#unread.push({ kind, key, source });
    const { renamedFrom } = (object.spec ?? {}) as { readonly renamedFrom?: unknown };
    if (typeof renamedFrom === 'string') this.#former.push({ kind, key: renamedFrom, source });
    this.findings.push({ subject: { kind, key: key ?? object.metadata.name }, source, ...finding });
  }

  #refuse(object: CustomResource<ForeignKind>): void {
    const { kind, metadata } = object;
    const { namespace, name } = this.#organization.metadata;
    this.findings.push({
      subject: { kind, key: naturalKey(object) ?? metadata.name },
      source: this.sourceOf(object),
      reason: 'NamespaceNotListed',
      severity: 'Stalled',
      message: `No entry of spec.access of Organization ${namespace}/${name} lists namespace ${metadata.namespace}.`,
      next: `Add {namespace: ${metadata.namespace}, kinds: [${kind}]} there, or move ${kind} ${metadata.name} to namespace ${namespace}.`,
    });
  }
}

/** The natural key as far as it can be read from a spec that need not be valid; null: it cannot. */
function naturalKey(object: CustomResource<ForeignKind>): string | null {
  const spec: { email?: unknown; machineName?: unknown; name?: unknown } = object.spec ?? {};
  switch (object.kind) {
    case 'Member':
      return typeof spec.email === 'string' ? normalizeEmail(spec.email) : null;
    case 'MachineBinding':
      return typeof spec.machineName === 'string' ? spec.machineName : null;
    case 'Group':
    case 'PermissionTemplate':
    case 'Project': {
      const name = spec.name ?? object.metadata.name;
      return typeof name === 'string' ? name : null;
    }
  }
}

function refersTo({ metadata }: CustomResource<'Organization'>, object: CustomResource): boolean {
  return organizationReferredTo(object) === keyOf(metadata);
}

function keyOf({ namespace, name }: CustomResource['metadata']): string {
  return `${namespace}/${name}`;
}

function isLiving(object: CustomResource): boolean {
  return object.metadata.deletionTimestamp === undefined;
}

function is<K extends Kind>(object: CustomResource, kind: K): object is CustomResource<K> {
  return object.kind === kind;
}

function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}
