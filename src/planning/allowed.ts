/**
 * Which declarations count (design §4, `access`). A namespace other than the Organization's brings what its entry allows,
 * and a binding of the Organization's own namespace reads projects that are declared there. What goes beyond does not
 * count, whole, and what came from its namespace loses nothing by it.
 *
 * Decides H1: which projects a binding may name.
 * Decides rail 2: which objects of another namespace count.
 */
import type { NamespaceAccess } from '#model/fields.ts';
import {
  type AllowedItems,
  accessOfNamespace,
  itemsText,
  lackingIn,
  NO_ITEMS,
} from '#model/namespace-access.ts';
import { normalizeEmail } from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import {
  isBoundless,
  itemsOfGroup,
  itemsOfMachine,
  itemsOfMember,
  itemsOfProject,
  itemsOfTemplate,
  undeclaredItems,
} from './asked-items.ts';
import { GroupsGranted } from './groups-granted.ts';
import { madeOnce } from './made-once.ts';
import { ManagedByObject, type Observed } from './managed-by-object.ts';
import type {
  Desired,
  DesiredGroup,
  DesiredMachine,
  DesiredMember,
  DesiredTemplate,
  Finding,
  Source,
} from './plan-types.ts';
import { listed } from './sorted.ts';

type Refusal = Pick<Finding, 'reason' | 'severity' | 'message' | 'next'>;
type Refused = Desired['incomplete'][number];

/**
 * The declarations that count, both under the entries that are declared and under those in force, which the vault keeps:
 * a wider entry counts once it was approved. `observed`: null where there is no vault to ask, as for a folder alone.
 */
export function allowedPart(
  desired: Desired,
  observed: Observed | null,
  inForce: readonly NamespaceAccess[],
): { readonly desired: Desired; readonly findings: readonly Finding[] } {
  const own = ownNamespace(desired);
  const judge = new Judge(desired, observed, inForce);
  const findings: Finding[] = [];
  const refused: Refused[] = [];
  /** What those would have come of (`renamedFrom`): theirs still, unless somebody else declares it. */
  const former: Refused[] = [];
  const counting = <T extends { readonly source: Source; readonly renamedFrom?: string | null }>(
    kind: ManagedKind,
    items: readonly T[],
    keyOf: (item: T) => string,
    refusalOf: (item: T) => Refusal | null,
  ): readonly T[] =>
    items.filter((item) => {
      const { source, renamedFrom } = item;
      const key = keyOf(item);
      const refusal = refusalOf(item) ?? judge.ofAnother(kind, key, source);
      if (refusal === null) return true;
      findings.push({ subject: { kind, key }, source, ...refusal });
      refused.push({ kind, key, source });
      if (renamedFrom != null) former.push({ kind, key: renamedFrom, source });
      return false;
    });
  const fromElsewhere =
    <T extends { readonly source: Source }>(refusalOf: (item: T) => Refusal | null) =>
    (item: T): Refusal | null =>
      item.source.namespace === own ? null : refusalOf(item);

  // Before the groups, which have what projects grant them.
  const projects = counting(
    'Project',
    desired.projects,
    ({ name }) => name,
    fromElsewhere((project) => judge.asked(project, itemsOfProject(project))),
  );
  const granted = new GroupsGranted(projects, [...desired.incomplete, ...refused]);
  const counted = {
    ...desired,
    projects,
    members: counting(
      'Member',
      desired.members,
      ({ email }) => normalizeEmail(email),
      fromElsewhere((member) => judge.asked(member, itemsOfMember(member)) ?? judge.stranger(member)),
    ).map((member) => adoptingNobody(member, own)),
    groups: counting(
      'Group',
      desired.groups,
      ({ name }) => name,
      fromElsewhere((group) => judge.asked(group, itemsOfGroup(group)) ?? judge.group(group, granted)),
    ).map((group) => adoptingNobody(group, own)),
    templates: counting(
      'PermissionTemplate',
      desired.templates,
      ({ name }) => name,
      fromElsewhere((template) => judge.asked(template, itemsOfTemplate(template)) ?? boundless(template)),
    ),
    machines: counting(
      'MachineBinding',
      desired.machines,
      ({ machineName }) => machineName,
      (machine) => judge.machine(machine),
    ),
  };
  if (refused.length === 0 && desired.incomplete.every(({ source }) => source.namespace === own)) {
    return { desired: counted, findings };
  }
  const records = observed?.records ?? [];
  return { desired: { ...counted, incomplete: keptWhole(counted, records, { refused, former }) }, findings };
}

