/**
 * A living vault as custom resources: those whose plan is nothing but claims. Pure; a value never stands in a snapshot, so
 * none can stand here.
 *
 * Decides rail 11: what a folder that is made of a vault declares, and what it leaves out.
 */
import {
  ANNOTATIONS,
  type CustomResource,
  GROUP,
  type Kind,
  SPECS,
  type Spec,
  VERSION,
} from '#api/v1alpha1/kinds.ts';
import { endText, hasEnded } from '#model/ends.ts';
import type { Grant, Member, OrganizationState } from '#model/organization.ts';
import type { BroughtKind, ManagedRecord } from '#model/record.ts';
import { appliedGroup, appliedMember, appliedOrganization } from '#planning/applied.ts';
import type { LeftOut } from './left-out.ts';
import { localPart, nameFrom, ObjectNames } from './object-names.ts';
import { railsSpec } from './rails-spec.ts';
import {
  bindingSpec,
  canBeSaid,
  groupSpec,
  memberSpec,
  projectSpec,
  type Told,
  templateSpec,
} from './specs.ts';

export interface ImportOptions {
  /** Of the Organization; left out: as its manager says, or of the name that it has in the vault. */
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  /** Where the vault is, for whoever reviews. */
  readonly url: string;
  /** Secret that an operator would read the credentials from. */
  readonly credentialsSecret: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ImportedFolder {
  /** The Organization first, then by kind and natural key. */
  readonly objects: readonly CustomResource[];
  readonly leftOut: readonly LeftOut[];
  /** What this manager has records of and no folder can say: to leave it out would take it away. */
  readonly inTheWay: readonly LeftOut[];
}

/** What there is, as objects of the manager that the vault knows, or of a new one where it knows none. */
export function importedFolder(state: OrganizationState, options: ImportOptions): ImportedFolder {
  const importing = new Importing(state, options);
  importing.organization();
  const templates = importing.templates();
  importing.members(templates);
  importing.groups();
  importing.machines(importing.projects());
  return importing;
}

type ObjectOf = { readonly namespace: string; readonly name: string };

class Importing implements ImportedFolder {
  readonly objects: CustomResource[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly inTheWay: LeftOut[] = [];
  readonly #state: OrganizationState;
  readonly #options: ImportOptions;
  readonly #manager: string | null;
  readonly #own: ObjectOf;
  readonly #records: ReadonlyMap<string, ManagedRecord>;
  /** Namespaces that `access` lists, with the projects of each. */
  #listed: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(state: OrganizationState, options: ImportOptions) {
    this.#state = state;
    this.#options = options;
    this.#manager = managerOf(state);
    const [namespace, name] = placeOf(this.#manager);
    this.#own = {
      namespace: options.namespace ?? namespace ?? 'default',
      name: options.name ?? name ?? (nameFrom(state.displayName) || 'organization'),
    };
    this.#records = new Map(state.records.map((record) => [`${record.kind}/${record.key}`, record]));
  }

