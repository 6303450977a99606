/** What is declared, said in few words. */
import type { Capabilities } from '#model/capabilities.ts';
import { ending } from '#model/ends.ts';
import type { NamespaceAccess, RailSettings } from '#model/fields.ts';
import { listingOf } from '#model/listing.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { withoutGrants } from '#model/member-access.ts';
import type {
  GrantAccess,
  GrantTerms,
  MachineProject,
  OrganizationState,
  ProjectScope,
} from '#model/organization.ts';
import type { ManagedKind } from '#model/record.ts';
import { NO_NAMES } from '#planning/named.ts';
import type {
  Desired,
  DesiredGroup,
  DesiredMachine,
  DesiredMember,
  DesiredProject,
  DesiredTemplate,
  PlanningPolicy,
  Source,
} from '#planning/plan-types.ts';
import { MANAGER, NAMESPACE } from './organization.ts';

/** What an Organization declares that says nothing of rails: it applies without an approval. */
export const RAILS: RailSettings = DEFAULT_RAILS;

/** A policy under which losses need not settle and nothing was approved. */
export function policy(fields: Partial<PlanningPolicy> = {}): PlanningPolicy {
  return {
    approvals: [],
    settling: {},
    settle: false,
    observeOnly: null,
    freeze: null,
    managedBy: null,
    ...fields,
  };
}

function source(kind: ManagedKind, name: string, fields: Partial<Source> = {}): Source {
  return {
    kind,
    namespace: NAMESPACE,
    name,
    provenance: {},
    seenUnder: null,
    adopt: null,
    reinstate: null,
    ...fields,
  };
}

type MemberInput = Partial<DesiredMember['member']> & {
  readonly grants?: Readonly<Record<string, GrantAccess | GrantTerms>>;
  readonly source?: Partial<Source>;
};
type GroupInput = {
  readonly description?: string;
  readonly grants?: Readonly<Record<string, GrantAccess | GrantTerms>>;
  /** By e-mail. */
  readonly ends?: Readonly<Record<string, number>>;
  readonly source?: Partial<Source>;
};
type ProjectInput = {
  readonly renamedFrom?: string | null;
  readonly description?: string;
  readonly grants?: Readonly<Record<string, GrantAccess | GrantTerms>>;
  readonly groupGrants?: Readonly<Record<string, GrantAccess | GrantTerms>>;
  readonly secrets?: DesiredProject['secrets'];
  readonly deletionPolicy?: DesiredProject['deletionPolicy'];
  readonly source?: Partial<Source>;
};

function termsOf(given: GrantAccess | GrantTerms): GrantTerms {
  return typeof given === 'string' ? { access: given } : given;
}

/** An entry of `access` that allows one kind or several, and nothing else that is not said. */
export function entry(
  namespace: string,
  kinds: NamespaceAccess['kinds'],
  fields: Partial<NamespaceAccess> = {},
): NamespaceAccess {
  return { namespace, kinds, roles: ['Member'], templates: [], cells: {}, projects: [], ...fields };
}