/** What the entries as declared do not allow: all that a folder tells without a vault. */
export function notAllowedIn(desired: Desired): readonly Finding[] {
  const { access } = desired.organization.fields.rails;
  return allowedPart(desired, null, access).findings;
}

/** To manage somebody is to decide over them: `adopt` of another namespace is nobody's consent. */
function adoptingNobody<T extends { readonly source: Source }>(item: T, own: string): T {
  const { source } = item;
  if (source.namespace === own || source.adopt === null) return item;
  return { ...item, source: { ...source, adopt: null } };
}

function ownNamespace({ organization }: Desired): string {
  return organization.source.namespace;
}

class Judge {
  readonly #own: string;
  readonly #organization: string;
  readonly #declared: (namespace: string) => AllowedItems | undefined;
  readonly #inForce: (namespace: string) => AllowedItems | undefined;
  readonly #declaredProjects: () => ReadonlySet<string>;
  readonly #managed: ManagedByObject | null;

  constructor(desired: Desired, observed: Observed | null, inForce: readonly NamespaceAccess[]) {
    const { source, fields } = desired.organization;
    this.#own = source.namespace;
    this.#organization = `${source.namespace}/${source.name}`;
    this.#declared = accessOfNamespace(fields.rails.access);
    this.#inForce = accessOfNamespace(inForce);
    this.#declaredProjects = madeOnce(() => projectsDeclaredIn(source.namespace, desired));
    this.#managed = observed === null ? null : new ManagedByObject(desired.manager, observed);
  }

