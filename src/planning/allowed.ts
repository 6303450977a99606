/**
 * Which declarations count (design §4, `access`). A namespace other than the Organization's brings what its entry allows,
 * and a binding of the Organization's own namespace reads projects that are declared there. What goes beyond does not
 * count, whole, and what came from its namespace loses nothing by it.
 *
 * Decides H1: which projects a binding may name.
 * Decides rail 2: which objects of another namespace count.
 */
import type { NamespaceAccess } from '#model/fields.ts';
import { type AllowedItems, accessOfNamespace, itemsText, lackingIn } from '#model/namespace-access.ts';
import { type Group, normalizeEmail, type OrganizationState } from '#model/organization.ts';
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
import { madeOnce } from './made-once.ts';
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

/** What there is before the plan, as far as it decides who may declare what. */
type Observed = Pick<OrganizationState, 'members' | 'groups' | 'records'>;
type Refusal = Pick<Finding, 'reason' | 'severity' | 'message' | 'next'>;
type Refused = Desired['incomplete'][number];

/**
 * The declarations that count, both under the entries that are declared and under those in force, which the vault keeps:
 * a wider entry counts once it was approved.
 */
export function allowedPart(
  desired: Desired,
  observed: Observed,
  inForce: readonly NamespaceAccess[],
): { readonly desired: Desired; readonly findings: readonly Finding[] } {
  const own = ownNamespace(desired);
  const judge = new Judge(desired, observed, inForce);
  const findings: Finding[] = [];
  const refused: Refused[] = [];
  const counting = <T extends { readonly source: Source }>(
    kind: ManagedKind,
    items: readonly T[],
    keyOf: (item: T) => string,
    refusalOf: (item: T) => Refusal | null,
  ): readonly T[] =>
    items.filter((item) => {
      const refusal = refusalOf(item);
      if (refusal === null) return true;
      const { source } = item;
      findings.push({ subject: { kind, key: keyOf(item) }, source, ...refusal });
      refused.push({ kind, key: keyOf(item), source });
      return false;
    });
  const fromElsewhere =
    <T extends { readonly source: Source }>(refusalOf: (item: T) => Refusal | null) =>
    (item: T): Refusal | null =>
      item.source.namespace === own ? null : refusalOf(item);

  const counted = {
    ...desired,
    members: counting(
      'Member',
      desired.members,
      ({ email }) => normalizeEmail(email),
      fromElsewhere((member) => judge.asked(member, itemsOfMember(member)) ?? judge.stranger(member)),
    ),
    groups: counting(
      'Group',
      desired.groups,
      ({ name }) => name,
      fromElsewhere((group) => judge.group(group)),
    ),
    templates: counting(
      'PermissionTemplate',
      desired.templates,
      ({ name }) => name,
      fromElsewhere((template) => judge.asked(template, itemsOfTemplate(template)) ?? boundless(template)),
    ),
    projects: counting(
      'Project',
      desired.projects,
      ({ name }) => name,
      fromElsewhere((project) => judge.asked(project, itemsOfProject(project))),
    ),
    machines: counting(
      'MachineBinding',
      desired.machines,
      ({ machineName }) => machineName,
      (machine) => judge.machine(machine),
    ),
  };
  if (refused.length === 0 && desired.incomplete.every(({ source }) => source.namespace === own)) {
    return { desired, findings };
  }
  return { desired: { ...counted, incomplete: keptWhole(counted, observed, refused) }, findings };
}

/** What the entries as declared do not allow: all that a folder tells without a vault. */
export function notAllowedIn(desired: Desired): readonly Finding[] {
  const { access } = desired.organization.fields.rails;
  return allowedPart(desired, { members: [], groups: [], records: [] }, access).findings;
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
  readonly #strangers: () => ReadonlySet<string>;
  readonly #groups: () => ReadonlyMap<string, Group>;
  readonly #managedGroups: () => ReadonlySet<string>;
  /** The projects whose objects in the Organization's namespace grant a group something. */
  readonly #grantedBy: (group: string) => ReadonlySet<string>;

  constructor(desired: Desired, { members, groups, records }: Observed, inForce: readonly NamespaceAccess[]) {
    const { source, fields } = desired.organization;
    this.#own = source.namespace;
    this.#organization = `${source.namespace}/${source.name}`;
    this.#declared = accessOfNamespace(fields.rails.access);
    this.#inForce = accessOfNamespace(inForce);
    this.#declaredProjects = madeOnce(() => projectsDeclaredIn(source.namespace, desired));
    this.#groups = madeOnce(() => new Map(groups.map((group) => [group.name, group])));
    this.#managedGroups = madeOnce(
      () => new Set(records.flatMap(({ kind, key }) => (kind === 'Group' ? [key] : []))),
    );
    this.#grantedBy = (name) =>
      new Set(
        desired.projects.flatMap((project) =>
          project.source.namespace === this.#own && project.groupGrants.some(({ group }) => group === name)
            ? [project.name]
            : [],
        ),
      );
    this.#strangers = madeOnce(() => {
      const managed = new Set(records.flatMap(({ kind, key }) => (kind === 'Member' ? [key] : [])));
      return new Set(
        members.map(({ email }) => normalizeEmail(email)).filter((email) => !managed.has(email)),
      );
    });
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

  /** Whoever comes to manage a person decides over them: from another namespace that takes nobody of the vault's own. */
  stranger({ email, source: { namespace } }: DesiredMember): Refusal | null {
    if (!this.#strangers().has(normalizeEmail(email))) return null;
    return refusal(
      `${email} is in the vault and was never managed from here: namespace ${namespace} takes nobody over.`,
      `Declare a Member in namespace ${this.#own} first, or take this one out.`,
    );
  }

  /** Whom it lists has what it gives: what it declares, and what is in the vault of it. One that people made is not taken over. */
  group(group: DesiredGroup): Refusal | null {
    const { name, source } = group;
    const there = this.#groups().get(name);
    if (there !== undefined && !this.#managedGroups().has(name)) {
      return refusal(
        `The group ${name} is in the vault and was never managed from here: namespace ${source.namespace} takes none over.`,
        `Declare a Group in namespace ${this.#own} first, or take this one out.`,
      );
    }
    return this.asked(group, itemsOfGroup(group, there, this.#grantedBy(name)));
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
function keptWhole(counted: Desired, { records }: Observed, refused: readonly Refused[]): Refused[] {
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
  return [...counted.incomplete, ...refused].filter(({ kind, key, source: { namespace } }) => {
    const id = `${kind}/${key}`;
    return namespace === own || (origins.get(id) === namespace && !declared.has(id));
  });
}
