/** Since when a path gives what it gives, by the audit entries about the member, the template and the groups. Pure. */
import type { AccessPath } from '#model/access.ts';
import type { CellId } from '#model/capabilities.ts';
import type { Json } from '#model/record.ts';
import type { TracedEntry, TraceRequest } from '#protocol/management.ts';
import { fieldOf, latest, listOf, type Says, type Since, sinceWhen } from './since.ts';

/** Entries by what they are about, each list newest first. */
export class Log {
  readonly #bySubject: ReadonlyMap<string, readonly TracedEntry[]>;

  constructor(entries: readonly TracedEntry[]) {
    this.#bySubject = Map.groupBy(entries, ({ subject }) => `${subject.kind} ${subject.key}`);
  }

  about(kind: string, key: string): readonly TracedEntry[] {
    return this.#bySubject.get(`${kind} ${key}`) ?? [];
  }
}

/** What has to be asked for so that the paths of a person can be told. */
export function subjectsOf(email: string, paths: readonly AccessPath[]): TraceRequest['subjects'] {
  const names = (kind: string, all: readonly string[]) => [...new Set(all)].map((key) => ({ kind, key }));
  return [
    { kind: 'Member', key: email },
    ...names(
      'Group',
      paths.flatMap((path) => (path.via === 'group' ? [path.group] : [])),
    ),
    ...names(
      'PermissionTemplate',
      paths.flatMap((path) => (path.via === 'template' ? [path.template] : [])),
    ),
  ];
}

/** Null: the log does not tell. */
export function pathSince(log: Log, email: string, cell: CellId, path: AccessPath): Since | null {
  const member = log.about('Member', email);
  switch (path.via) {
    case 'role':
      return sinceWhen(
        member,
        saysOfAccess('role', (role) => role === path.role),
      );
    case 'template': {
      const held = sinceWhen(
        member,
        saysOfAccess('template', (template) => template === path.template),
      );
      const gives = sinceWhen(log.about('PermissionTemplate', path.template), saysOfCell(cell));
      return latest([held, gives]);
    }
    case 'grant':
      return sinceWhen(member, saysOfGrant(path.project, path.access));
    case 'group':
      return latest([
        givenSince(log, path.group, path.project, path.access),
        listedSince(log, path.group, email),
      ]);
  }
}

/** Since when a group lists somebody. */
export function listedSince(log: Log, group: string, email: string): Since | null {
  return sinceWhen(log.about('Group', group), saysOfMembership(email));
}

/** Since when a group gives this in a project. */
export function givenSince(log: Log, group: string, project: string, access: string): Since | null {
  return sinceWhen(log.about('Group', group), saysOfGrant(project, access));
}

/** Since when a machine is in a project, or reads a secret of it. */
export function machineSince(log: Log, name: string, project: string, secret?: string): Since | null {
  return sinceWhen(log.about('MachineBinding', name), ({ action, details }) => {
    if (action === 'machine.registered' || action === 'machine.provisioned') {
      const access = details.access ?? details.after;
      return access === undefined ? undefined : isIn(access, project, secret);
    }
    if (action === 'machine.revoked') return false;
    return action === 'machine.access-set' ? isIn(details.after, project, secret) : undefined;
  });
}

function isIn(access: Json | undefined, project: string, secret: string | undefined): boolean {
  return listOf(access).some(
    (one) =>
      fieldOf(one, 'project') === project &&
      (secret === undefined || listOf(fieldOf(one, 'secrets')).includes(secret)),
  );
}

/** Entries that say the whole access of a member, or one field of it. */
function saysOfAccess(field: 'role' | 'template', is: (value: Json | undefined) => boolean): Says {
  return ({ action, details }) => {
    const access = wholeAccess(action, details);
    if (access !== undefined) return is(fieldOf(access, field));
    if (action === `member.${field}-set`) {
      const value = field === 'role' ? details.role : fieldOf(details.after ?? null, field);
      return is(value);
    }
    return undefined;
  };
}

/** Acts after which there is nobody, until somebody is invited anew. */
const GONE = ['member.removed', 'member.left', 'invite.cancelled', 'invite.declined'];

function wholeAccess(action: string, details: TracedEntry['details']): Json | undefined {
  if (GONE.includes(action)) return null;
  if (action === 'member.invited') return details.access;
  return action === 'member.access-set' ? details.after : undefined;
}

/** A grant of a member or of a group. */
function saysOfGrant(project: string, access: string): Says {
  const among = (grants: Json | undefined): boolean =>
    listOf(grants).some((one) => fieldOf(one, 'project') === project && fieldOf(one, 'access') === access);
  return ({ action, details }) => {
    const whole = wholeAccess(action, details);
    if (whole !== undefined) return among(fieldOf(whole, 'grants'));
    switch (action) {
      case 'member.grant-set':
      case 'group.grant-set':
        return details.project === project ? details.access === access : undefined;
      case 'member.grant-removed':
      case 'group.grant-removed':
        return details.project === project ? false : undefined;
      case 'group.deleted':
        return false;
      case 'group.created':
        return among(details.grants);
      case 'group.updated':
        return details.grants === undefined ? undefined : among(fieldOf(details.grants, 'after'));
      default:
        return undefined;
    }
  };
}

function saysOfMembership(email: string): Says {
  return ({ action, details }) => {
    switch (action) {
      case 'group.created':
      case 'group.members-added':
        return listOf(details.members).includes(email) || (action === 'group.created' ? false : undefined);
      case 'group.deleted':
        return false;
      case 'group.member-removed':
        return details.member === email ? false : undefined;
      case 'group.updated':
        if (listOf(details.added).includes(email)) return true;
        return listOf(details.removed).includes(email) ? false : undefined;
      default:
        return undefined;
    }
  };
}

function saysOfCell(cell: CellId): Says {
  const at = cell.indexOf(': ');
  const [category, name] = [cell.slice(0, at), cell.slice(at + 2)];
  return ({ action, details }) => {
    if (action === 'template.cell-removed') return details.cell === cell ? false : undefined;
    if (action !== 'template.created' && action !== 'template.updated') return undefined;
    const capabilities = fieldOf(details.after ?? null, 'capabilities');
    if (capabilities === undefined) return undefined;
    return listOf(fieldOf(capabilities, category)).includes(name);
  };
}
