/** What may happen to an organization, as values: a history is a start and a list of these. */
import type { CustomResource, Kind, Spec } from '#api/v1alpha1/kinds.ts';
import { endText } from '#model/ends.ts';
import type { GrantAccess } from '#model/organization.ts';

export type DeclaredKind = Extract<Kind, 'Member' | 'Group' | 'PermissionTemplate' | 'Project'>;

/** Where an object stands in Git. */
export interface ObjectName {
  readonly kind: DeclaredKind;
  readonly namespace: string;
  readonly name: string;
}

export type Rails = NonNullable<Spec<'Organization'>['rails']>;

/** What an organization begins with. */
export interface Start {
  /** Of an operator losses settle and objects are marked as seen; of the command line neither. */
  readonly manager: 'Operator' | 'CommandLine';
  readonly rails: Rails;
  /** Whether the Organization lets `team` bring people and groups. */
  readonly listsTeam: boolean;
  readonly invitesPerHour: number;
  readonly invitesPerDay: number;
  /** Who joined before the history begins; the first of them is an admin. */
  readonly founders: readonly string[];
}

/**
 * What goes wrong in a pass. `nth`: of the steps that it sends; those before it are done. `Killed`: the process ends after
 * so many steps. `Partial`: not every object could be read.
 */
export type Fault =
  | { readonly is: 'None' | 'Partial' | 'KilledAfterReserving' }
  | { readonly is: 'Refused' | 'Failed' | 'Killed' | 'AnswerLost'; readonly nth: number };

/** Ends in a spec are hours after the start of the history, as numbers. */
export type Command =
  | { readonly git: 'set'; readonly object: ObjectName; readonly spec: object }
  | { readonly git: 'delete' | 'break'; readonly object: ObjectName }
  | { readonly git: 'lose'; readonly namespace: string }
  | { readonly git: 'revert' }
  /** The Member names the newest cut of the person. */
  | { readonly git: 'reinstate'; readonly object: ObjectName }
  | { readonly invitee: 'accepts' | 'declines'; readonly email: string }
  | { readonly member: 'leaves'; readonly email: string }
  | {
      readonly owner: 'suspends' | 'unsuspends' | 'removes' | 'lowers the role of';
      readonly email: string;
    }
  | { readonly owner: 'takes the grant of'; readonly email: string; readonly project: string }
  | { readonly owner: 'takes off the group'; readonly email: string; readonly group: string }
  | {
      readonly owner: 'makes a group of';
      readonly email: string;
      readonly project: string;
      readonly access: GrantAccess;
    }
  | { readonly owner: 'approves' }
  /** Namespace and CRDs are new ones, with what Git holds by then. */
  | { readonly cluster: 'is rebuilt' }
  | { readonly clock: 'goes on'; readonly seconds: number }
  /** With a pass after each. */
  | { readonly clock: 'goes on by weeks'; readonly weeks: number }
  | { readonly pass: Fault };

export function emailOf(name: string): string {
  return `${name}@acme.example`;
}

/** An object with ends as times. `start`: milliseconds since the epoch. */
export function objectOf({ kind, namespace, name }: ObjectName, spec: object, start: number): CustomResource {
  const organizationRef = { name: 'acme', namespace: 'acme' };
  return {
    apiVersion: 'seneschal.dev/v1alpha1',
    kind,
    metadata: { name, namespace },
    spec: { organizationRef, ...(timed(spec, start) as object) },
  } as CustomResource;
}

function timed(value: unknown, start: number): unknown {
  if (Array.isArray(value)) return value.map((item) => timed(item, start));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'expiresAt' && typeof item === 'number'
        ? endText(start + item * 3_600_000)
        : timed(item, start),
    ]),
  );
}
