/**
 * What people cut and say to be final: no `reinstate` gives it back, and no approval, until people lift that (rail 7).
 *
 * Decides rail 7: who makes a cut final, and who lifts that.
 */
import type { Tombstone, TombstoneAct } from '#model/record.ts';
import type { Act } from '../act/context.ts';
import type { Operation } from '../authorization/authorization.ts';
import { refuse } from '../common/domain-error.ts';
import { tombstoneOf } from '../managed/tombstones.ts';

/** What one has to be allowed to make such a cut; `project`: in which the operation is judged. */
interface Making {
  readonly operation: (typeof MAKING)[number];
  readonly project?: string;
}

/** The operations by which people cut. */
export const MAKING = [
  'suspendMember',
  'removeMember',
  'dismissAdmin',
  'takeTemplate',
  'changeScope',
  'removeGrant',
  'narrowTemplate',
  'narrowGroups',
  'deleteProject',
  'deleteSecret',
  'restrictMachine',
  'attachMachine',
] as const satisfies readonly Operation[];

const BY_ACT: Readonly<
  Record<
    Exclude<TombstoneAct, 'ScopeNarrowed' | 'GrantRemoved' | 'ProjectDeleted' | 'SecretDeleted'>,
    (typeof MAKING)[number]
  >
> = {
  Suspended: 'suspendMember',
  EndShortened: 'suspendMember',
  Removed: 'removeMember',
  // What was the person's own act is for who might have done it to them.
  Left: 'removeMember',
  Declined: 'removeMember',
  RoleLowered: 'dismissAdmin',
  TemplateTaken: 'takeTemplate',
  CellRemoved: 'narrowTemplate',
  MembershipRemoved: 'narrowGroups',
  GroupDeleted: 'narrowGroups',
  MachineDisabled: 'restrictMachine',
  MachineRevoked: 'restrictMachine',
  MachineKeyRevoked: 'restrictMachine',
};

function makingOf({ kind, key, act, item }: Tombstone): readonly Making[] {
  switch (act) {
    case 'ScopeNarrowed':
      return [{ operation: kind === 'PermissionTemplate' ? 'narrowTemplate' : 'changeScope' }];
    case 'GrantRemoved': {
      if (kind !== 'MachineBinding') return [{ operation: 'removeGrant' }];
      // H1: who changes what a machine reads in a project. Names have no slash.
      const [project = ''] = (item ?? '').split('/', 1);
      return [{ operation: 'restrictMachine' }, { operation: 'attachMachine', project }];
    }
    case 'ProjectDeleted':
      return [{ operation: 'deleteProject', project: key }];
    case 'SecretDeleted':
      return [{ operation: 'deleteSecret', project: key }];
    default:
      return [{ operation: BY_ACT[act] }];
  }
}

/** `requireAlso` of a route that declares all of `MAKING`. */
type RequireMaking = (db: Act['db'], operation: Making['operation'], project?: string) => Promise<unknown>;

/**
 * Makes all that was cut under an audit entry final, or lifts that. The caller could make each of these cuts. What is so
 * already stays so, without another entry. Throws DomainError `NotFound` where no cut stands under the entry, `Forbidden`.
 */
export async function setFinal(
  act: Act,
  requireAlso: RequireMaking,
  entry: string,
  isFinal: boolean,
): Promise<void> {
  const cuts = await cutsUnder(act, entry);
  if (cuts.length === 0) {
    throw refuse(
      'NotFound',
      `No cut stands under the entry ${entry}.`,
      'It may have been given back since; the status of the object in Git names the entry of a cut that stands.',
    );
  }
  await requireMaking(act, requireAlso, cuts);
  const changed = cuts.filter(({ final }) => final !== isFinal);
  if (changed.length === 0) return;
  await act.db
    .updateTable('tombstones')
    .set({ final: isFinal ? 1 : 0 })
    .where('vault_id', '=', act.vault.id)
    .where('entry', '=', entry)
    .execute();
  await act.audit({
    action: isFinal ? 'cut.made-final' : 'cut.lifted',
    subject: { kind: 'Cut', key: entry },
    details: {
      count: changed.length,
      cuts: changed.slice(0, NAMED).map(({ kind, key, act: what, item }) => ({ kind, key, act: what, item })),
    },
  });
}

/** One deletion of a project may cut thousands: so many of them are named in the audit log. */
const NAMED = 20;

async function cutsUnder({ db, vault }: Act, entry: string): Promise<Tombstone[]> {
  const rows = await db
    .selectFrom('tombstones')
    .selectAll()
    .where('vault_id', '=', vault.id)
    .where('entry', '=', entry)
    .orderBy('kind')
    .orderBy('key')
    .orderBy('act')
    .orderBy('item')
    .execute();
  return rows.map(tombstoneOf);
}

async function requireMaking(
  act: Act,
  requireAlso: RequireMaking,
  cuts: readonly Tombstone[],
): Promise<void> {
  const asked = new Map(
    cuts.flatMap(makingOf).map((making) => [`${making.operation} ${making.project ?? ''}`, making]),
  );
  for (const { operation, project } of asked.values()) await requireAlso(act.db, operation, project);
}