class DesiredBuilder {
  #desired: Desired = {
    manager: MANAGER,
    organization: {
      source: source('Organization', 'acme'),
      fields: { displayName: null, owner: null, rails: RAILS },
    },
    takeOver: null,
    members: [],
    groups: [],
    templates: [],
    projects: [],
    machines: [],
    origins: [NAMESPACE],
    incomplete: [],
    uncounted: NO_NAMES,
    complete: true,
    seenUnder: null,
  };

  with(fields: Partial<Desired>): this {
    this.#desired = { ...this.#desired, ...fields };
    return this;
  }

  rails(rails: Partial<RailSettings>): this {
    const { organization } = this.#desired;
    const fields = { ...organization.fields, rails: { ...organization.fields.rails, ...rails } };
    return this.with({ organization: { ...organization, fields } });
  }

  displayName(displayName: string): this {
    const { organization } = this.#desired;
    return this.with({ organization: { ...organization, fields: { ...organization.fields, displayName } } });
  }

  owner(owner: string): this {
    const { organization } = this.#desired;
    return this.with({ organization: { ...organization, fields: { ...organization.fields, owner } } });
  }

  member(email: string, input: MemberInput = {}): this {
    const { grants = {}, source: at, ...fields } = input;
    const member: DesiredMember = {
      source: source('Member', email.split('@')[0] ?? email, at),
      email,
      member: { role: 'Member', template: null, projectScope: null, state: 'Active', ...fields },
      grants: Object.entries(grants).map(([project, given]) => ({ project, ...termsOf(given) })),
    };
    return this.with({ members: [...this.#desired.members, member] });
  }

  group(name: string, members: readonly string[] = [], input: GroupInput = {}): this {
    const { description = '', grants = {}, ends = {}, source: at } = input;
    const group: DesiredGroup = {
      source: source('Group', name, at),
      name,
      fields: {
        group: { description },
        ...listingOf(members.map((email) => [email, ending(ends[email])])),
        grants: Object.entries(grants)
          .map(([project, given]) => ({ project, ...termsOf(given) }))
          .sort((a, b) => (a.project < b.project ? -1 : 1)),
      },
    };
    return this.with({ groups: [...this.#desired.groups, group] });
  }

  template(
    name: string,
    capabilities: Capabilities = { Alerts: ['View'] },
    scope: ProjectScope = 'All',
    { renamedFrom = null, ...at }: Partial<Source> & { readonly renamedFrom?: string | null } = {},
  ): this {
    const fields = { description: '', capabilities, projectScope: scope };
    const template: DesiredTemplate = {
      source: source('PermissionTemplate', name, at),
      name,
      renamedFrom,
      fields,
    };
    return this.with({ templates: [...this.#desired.templates, template] });
  }

  project(name: string, input: ProjectInput = {}): this {
    const { grants = {}, groupGrants = {}, source: at, ...fields } = input;
    const project: DesiredProject = {
      source: source('Project', name, at),
      name,
      renamedFrom: null,
      description: '',
      secrets: [],
      deletionPolicy: 'Orphan',
      grants: Object.entries(grants).map(([member, given]) => ({ member, ...termsOf(given) })),
      groupGrants: Object.entries(groupGrants).map(([group, given]) => ({ group, ...termsOf(given) })),
      ...fields,
    };
    return this.with({ projects: [...this.#desired.projects, project] });
  }

  machine(
    machineName: string,
    access: readonly MachineProject[] = [],
    input: Partial<Omit<DesiredMachine, 'source'>> & { readonly source?: Partial<Source> } = {},
  ): this {
    const { source: at, ...fields } = input;
    const machine: DesiredMachine = {
      source: source('MachineBinding', machineName, at),
      machineName,
      fields: { access },
      deletionPolicy: 'Revoke',
      suspended: false,
      key: { fingerprint: `fp-${machineName}`, publicKey: 'public' },
      keyEnds: [],
      compromised: [],
      ...fields,
    };
    return this.with({ machines: [...this.#desired.machines, machine] });
  }

  build(): Desired {
    return this.#desired;
  }
}

/** An Organization object with default rails and nothing else. */
export function desired(): DesiredBuilder {
  return new DesiredBuilder();
}

/** Declares everything that the organization has but its owner, as it stands. */
export function declaring(state: OrganizationState): DesiredBuilder {
  const builder = desired();
  for (const member of state.members) {
    const { email, grants, state: memberState } = member;
    const { role, ...access } = withoutGrants(member);
    if (role === 'Owner') continue;
    builder.member(email, {
      role,
      ...access,
      state: memberState === 'Suspended' ? 'Suspended' : 'Active',
      grants: Object.fromEntries(grants.map(({ project, ...terms }) => [project, terms])),
    });
  }
  for (const { name, description, members, ends = [], grants } of state.groups) {
    builder.group(name, members, {
      description,
      ends: Object.fromEntries(ends.map(({ member, expiresAt }) => [member, expiresAt])),
      grants: Object.fromEntries(grants.map(({ project, ...terms }) => [project, terms])),
    });
  }
  for (const { name, capabilities, projectScope } of state.templates) {
    builder.template(name, capabilities, projectScope);
  }
  for (const { name, description } of state.projects) {
    const secrets = state.secrets.filter(({ project }) => project === name);
    builder.project(name, {
      description,
      secrets: secrets.map((secret) => ({ name: secret.name, generator: null })),
    });
  }
  for (const { name, access, keys } of state.machines) {
    const fingerprint = keys[0]?.fingerprint;
    builder.machine(name, access, {
      key: fingerprint === undefined ? null : { fingerprint, publicKey: 'public' },
    });
  }
  return builder;
}

/** The same with a record of the rails: an organization that was planned and applied before. */
export function settled(state: OrganizationState, rails: RailSettings = RAILS): OrganizationState {
  const record = {
    kind: 'Organization',
    key: state.vaultId,
    manager: MANAGER,
    origin: NAMESPACE,
    applied: JSON.parse(JSON.stringify({ displayName: null, rails })),
    deletionPolicy: null,
    provenance: {},
    seenUnder: null,
  } as const;
  return { ...state, settings: record.applied.rails, records: [...state.records, record] };
}