  /** What an object of another namespace takes of the entry there. */
  asked({ source: { namespace } }: { readonly source: Source }, items: AllowedItems): Refusal | null {
    const lacking = lackingIn(this.#declared(namespace), items);
    if (lacking === null) return this.#notInForce(namespace, items);
    const entry = `In spec.access of Organization ${this.#organization}, the entry for ${namespace} would need`;
    return refusal(
      `Namespace ${namespace} may not bring it: ${itemsText(lacking)}.`,
      `${entry} ${itemsText(lacking)}. Else take that out here.`,
    );
  }

  /** A binding reads what its entry names, and in the Organization's namespace what is declared there. */
  machine(machine: DesiredMachine): Refusal | null {
    const { namespace } = machine.source;
    if (namespace !== this.#own) return this.asked(machine, itemsOfMachine(machine));
    const items = undeclaredItems(machine, this.#declaredProjects());
    const lacking = lackingIn(this.#declared(namespace), items);
    if (lacking === null) return this.#notInForce(namespace, items);
    return refusal(
      `No Project object of namespace ${namespace} declares ${listed(lacking.projects)}, so its bindings do not read it.`,
      `Declare a Project, or take it out here. Else in spec.access of Organization ${this.#organization} the entry for ${namespace} would need ${itemsText(lacking)}.`,
    );
  }

  /** What another manager has. Its name is not told to another namespace, and neither is that there is one. */
  ofAnother(kind: ManagedKind, key: string, { namespace }: Source): Refusal | null {
    if (namespace === this.#own || this.#managed?.isOfAnother(kind, key) !== true) return null;
    return this.#takesNothingOver(namespace, `${kind} ${key}`);
  }

  /** Whoever comes to manage a person decides over them: from another namespace that takes nobody of the vault's own. */
  stranger({ email, source: { namespace } }: DesiredMember): Refusal | null {
    if (this.#managed?.isStranger(email) !== true) return null;
    return this.#takesNothingOver(namespace, `Member ${email}`);
  }

  /**
   * Whom it lists has all that the group gives. One text for whatever is wrong: it says neither whether there is such a
   * group nor what others give it.
   */
  group(group: DesiredGroup, granted: GroupsGranted): Refusal | null {
    const { name, source } = group;
    if (this.#managed === null) return null;
    const given = { ...NO_ITEMS, projects: this.#managed.givenBeside(group, granted) };
    const isBeyond = [this.#declared, this.#inForce].some(
      (entryOf) => lackingIn(entryOf(source.namespace), given) !== null,
    );
    if (!isBeyond && !this.#managed.isStrangeGroup(name)) return null;
    return refusal(
      `Namespace ${source.namespace} does not decide over Group ${name}: it is not from there, or gives more than the entry of ${source.namespace} names.`,
      `Rename it here, declare it in namespace ${this.#own}, or have that entry in spec.access of Organization ${this.#organization} name every project that the group gives.`,
    );
  }

  #takesNothingOver(namespace: string, subject: string): Refusal {
    return refusal(
      `Namespace ${namespace} does not decide over ${subject}: it takes nothing over.`,
      `Declare it in namespace ${this.#own}, or take it out here.`,
    );
  }

  #notInForce(namespace: string, items: AllowedItems): Refusal | null {
    const waiting = lackingIn(this.#inForce(namespace), items);
    if (waiting === null) return null;
    return refusal(
      `Waits until the wider spec.access of Organization ${this.#organization} is approved: ${itemsText(waiting)}.`,
      `Approve what is held as SettingsLoosened.`,
    );
  }
}

function boundless(template: DesiredTemplate): Refusal | null {
  if (!isBoundless(template)) return null;
  return refusal(
    `A template of namespace ${template.source.namespace} does not act in all projects.`,
    'Give it a spec.projectScope that lists projects of its entry.',
  );
}

function refusal(message: string, next: string): Refusal {
  return { reason: 'NotAllowed', severity: 'Stalled', message, next };
}

/** Names of projects that objects of the namespace declare, also those that cannot be read as a declaration. */
function projectsDeclaredIn(namespace: string, { projects, incomplete }: Desired): ReadonlySet<string> {
  const here = ({ source }: { readonly source: Source }): boolean => source.namespace === namespace;
  const unread = incomplete.filter((object) => object.kind === 'Project' && here(object));
  return new Set([...projects.filter(here).map(({ name }) => name), ...unread.map(({ key }) => key)]);
}

/**
 * What an object that does not count stands for, and so loses nothing (rail 6): in the Organization's namespace whatever
 * it names; from another one what came from there, unless somebody else declares it. So a namespace holds up nothing but
 * what it brought.
 */
function keptWhole(
  counted: Desired,
  records: Observed['records'],
  { refused, former }: { readonly refused: readonly Refused[]; readonly former: readonly Refused[] },
): Refused[] {
  const own = ownNamespace(counted);
  const ours = records.filter(({ manager }) => manager === counted.manager);
  const origins = new Map(ours.map(({ kind, key, origin }) => [`${kind}/${key}`, origin]));
  const declared = new Set([
    ...counted.members.map(({ email }) => `Member/${normalizeEmail(email)}`),
    ...counted.groups.map(({ name }) => `Group/${name}`),
    ...counted.templates.map(({ name }) => `PermissionTemplate/${name}`),
    ...counted.projects.map(({ name }) => `Project/${name}`),
    ...counted.machines.map(({ machineName }) => `MachineBinding/${machineName}`),
  ]);
  const undeclared = former.filter(({ kind, key }) => !declared.has(`${kind}/${key}`));
  return [...counted.incomplete, ...refused, ...undeclared].filter(({ kind, key, source: { namespace } }) => {
    const id = `${kind}/${key}`;
    return namespace === own || (origins.get(id) === namespace && !declared.has(id));
  });
}
