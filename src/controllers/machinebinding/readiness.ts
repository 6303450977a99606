/** The status that the binding pass writes, computed from everything that it knows. Pure. */
import type { Reason } from '#api/v1alpha1/conditions.ts';
import type { Status } from '#api/v1alpha1/status.ts';
import { sha256 } from '#model/digest.ts';
import {
  type Condition,
  removeCondition,
  setCondition,
  setReadiness,
  setSuspended,
  withoutSuspended,
} from '#runtime/runtime.ts';
import type { BindingSummary } from '../machine-registry.ts';
import { KEY_CONDITIONS, type KeyStanding } from './key/key-standing.ts';
import type { PartOutcome } from './part-outcome.ts';
import type { SyncedTarget } from './targets/target-pass.ts';

/** Conditions that the binding pass owns; the others of the object belong to the organization pass. */
const OWN_CONDITIONS: readonly string[] = [
  'KeyIssued',
  'SecretsSynced',
  ...KEY_CONDITIONS,
  'Ready',
  'Reconciling',
  'Stalled',
  'Suspended',
];

export type BindingStatus = Pick<
  Status<'MachineBinding'>,
  'observedGeneration' | 'conditions' | 'fingerprint' | 'targets'
>;

export interface Found {
  readonly generation: number | undefined;
  /** Own conditions as they are now. */
  readonly previous: readonly Condition[];
  readonly summary: BindingSummary | undefined;
  readonly key: PartOutcome;
  readonly fingerprint: string | null;
  /** What is told of other keys; null: not looked at, so what is told stays. */
  readonly standing: KeyStanding | null;
  /** Undefined: not looked at, because there is no key yet. */
  readonly secrets: PartOutcome | undefined;
  readonly targets: readonly SyncedTarget[];
  readonly now: number;
}

type Readiness = { is: 'ready' | 'reconciling' | 'stalled'; reason: Reason | string; message: string };

/** Stalled before waiting; the cause that stands first in the chain before its consequences. */
export function readinessOf({
  summary,
  key,
  secrets,
  standing,
}: Pick<Found, 'summary' | 'key' | 'secrets' | 'standing'>): Readiness {
  const parts: PartOutcome[] = [key, ...(secrets === undefined ? [] : [secrets])];
  const blocked = parts.find(({ is }) => is === 'stalled');
  if (blocked?.is === 'stalled') return { is: 'stalled', reason: blocked.reason, message: blocked.message };
  if (summary !== undefined && summary.state !== 'Settled') {
    const { reason, message } = summary;
    return { is: summary.state === 'Stalled' ? 'stalled' : 'reconciling', reason, message };
  }
  const open = parts.find(({ is }) => is === 'waiting');
  if (open?.is === 'waiting') return { is: 'reconciling', reason: open.reason, message: open.message };
  if (summary === undefined) {
    return {
      is: 'reconciling',
      reason: 'WaitingForOrganization',
      message: 'the organization has not looked at it yet',
    };
  }
  // Pods read; that a key is left is told here too, so that nobody takes it for well.
  const told = KEY_CONDITIONS.find((type) => standing?.[type] !== undefined);
  const more = told === undefined ? '' : `; see ${told}`;
  const message = `${key.message}; ${secrets?.message ?? 'no targets'}${more}`;
  return { is: 'ready', reason: told ?? 'Succeeded', message };
}

export function bindingStatus(found: Found): BindingStatus {
  const at = { generation: found.generation, now: found.now };
  const secrets: PartOutcome = found.secrets ?? {
    is: 'waiting',
    reason: 'WaitingForKey',
    message: 'values are read once the key is mounted',
  };
  let conditions = setCondition(withoutSuspended(found.previous), conditionOf('KeyIssued', found.key), at);
  conditions = setCondition(conditions, conditionOf('SecretsSynced', secrets), at);
  conditions = withStanding(conditions, found.standing, at);
  const { is, reason, message } = readinessOf(found);
  conditions = setReadiness(conditions, is, { reason, message }, at);
  return {
    ...(found.generation === undefined ? {} : { observedGeneration: found.generation }),
    conditions: [...conditions],
    ...(found.fingerprint === null ? {} : { fingerprint: found.fingerprint }),
    ...(found.targets.length === 0
      ? {}
      : {
          targets: found.targets.map(({ secretName, current, keys, sources }) => ({
            secretName,
            ...(current === null ? {} : { current }),
            keys,
            synced: sha256(JSON.stringify(sources.map(({ id, version }) => [id, version]))),
          })),
        }),
  };
}

/** Those that hold, only while they do. */
function withStanding(
  conditions: readonly Condition[],
  standing: KeyStanding | null,
  at: { readonly generation: number | undefined; readonly now: number },
): Condition[] {
  let next = [...conditions];
  if (standing === null) return next;
  for (const type of KEY_CONDITIONS) {
    const message = standing[type];
    next =
      message === undefined
        ? removeCondition(next, type)
        : setCondition(next, { type, status: 'True', reason: type, message }, at);
  }
  return next;
}

/** Ready keeps what it was, Unknown where the binding never ran: what was last known stays. */
export function suspendedStatus(
  current: BindingStatus,
  generation: number | undefined,
  now: number,
): BindingStatus {
  const message = 'spec.suspend is true: no Secret is written or deleted';
  return {
    ...current,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: setSuspended(conditionsOf(current), message, { generation, now }),
  };
}

/**
 * While this process only watches (frozen, rolled back, another manager) Ready still follows the vault's side; what
 * was last known of the Secrets stays.
 */
export function watchedStatus(
  current: BindingStatus,
  summary: BindingSummary | undefined,
  generation: number | undefined,
  now: number,
): BindingStatus {
  const conditions = withoutSuspended(conditionsOf(current));
  if (summary === undefined || summary.state === 'Settled') return { ...current, conditions };
  const is = summary.state === 'Stalled' ? 'stalled' : 'reconciling';
  const { reason, message } = summary;
  return {
    ...current,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: setReadiness(conditions, is, { reason, message }, { generation, now }),
  };
}

/** The conditions of a status: what the schema leaves optional is what `metav1.Condition` leaves out. */
export function conditionsOf({ conditions }: BindingStatus): readonly Condition[] {
  return (conditions ?? []) as readonly Condition[];
}

/** The part of a status that the binding pass owns, as it is in an object. */
export function ownStatus(status: unknown): BindingStatus {
  const { observedGeneration, conditions, fingerprint, targets } = (status ?? {}) as BindingStatus;
  return {
    ...(observedGeneration === undefined || observedGeneration < 0 ? {} : { observedGeneration }),
    conditions: (conditions ?? []).filter(({ type }) => OWN_CONDITIONS.includes(type)),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(targets === undefined ? {} : { targets }),
  };
}

function conditionOf(type: 'KeyIssued' | 'SecretsSynced', outcome: PartOutcome) {
  return outcome.is === 'done'
    ? { type, status: 'True' as const, reason: 'Succeeded', message: outcome.message }
    : { type, status: 'False' as const, reason: outcome.reason, message: outcome.message };
}
