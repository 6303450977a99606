/** Specs to the fields that planning compares: defaults filled in, lists sorted and without duplicates. */
import type { Spec } from '#api/v1alpha1/kinds.ts';
import { ADDITIVE, type Authority } from '#model/authority.ts';
import { CATEGORIES, type Capabilities } from '#model/capabilities.ts';
import { secondsIn } from '#model/duration.ts';
import { type Ending, ending, endsLater } from '#model/ends.ts';
import type {
  GroupFields,
  MachineFields,
  MemberFields,
  NamespaceAccess,
  OrganizationFields,
  TemplateFields,
} from '#model/fields.ts';
import { DEFAULT_INVITES } from '#model/invites.ts';
import { listingOf } from '#model/listing.ts';
import { DEFAULT_RAILS } from '#model/loosened.ts';
import { type Budget, LOSS_CLASSES, type LossClass } from '#model/loss.ts';
import {
  type Grant,
  type GrantAccess,
  type GrantTerms,
  normalizeEmail,
  type ProjectScope,
} from '#model/organization.ts';
import type { BroughtKind } from '#model/record.ts';
import type { DesiredSecret } from '#planning/plan-types.ts';

/** The Organization's own fields; rails with the defaults of design §6. */
export function organizationFields(spec: Spec<'Organization'>): OrganizationFields {
  const rails = spec.rails ?? {};
  const budgets = LOSS_CLASSES.map((lossClass) => {
    const { min, max, percent } = rails.lossBudget?.[lossClass] ?? {};
    const fallback = DEFAULT_RAILS.lossBudget[lossClass];
    const budget: Budget = {
      min: min ?? fallback.min,
      max: max ?? fallback.max,
      percent: percent ?? fallback.percent,
    };
    return [lossClass, budget] as const;
  });
  return {
    displayName: spec.displayName ?? null,
    owner: spec.owner === undefined ? null : normalizeEmail(spec.owner),
    rails: {
      settleSeconds: rails.settle === undefined ? DEFAULT_RAILS.settleSeconds : secondsIn(rails.settle),
      losses: rails.losses ?? 'Budget',
      lossBudget: Object.fromEntries(budgets) as Record<LossClass, Budget>,
      privilegeApproval: rails.privilegeApproval ?? 'Always',
      requiredAdmins: sorted((rails.requiredAdmins ?? []).map(normalizeEmail)),
      approvers: {
        users: sorted(rails.approvers?.users ?? []),
        groups: sorted(rails.approvers?.groups ?? []),
        members: sorted((rails.approvers?.members ?? []).map(normalizeEmail)),
      },
      access: namespaceAccess(spec.access ?? []),
      invites: inviteSettings(spec.invites ?? {}),
      confirmation: spec.confirmation === 'Required',
      authority: { ...ADDITIVE, ...present(spec.authority ?? {}) },
    },
  };
}

function inviteSettings({ validFor, maxAttempts, perHour }: NonNullable<Spec<'Organization'>['invites']>) {
  return {
    validForSeconds: validFor === undefined ? DEFAULT_INVITES.validForSeconds : hoursOf(validFor) * 3600,
    maxAttempts: maxAttempts ?? DEFAULT_INVITES.maxAttempts,
    perHour: perHour ?? DEFAULT_INVITES.perHour,
  };
}

/** What is said of it: a field that is undefined takes no default away. */
function present(authority: NonNullable<Spec<'Organization'>['authority']>): Partial<Authority> {
  return Object.fromEntries(Object.entries(authority).filter(([, value]) => value !== undefined));
}

