/**
 * Who is to be let through, by the rules of the design (§3 matrix and baselines, V3, V4, H1, M1, T3, T4). Written
 * from the design and not from the server's code, which it is held against.
 */
import type { People, Row } from './row.ts';

/** The matrix of the design in its order; a project cell holds in projects in scope only (T3). */
export const MATRIX = {
  'Machines: View': 'vault',
  'Machines: Manage': 'vault',
  'Audit log: View': 'vault',
  'Audit log: View others': 'vault',
  'Alerts: View': 'vault',
  'Alerts: Manage': 'vault',
  'IP allowlist: View': 'vault',
  'IP allowlist: Manage': 'vault',
  'Integrations: View': 'vault',
  'Integrations: Manage': 'vault',
  'Trash: View': 'vault',
  'Trash: Restore': 'vault',
  'Trash: Purge': 'vault',
  'Projects: Create': 'vault',
  'Projects: View': 'project',
  'Projects: Manage': 'project',
  'Projects: Delete': 'project',
  'Secrets: View': 'project',
  'Secrets: Manage': 'project',
  'Policies: View': 'project',
  'Policies: Manage': 'project',
  'Templates: View': 'vault',
  'Templates: Manage': 'owner',
  'Organization: View members': 'vault',
  'Organization: Invite': 'vault',
  'Organization: Suspend': 'vault',
  'Organization: Remove': 'vault',
  'Organization: Assign templates': 'owner',
  'Organization: Change member scope': 'owner',
  'Support: View': 'vault',
  'Support: Manage': 'vault',
} as const satisfies Record<string, 'vault' | 'project' | 'owner'>;
export type Cell = keyof typeof MATRIX;

export const CELLS = Object.keys(MATRIX) as Cell[];

/** V4: the closed list. */
export const ABILITIES = [
  'organization:settings',
  'members:manage',
  'groups:manage',
  'templates:manage',
  'projects:manage',
  'projects:delete',
  'secrets:create',
  'machines:manage',
  'values:sync',
] as const;
export type Ability = (typeof ABILITIES)[number];

/** V9: it hands on values to machines that prove themselves, and changes nothing. */
const READING: readonly Ability[] = ['values:sync'];

/** The project that the scope of every template and every grant of the table names, and one that none names. */
export const INSIDE = 'Inside';
export const OUTSIDE = 'Outside';

const ADMIN: readonly Cell[] = [
  'Projects: Create',
  'Projects: View',
  'Projects: Manage',
  'Organization: View members',
  'Audit log: View',
];
const MEMBER: readonly Cell[] = ['Audit log: View'];
const GRANTS: Readonly<Record<'Read' | 'Write', readonly Cell[]>> = {
  Read: ['Projects: View', 'Secrets: View'],
  Write: ['Projects: View', 'Secrets: View', 'Secrets: Manage'],
};

/** What an actor is; how it asks is another's concern. */
export type Kind =
  | { readonly is: 'owner' | 'admin' }
  | {
      readonly is: 'member';
      readonly cells: readonly Cell[];
      readonly grant?: 'Read' | 'Write';
      /** The rails last applied name them, and they proved themselves by a passkey (rail 2). */
      readonly approves?: true;
    }
  /** Held every cell before. */
  | { readonly is: 'suspended' | 'removed' }
  /** An account; of this vault nothing, of another one the owner or nothing. */
  | { readonly is: 'outsider' | 'owner of another vault' }
  | { readonly is: 'nobody' }
  | { readonly is: 'machine'; readonly state: 'ready' | 'disabled' | 'not approved' }
  | { readonly is: 'automation'; readonly abilities: readonly Ability[] };

/** `through`, or the code of the refusal; the machine plane has texts and no codes, there it is the status. */
export type Verdict = 'through' | 'refused within' | number | string;

export function verdict(row: Row, kind: Kind, project: string): Verdict {
  if (row.route.includes(' /v1/')) return machineVerdict(row, kind);
  switch (kind.is) {
    case 'automation':
      return automationVerdict(row, kind.abilities);
    case 'machine':
    case 'nobody':
      if (row.people === undefined) return 'RouteNotFound';
      return row.people === 'anybody' ? 'through' : 'NotSignedIn';
    default:
      return row.people === undefined ? 'RouteNotFound' : personVerdict(row.people, kind, project);
  }
}

/** H1: only machines get anything from the machine plane, and by their keys, their state, or a token alone. */
function machineVerdict({ machine }: Row, kind: Kind): Verdict {
  if (machine === 'token') return 'through';
  if (kind.is !== 'machine') return 401;
  return kind.state === 'ready' ? 'through' : 403;
}

function automationVerdict({ automation, refusedWithin }: Row, abilities: readonly Ability[]): Verdict {
  if (automation === undefined) return 'RouteNotFound';
  if (automation === 'any') return 'through';
  const writes = abilities.some((ability) => !READING.includes(ability));
  if (automation === 'writing' ? writes : abilities.includes(automation)) return 'through';
  return refusedWithin === undefined || !writes ? 'Forbidden' : 'refused within';
}

type Person = Exclude<Kind, { is: 'automation' | 'machine' | 'nobody' }>;

function personVerdict(people: People, kind: Person, project: string): Verdict {
  if (people === 'account' || people === 'anybody') return 'through';
  if (kind.is !== 'owner' && kind.is !== 'admin' && kind.is !== 'member') return 'NotAMember';
  if (people === 'member') return 'through';
  return (
    'role' in people
      ? hasRole(kind, people.role)
      : people.cells.every((cell) => holds(kind, cell, project))
  )
    ? 'through'
    : 'Forbidden';
}

/** Whether it comes with a session. */
export function isPerson({ is }: Kind): boolean {
  return is !== 'automation' && is !== 'machine' && is !== 'nobody';
}

function hasRole(
  kind: Extract<Kind, { is: 'owner' | 'admin' | 'member' }>,
  role: 'Owner' | 'Admin' | 'Approver',
): boolean {
  if (kind.is === 'owner') return true;
  if (role === 'Approver') return kind.is === 'member' && kind.approves === true;
  return role === 'Admin' && kind.is === 'admin';
}

/** Effective access: baseline, template in scope, grants. */
export function holds(kind: Kind, cell: Cell, project: string): boolean {
  if (kind.is === 'owner') return true;
  if (kind.is === 'admin') return ADMIN.includes(cell);
  if (kind.is !== 'member') return false;
  if (MEMBER.includes(cell)) return true;
  if (MATRIX[cell] === 'owner') return false;
  const isInScope = MATRIX[cell] === 'vault' || project === INSIDE;
  const granted = kind.grant === undefined ? [] : GRANTS[kind.grant];
  return (kind.cells.includes(cell) && isInScope) || (granted.includes(cell) && project === INSIDE);
}
