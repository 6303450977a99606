/**
 * The lease of a vault as a state machine: rows in, rows out, and nothing else. It is free, held, ended (an operator that
 * stopped renewing it) or lent (an operator made room for a command line). Free it goes to any installation of a manager;
 * ended or lent it is that installation's still.
 *
 * Decides rail 10: who comes to hold the lease, and whose it stays.
 */
import { type LeaseClaimant, leaseStanding } from '#model/lease-standing.ts';
import type { LeaseState } from '#model/organization.ts';
import type { Fence, LeaseRequest, LeaseReturn } from '#protocol/management.ts';
import type { LeaseTable } from '../store/schema.ts';

/** How long a lease holds without being renewed: 45 s, longer than a long poll (30 s). */
export const LEASE_LIFE = 45_000;
/** How long the holder is asked to yield after the other process asked last. */
const YIELD_LIFE = 30_000;

/** The row that every vault starts with. */
export function freeLease(vaultId: string): LeaseTable {
  return {
    vault_id: vaultId,
    manager: null,
    installation: null,
    holder: 'Operator',
    fencing: 0,
    since: 0,
    expires_at: 0,
    yield_to: null,
    yield_until: 0,
    lent_by: null,
    asked_manager: null,
    asked_by: null,
    asked_at: 0,
    freeze_by: null,
    freeze_reason: null,
    freeze_at: null,
    freeze_all: 0,
  };
}

/** Whose the lease is; null: anybody's. One of a command line that ended is nobody's. */
export function leaseState(row: LeaseTable, now: number): LeaseState | null {
  const { manager, installation, holder, fencing, since, expires_at, lent_by } = row;
  if (manager === null) return null;
  const common = { manager, fencing, since, expiresAt: expires_at };
  const isRunning = expires_at > now;
  if (installation !== null && (isRunning || holder === 'Operator')) {
    return { ...common, installation, holder, holdsFor: isRunning ? expires_at - now : 0, isLent: false };
  }
  return lent_by === null
    ? null
    : { ...common, installation: lent_by, holder: 'Operator', holdsFor: 0, isLent: true };
}

/** Whether the fence is that of the holder, and the lease has not ended. */
export function holds(row: LeaseTable, fence: Fence, now: number): boolean {
  return isOf(row, fence) && row.expires_at > now;
}

export type Taking =
  | { readonly kind: 'taken'; readonly row: LeaseTable }
  /** The other process makes room. */
  | { readonly kind: 'waits'; readonly row: LeaseTable; readonly holder: string }
  | { readonly kind: 'conflict'; readonly row: LeaseTable; readonly holder: LeaseState };

/** Takes or renews. `actsFor`: the managers that the identity may act for; null: none was named yet. */
export function taking(
  row: LeaseTable,
  request: LeaseRequest,
  { now, actsFor }: { readonly now: number; readonly actsFor: readonly string[] | null },
): Taking {
  const { manager, installation, holder = 'Operator' } = request;
  const claimant = { manager, installation, holder };
  const lease = leaseState(row, now);
  const standing = leaseStanding(lease, claimant);
  const isRunning = lease !== null && lease.holdsFor > 0;
  if (standing === 'yields' && !isLentByAnother(row, claimant)) {
    const asked = { ...row, yield_to: installation, yield_until: now + YIELD_LIFE };
    return { kind: 'waits', row: asked, holder: lease?.installation ?? '' };
  }
  if (standing === 'free' || standing === 'own' || isOwnByAnotherName(lease, claimant, actsFor)) {
    const promised = row.manager === manager && row.yield_until > now ? row.yield_to : null;
    // The one that made room must not take back what it has just given to the one who waits.
    if (!isRunning && promised !== null && promised !== installation)
      return { kind: 'waits', row, holder: promised };
    return { kind: 'taken', row: takenBy(row, request, now) };
  }
  const refused =
    holder === 'Operator' ? { asked_manager: manager, asked_by: installation, asked_at: now } : {};
  return { kind: 'conflict', row: { ...row, ...refused }, holder: lease as LeaseState };
}

/** What a command line was lent goes back to who lent it, and to no other operator. */
function isLentByAnother({ lent_by }: LeaseTable, { holder, installation }: LeaseClaimant): boolean {
  return holder === 'Operator' && lent_by !== null && lent_by !== installation;
}

/** It ended, and was this installation's by the name of another manager that the identity acts for too. */
function isOwnByAnotherName(
  lease: LeaseState | null,
  { installation }: LeaseClaimant,
  actsFor: readonly string[] | null,
): boolean {
  if (lease === null || lease.holdsFor > 0 || lease.installation !== installation) return false;
  return actsFor?.includes(lease.manager) === true;
}

function takenBy(
  row: LeaseTable,
  { manager, installation, holder = 'Operator', fencing }: LeaseRequest,
  now: number,
) {
  const isSameInstallation = row.manager === manager && row.installation === installation;
  // Two processes of one installation are two holders: what the older one still sends is refused.
  const isRenewed = isSameInstallation && row.fencing === fencing;
  return {
    ...row,
    manager,
    installation,
    holder,
    fencing: isRenewed ? row.fencing : row.fencing + 1,
    since: isSameInstallation ? row.since : now,
    expires_at: now + LEASE_LIFE,
    lent_by: holder === 'CommandLine' && row.manager === manager ? row.lent_by : null,
    ...(row.yield_to === installation ? NOBODY_WAITS : {}),
    ...(row.asked_by === installation ? NOBODY_ASKED : {}),
  };
}

const NOBODY_WAITS = { yield_to: null, yield_until: 0 };
const NOBODY_ASKED = { asked_manager: null, asked_by: null, asked_at: 0 };

/** The row after the lease was given back; null: the fence is not the holder's, and nothing happens. */
export function returned(row: LeaseTable, { lends, ...fence }: LeaseReturn): LeaseTable | null {
  if (isOf(row, fence)) {
    const isOperator = row.holder === 'Operator';
    const lent_by = isOperator ? (lends === true ? fence.installation : null) : row.lent_by;
    // The manager stays, for whom the yield was asked; the installation goes, so that the next holder is a new one.
    return { ...row, installation: null, expires_at: 0, lent_by };
  }
  // What it had lent, an operator gives back while a command line has it.
  const isLender = row.manager === fence.manager && row.lent_by === fence.installation;
  return isLender && lends !== true ? { ...row, lent_by: null } : null;
}

/** Whom a person hands the lease to; null: to whoever asks first. */
export type Successor = { readonly manager: string; readonly installation: string } | null;

/** The operator that was refused last, which a person means who names none. */
export function successorOf({ asked_manager, asked_by }: LeaseTable): Successor {
  return asked_manager === null || asked_by === null
    ? null
    : { manager: asked_manager, installation: asked_by };
}

/** The row after a person took the lease from whose it is: the successor's next leader has it, or it is free. */
export function handedOver(row: LeaseTable, to: Successor, now: number): LeaseTable {
  return {
    ...row,
    manager: to?.manager ?? row.manager,
    installation: to?.installation ?? null,
    holder: 'Operator',
    // Whoever had it writes under it no more, not even where it goes to the same installation.
    fencing: row.fencing + 1,
    since: now,
    expires_at: to === null ? 0 : now,
    lent_by: null,
    ...NOBODY_WAITS,
    ...NOBODY_ASKED,
  };
}

function isOf(row: LeaseTable, { manager, installation, fencing }: Fence): boolean {
  return row.manager === manager && row.installation === installation && row.fencing === fencing;
}
