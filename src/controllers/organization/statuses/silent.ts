/** What statuses say of a vault that is not heard. Pure. */
import type { Kind } from '#api/v1alpha1/kinds.ts';
import type { Condition } from '#runtime/runtime.ts';
import type { Resource } from '../../resources.ts';
import { hearingOf, isStale, type VaultContact } from '../silence.ts';
import { Conditions, rfc3339, type StatusDraft } from './draft.ts';
import type { StatusPatch } from './statuses.ts';

/** The conditions of a binding that this controller writes. */
const OF_BINDING: readonly string[] = ['Registered', 'Granted', 'Stale'];
const OF_BINDING_FIELDS = ['machineId', 'grantedSecrets'];

/** Of the Organization, by how long the vault was not heard; null: it stays as it is. */
export function silentStatusOf(
  object: Resource<'Organization'>,
  contact: VaultContact,
  now: number,
): StatusDraft | null {
  const hearing = hearingOf(contact, now);
  const before = conditionsOf(object);
  const connected = before.find(({ type }) => type === 'Connected');
  // What the vault, or the lack of credentials, said of the connection is more than that nobody answers.
  const saysMore =
    connected?.status === 'False' && (connected.reason !== 'Unreachable' || hearing === 'Unknown');
  if (hearing === 'Heard' || saysMore) return null;
  const conditions = new Conditions(object, typesOf(before), now);
  const message = `${lastAnswer(contact)} The log of the operator has the cause.`;
  if (hearing === 'Unknown') conditions.unknown('Connected', 'Unreachable', message);
  else
    conditions.set('Connected', false, 'Unreachable', message).ready('reconciling', 'Unreachable', message);
  return draftOf(object, conditions);
}

/** Of every other kind: `Stale` is there while what it says may be old, and else it is not. */
export function staleStatusOf<K extends Exclude<Kind, 'Organization'>>(
  kind: K,
  object: Resource<K>,
  contact: VaultContact,
  now: number,
): StatusDraft {
  const before = conditionsOf(object);
  const types = kind === 'MachineBinding' ? OF_BINDING : typesOf(before);
  const conditions = new Conditions(object, types, now);
  const waits = 'The Organization has not been connected to its vault since this was declared.';
  if (isStale(contact, now)) {
    conditions.set('Stale', true, 'Unreachable', `As last known. ${lastAnswer(contact)}`);
    if (kind !== 'MachineBinding' && !types.includes('Ready'))
      conditions.ready('reconciling', 'WaitingForOrganization', waits);
  } else conditions.fresh();
  return kind === 'MachineBinding' ? bindingDraft(object, conditions) : draftOf(object, conditions);
}

export function saysStale(object: Resource): boolean {
  return conditionsOf(object).some(({ type }) => type === 'Stale');
}

/** A patch of a pass keeps `Stale` for comparing, so that it alone is no write; what is written says no more that it is. */
export function withoutStale(patch: StatusPatch): StatusPatch {
  const conditions = patch.status.conditions.filter(({ type }) => type !== 'Stale');
  return { ...patch, status: { ...patch.status, conditions } };
}

function lastAnswer({ since, answered }: VaultContact): string {
  return answered
    ? `The vault answered last at ${rfc3339(since)}.`
    : `The vault has not answered since this operator began to ask at ${rfc3339(since)}.`;
}

function draftOf(object: Resource, conditions: Conditions): StatusDraft {
  return { ...((object.status ?? {}) as object), conditions: conditions.list };
}

function bindingDraft({ status }: Resource, conditions: Conditions): StatusDraft {
  const fields = Object.entries((status ?? {}) as Readonly<Record<string, unknown>>);
  return {
    ...Object.fromEntries(fields.filter(([field]) => OF_BINDING_FIELDS.includes(field))),
    conditions: conditions.list,
  };
}

function conditionsOf({ status }: Resource): readonly Condition[] {
  return (status as { readonly conditions?: readonly Condition[] } | undefined)?.conditions ?? [];
}

function typesOf(conditions: readonly Condition[]): readonly string[] {
  return conditions.map(({ type }) => type);
}
