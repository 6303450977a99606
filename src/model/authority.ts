/**
 * Whether what is in a vault and was never of a manager is left alone (Additive) or taken away (Exclusive), by kind. The
 * same for plan and vault.
 */
import type { ManagedKind } from './record.ts';

export const AUTHORITIES = ['Additive', 'Exclusive'] as const;
type KindAuthority = (typeof AUTHORITIES)[number];

export const AUTHORITY_KINDS = ['members', 'groups', 'templates', 'projects', 'machines'] as const;
type AuthorityKind = (typeof AUTHORITY_KINDS)[number];

export type Authority = Readonly<Record<AuthorityKind, KindAuthority>>;

export const ADDITIVE: Authority = {
  members: 'Additive',
  groups: 'Additive',
  templates: 'Additive',
  projects: 'Additive',
  machines: 'Additive',
};

const KIND_NAMES: Readonly<Record<ManagedKind, AuthorityKind | null>> = {
  Organization: null,
  Member: 'members',
  Group: 'groups',
  PermissionTemplate: 'templates',
  Project: 'projects',
  MachineBinding: 'machines',
};

export function isExclusive(authority: Authority, kind: ManagedKind): boolean {
  const name = KIND_NAMES[kind];
  return name !== null && authority[name] === 'Exclusive';
}