  organization(): void {
    const { displayName, vaultId } = this.#state;
    const { namespace, name } = this.#own;
    const record = this.#ours('Organization', vaultId);
    const applied = record === undefined ? {} : appliedOrganization(record.applied);
    const rails = applied.rails == null ? {} : railsSpec(applied.rails);
    this.#listed = new Map((rails.access ?? []).map((entry) => [entry.namespace, entry.projects ?? []]));
    // A name that was left to the vault stays so.
    const isNamed = record === undefined || applied.displayName != null;
    const { credentialsSecret, url } = this.#options;
    const spec: Spec<'Organization'> = {
      vault: { seneschal: { credentialsSecretRef: { name: credentialsSecret }, url, vaultId } },
      ...(isNamed && SPECS.Organization.shape.displayName.safeParse(displayName).success
        ? { displayName }
        : {}),
      ...(this.#manager === null || this.#manager === `${namespace}/${name}`
        ? {}
        : { manager: this.#manager }),
      ...(applied.owner == null ? {} : { owner: applied.owner }),
      ...rails,
    };
    this.#add('Organization', vaultId, this.#own, spec);
  }

  /** By name of the template, the object that declares it. */
  templates(): ReadonlyMap<string, ObjectOf> {
    const names = new ObjectNames();
    const declared = new Map<string, ObjectOf>();
    for (const template of this.#state.templates) {
      const place = this.#placeFor('PermissionTemplate', template.name, names.nameOf(template.name));
      if (place === null) continue;
      const spec = templateSpec(template, this.#reference(place), place.name);
      if (this.#add('PermissionTemplate', template.name, place, spec)) declared.set(template.name, place);
    }
    return declared;
  }

  members(templates: ReadonlyMap<string, ObjectOf>): void {
    const names = new ObjectNames();
    const { members, owner } = this.#state;
    for (const member of members) {
      if (member.email === owner || member.role === 'Owner') continue;
      const place = this.#placeFor(
        'Member',
        member.email,
        names.nameOf(member.email, localPart(member.email)),
      );
      if (place === null) continue;
      const template = member.template === null ? undefined : templates.get(member.template);
      const problem = this.#untellable(member, template !== undefined);
      if (problem !== null) {
        this.#leave({ kind: 'Member', key: member.email, ...problem });
        continue;
      }
      const record = this.#ours('Member', member.email);
      const told = memberSpec(member, this.#reference(place), {
        template: template === undefined ? undefined : referenceTo(template, place),
        ours: projectsOf(record === undefined ? [] : appliedMember(record.applied).grants),
        now: this.#options.now,
      });
      if (this.#add('Member', member.email, place, told.spec)) this.#grantsLeft('Member', member.email, told);
    }
  }

  groups(): void {
    const names = new ObjectNames();
    for (const group of this.#state.groups) {
      const place = this.#placeFor('Group', group.name, names.nameOf(group.name));
      if (place === null) continue;
      const record = this.#ours('Group', group.name);
      const told = groupSpec(group, this.#reference(place), {
        name: place.name,
        ours: projectsOf(record === undefined ? [] : appliedGroup(record.applied).grants),
        now: this.#options.now,
      });
      if (this.#add('Group', group.name, place, told.spec)) this.#grantsLeft('Group', group.name, told);
    }
  }

  /** Those that a binding may name: declared in the Organization's own namespace, or listed for it. */
  projects(): ReadonlySet<string> {
    const names = new ObjectNames();
    const readable = new Set(this.#listed.get(this.#own.namespace));
    const secrets = Map.groupBy(this.#state.secrets, ({ project }) => project);
    for (const project of this.#state.projects) {
      const place = this.#placeFor('Project', project.name, names.nameOf(project.name));
      if (place === null) continue;
      const spec = projectSpec(project, this.#reference(place), {
        name: place.name,
        secrets: (secrets.get(project.name) ?? []).map(({ name }) => name),
        deletionPolicy: this.#ours('Project', project.name)?.deletionPolicy ?? null,
      });
      const isAdded = this.#add('Project', project.name, place, spec);
      if (isAdded && place.namespace === this.#own.namespace) readable.add(project.name);
    }
    return readable;
  }

  machines(readable: ReadonlySet<string>): void {
    const names = new ObjectNames();
    for (const machine of this.#state.machines) {
      const { id, name, approved, access } = machine;
      const place = this.#placeFor('MachineBinding', name, names.nameOf(name));
      if (place === null) continue;
      if (!approved) {
        const message = 'waits for a person to approve it in the vault.';
        this.#leave({ kind: 'MachineBinding', key: name, reason: 'NotApproved', message });
        continue;
      }
      const listed = this.#listed.get(place.namespace) ?? [];
      const isReadable = place.namespace === this.#own.namespace ? readable : new Set(listed);
      const beyond = access.filter(({ project }) => !isReadable.has(project)).map(({ project }) => project);
      if (beyond.length > 0) {
        const message = `is in ${beyond.join(', ')}, which no binding of namespace ${place.namespace} may name.`;
        this.#leave({ kind: 'MachineBinding', key: name, reason: 'NotDeclarable', message });
        continue;
      }
      const record = this.#ours('MachineBinding', name);
      const deletionPolicy = record?.deletionPolicy ?? null;
      const spec = bindingSpec(machine, this.#reference(place), { name: place.name, deletionPolicy });
      // Its key is not ours: without consent nobody takes a machine over (rail 11).
      this.#add('MachineBinding', name, place, spec, record === undefined ? { [ANNOTATIONS.adopt]: id } : {});
    }
  }

  /** The record of this manager. */
  #ours(kind: ManagedRecord['kind'], key: string): ManagedRecord | undefined {
    const record = this.#records.get(`${kind}/${key}`);
    return record?.manager === this.#manager ? record : undefined;
  }

  /** Where the object goes: the namespace that it came from where that still counts. Null: another manager has it. */
  #placeFor(kind: BroughtKind, key: string, name: string): ObjectOf | null {
    const record = this.#records.get(`${kind}/${key}`);
    if (record !== undefined && record.manager !== this.#manager) {
      const message = `is managed by ${record.manager}.`;
      this.leftOut.push({ kind, key, reason: 'ManagedByAnother', message });
      return null;
    }
    const isListed = record !== undefined && this.#listed.has(record.origin);
    return { namespace: isListed ? record.origin : this.#own.namespace, name };
  }

  #reference({ namespace }: ObjectOf): Spec<'Member'>['organizationRef'] {
    return referenceTo(this.#own, { namespace });
  }

  /** Why a person cannot be declared as they are; null: they can. */
  #untellable(member: Member, hasTemplate: boolean): Pick<LeftOut, 'reason' | 'message'> | null {
    const { now } = this.#options;
    const { invite, template, expiresAt, templateExpiresAt } = member;
    const isOurs = this.#ours('Member', member.email) !== undefined;
    if (template !== null && !hasTemplate) {
      return {
        reason: 'NotDeclarable',
        message: `holds the template ${template}, which is left out itself.`,
      };
    }
    if (!canBeSaid(expiresAt) || !canBeSaid(templateExpiresAt)) {
      const message = 'has an end within a second, and Git says whole seconds; set it anew in the vault.';
      return { reason: 'EndsWithinSecond', message };
    }
    if (isOurs) return null;
    if (hasEnded(expiresAt, now)) return { reason: 'Ended', message: `ended at ${endText(expiresAt)}.` };
    if (invite !== null && invite.expiresAt <= now) {
      const message = `was invited, and the invite expired at ${endText(invite.expiresAt)}; declared, it would be sent again.`;
      return { reason: 'InviteExpired', message };
    }
    return null;
  }

  #grantsLeft(kind: 'Member' | 'Group', key: string, { leftOut }: Told<unknown>): void {
    for (const { item, expiresAt, reason } of leftOut) {
      const message =
        reason === 'Ended'
          ? `it ended at ${endText(expiresAt)}.`
          : 'it ends within a second, and Git says whole seconds; set it anew in the vault.';
      this.#leave({ kind, key, item, reason, message });
    }
  }

  /** Left out, or in the way where this manager would then take it away. */
  #leave(what: LeftOut): void {
    const isOurs = this.#ours(what.kind, what.key) !== undefined;
    (isOurs ? this.inTheWay : this.leftOut).push(what);
  }

  /** Whether it is an object that the API server takes; what it refuses is left out with its sentence. */
  #add<K extends Kind & ManagedRecord['kind']>(
    kind: K,
    key: string,
    { namespace, name }: ObjectOf,
    spec: Spec<K>,
    annotations: Readonly<Record<string, string>> = {},
  ): boolean {
    const checked = SPECS[kind].safeParse(spec);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const path = (issue?.path ?? []).map(String).join('.');
      const message = `cannot be declared: ${path === '' ? '' : `${path} `}${issue?.message ?? 'is not valid'}.`;
      this.#leave({ kind, key, reason: 'NotDeclarable', message });
      return false;
    }
    const metadata = {
      name,
      namespace,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    };
    this.objects.push({ apiVersion: `${GROUP}/${VERSION}`, kind, metadata, spec } as CustomResource);
    return true;
  }
}

/** A reference from an object to another one, which says the namespace only where it is another. */
function referenceTo(
  to: ObjectOf,
  from: { readonly namespace: string },
): { name: string; namespace?: string } {
  return { name: to.name, ...(to.namespace === from.namespace ? {} : { namespace: to.namespace }) };
}

/** Whose records there are: that of the Organization's, else of most of them; null: nobody's. */
function managerOf({ records, vaultId }: OrganizationState): string | null {
  const own = records.find(({ kind, key }) => kind === 'Organization' && key === vaultId);
  if (own !== undefined) return own.manager;
  const counts = Map.groupBy(records, ({ manager }) => manager);
  const [most] = [...counts].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
  return most?.[0] ?? null;
}

/** Namespace and name of the Organization that a manager is called by, where it is called by one. */
function placeOf(manager: string | null): readonly (string | undefined)[] {
  const parts = /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\/([a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)$/.exec(
    manager ?? '',
  );
  return parts === null ? [] : [parts[1], parts[2]];
}

function projectsOf(grants: readonly Grant[]): ReadonlySet<string> {
  return new Set(grants.map(({ project }) => project));
}
