/** Reads what a managed record says was applied. Tolerant: a vault of another version may keep less. */
import type {
  GroupFields,
  MachineFields,
  MemberFields,
  OrganizationFields,
  ProjectFields,
  RailSettings,
} from '#model/fields.ts';
import type { MembershipEnd, OrganizationState } from '#model/organization.ts';
import type { Json, ManagedRecord } from '#model/record.ts';

function fieldsOf(applied: Json): Readonly<Record<string, unknown>> {
  return typeof applied === 'object' && applied !== null && !Array.isArray(applied)
    ? (applied as Readonly<Record<string, unknown>>)
    : {};
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

export function appliedMember(applied: Json): MemberFields {
  const fields = fieldsOf(applied);
  const member = fields.member;
  return {
    member: typeof member === 'object' && member !== null ? (member as MemberFields['member']) : null,
    grants: listOf(fields.grants),
  };
}

export function appliedGroup(applied: Json): GroupFields {
  const fields = fieldsOf(applied);
  const group = fields.group;
  const ends = listOf<MembershipEnd>(fields.ends);
  return {
    group: typeof group === 'object' && group !== null ? (group as GroupFields['group']) : null,
    members: listOf(fields.members),
    ...(ends.length === 0 ? {} : { ends }),
    grants: listOf(fields.grants),
  };
}

export function appliedMachine(applied: Json): MachineFields {
  return { access: listOf(fieldsOf(applied).access) };
}

export function appliedProject(applied: Json): ProjectFields {
  const fields = fieldsOf(applied);
  const description = fields.description;
  return {
    description: typeof description === 'string' ? description : '',
    secrets: listOf(fields.secrets),
  };
}

export function appliedOrganization(applied: Json): Partial<OrganizationFields> {
  return fieldsOf(applied) as Partial<OrganizationFields>;
}

/** The rails that the vault says are in force; null: none were applied. */
export function railsInForce({ settings }: Pick<OrganizationState, 'settings'>): RailSettings | null {
  return settings === null ? null : (fieldsOf(settings) as unknown as RailSettings);
}

/** A record that only grants of Project objects made: no Member or Group object declares the person or the group. */
export function isGrantsOnly({ kind, applied }: ManagedRecord): boolean {
  if (kind === 'Group') return appliedGroup(applied).group === null;
  return kind === 'Member' && appliedMember(applied).member === null;
}