function namespaceAccess(entries: NonNullable<Spec<'Organization'>['access']>): NamespaceAccess[] {
  return entries
    .map(({ namespace, kinds, roles, templates, cells, projects }) => ({
      namespace,
      kinds: sorted(kinds) as BroughtKind[],
      roles: sorted(roles ?? ['Member']) as NamespaceAccess['roles'],
      templates: sorted(templates ?? []),
      cells: sortedCells(cells ?? {}),
      projects: sorted(projects ?? []),
    }))
    .sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

function sortedCells(declared: Capabilities): Capabilities {
  const capabilities: { [category: string]: readonly string[] } = {};
  for (const category of CATEGORIES) {
    const cells = sorted(declared[category] ?? []);
    if (cells.length > 0) capabilities[category] = cells;
  }
  return capabilities as Capabilities;
}

/** What a Member object declares; `template` is the natural name that its templateRef resolves to. */
export function memberFields(
  spec: Spec<'Member'>,
  template: string | null,
): { member: NonNullable<MemberFields['member']>; grants: readonly Grant[] } {
  const templateEnd = timeOf(spec.templateRef?.expiresAt);
  return {
    member: {
      ...ending(timeOf(spec.expiresAt)),
      role: spec.role ?? 'Member',
      template,
      ...(templateEnd === undefined ? {} : { templateExpiresAt: templateEnd }),
      projectScope: spec.projectScope === undefined ? null : scopeOf(spec.projectScope),
      state: spec.state ?? 'Active',
    },
    grants: grantsByProject(spec.grants ?? []),
  };
}

/** What a Group object declares; e-mails in lower case. */
export function groupFields(spec: Spec<'Group'>): GroupFields {
  return {
    group: { description: spec.description ?? '' },
    ...listingOf(longestListed(spec.members ?? [])),
    grants: grantsByProject(spec.grants ?? []),
  };
}

/** Who stands twice is listed until the later end. */
function longestListed(members: NonNullable<Spec<'Group'>['members']>): Map<string, Ending> {
  const listed = new Map<string, Ending>();
  for (const { email, expiresAt } of members) {
    const key = normalizeEmail(email);
    const [end, other] = [ending(timeOf(expiresAt)), listed.get(key)];
    if (other === undefined || endsLater(end.expiresAt, other.expiresAt)) listed.set(key, end);
  }
  return listed;
}

/** What a template declares; its scope is all projects where none is said. */
export function templateFields(spec: Spec<'PermissionTemplate'>): TemplateFields {
  return {
    description: spec.description ?? '',
    capabilities: sortedCells(spec.capabilities),
    projectScope: spec.projectScope === undefined ? 'All' : scopeOf(spec.projectScope),
  };
}

/** Grants that a Project object brings, to people by e-mail and to groups by name. */
export function projectGrants(spec: Spec<'Project'>): {
  readonly grants: (GrantTerms & { readonly member: string })[];
  readonly groupGrants: (GrantTerms & { readonly group: string })[];
} {
  const people = (spec.grants ?? []).flatMap(({ member, group: _, ...terms }) =>
    member === undefined ? [] : [{ member: normalizeEmail(member), ...terms }],
  );
  const groups = (spec.grants ?? []).flatMap(({ group, member: _, ...terms }) =>
    group === undefined ? [] : [{ group, ...terms }],
  );
  return {
    grants: [...widest(people, ({ member }) => member)].map(([member, terms]) => ({ member, ...terms })),
    groupGrants: [...widest(groups, ({ group }) => group)].map(([group, terms]) => ({ group, ...terms })),
  };
}

type DeclaredGrants = NonNullable<Spec<'Member'>['grants']>;

function grantsByProject(grants: DeclaredGrants): Grant[] {
  return [...widest(grants, ({ project }) => project)].map(([project, terms]) => ({ project, ...terms }));
}

/** The secrets that must exist, by name; of a name that stands twice the last entry counts. */
export function projectSecrets(spec: Spec<'Project'>): DesiredSecret[] {
  const secrets = new Map<string, DesiredSecret>();
  for (const { name, generator, reinstate, reinstateAs } of spec.secrets ?? []) {
    secrets.set(name, {
      name,
      generator:
        generator === undefined
          ? null
          : { length: generator.length, charset: generator.charset ?? 'Alphanumeric' },
      ...(reinstate === undefined ? {} : { reinstate }),
      ...(reinstateAs === undefined ? {} : { reinstateAs }),
    });
  }
  return sorted(secrets.keys()).flatMap((name) => secrets.get(name) ?? []);
}

/** H2: the secrets that a binding names, one by one. */
export function machineFields(spec: Spec<'MachineBinding'>): MachineFields {
  const access = new Map<string, string[]>();
  for (const { name, secrets = [] } of spec.projects) {
    access.set(name, [...(access.get(name) ?? []), ...secrets]);
  }
  return {
    access: sorted(access.keys()).map((project) => ({
      project,
      secrets: sorted(access.get(project) ?? []),
    })),
  };
}

/** Fingerprints that the binding names as compromised, in lower case and sorted. */
export function compromisedKeys(spec: Spec<'MachineBinding'>): readonly string[] {
  const { compromised = [] } = (spec.key ?? {}) as { readonly compromised?: readonly string[] | undefined };
  return sorted(new Set(compromised.map((fingerprint) => fingerprint.toLowerCase())));
}

function scopeOf(scope: {
  all?: boolean | undefined;
  projects?: readonly string[] | undefined;
}): ProjectScope {
  return scope.all === true ? 'All' : sorted(scope.projects ?? []);
}

/**
 * G1: the same grant declared twice is one grant. Write includes Read, and of two that give the same the longer one holds.
 * Sorted by key.
 */
function widest<T extends { readonly access: GrantAccess; readonly expiresAt?: string | undefined }>(
  grants: readonly T[],
  keyOf: (grant: T) => string,
): Map<string, GrantTerms> {
  const found = new Map<string, GrantTerms>();
  for (const grant of grants) {
    const key = keyOf(grant);
    const terms = { access: grant.access, ...ending(timeOf(grant.expiresAt)) };
    const other = found.get(key);
    const isWider =
      other === undefined ||
      (other.access === terms.access
        ? endsLater(terms.expiresAt, other.expiresAt)
        : terms.access === 'Write');
    if (isWider) found.set(key, terms);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Milliseconds since the epoch; the schema admits RFC 3339 alone. */
function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** `12h` or `7d`; the schema admits nothing else. */
function hoursOf(span: string): number {
  const count = Number.parseInt(span, 10);
  return span.endsWith('d') ? count * 24 : count;
}

function sorted(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort();
}
