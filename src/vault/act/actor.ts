/**
 * Who acts (A1).
 *
 * Decides A1: how an actor is named.
 */
import type { Ceilings, GainBudgets } from '#model/gains.ts';
import type { Role } from '#model/organization.ts';
import type { Provenance } from '#model/record.ts';
import type { Ability } from '#protocol/management.ts';

export interface MemberActor {
  readonly type: 'member';
  readonly memberId: string;
  readonly accountId: string;
  readonly userName: string;
  readonly email: string;
  readonly role: Role;
}

/** V4: acts as the owner's delegate, within its abilities. */
export interface AutomationActor {
  readonly type: 'automation';
  readonly id: string;
  readonly name: string;
  readonly abilities: readonly Ability[];
  /** Units in seven days that its losses, and what its claimed approvals release, may reach. */
  readonly ceilings: Ceilings;
  /** What it may give in a time. */
  readonly gains: GainBudgets;
  /** Names that it takes the lease by; null: it took none yet, and keeps the first. */
  readonly managers: readonly string[] | null;
  readonly bounds: AutomationBounds;
  readonly request: DelegatedRequest;
}

/** The request by which an automation identity acts: its delegation is looked at again at each act of it. */
export interface DelegatedRequest {
  /** Standard base64 of the key that signed it. */
  readonly publicKey: string;
  /** The address of this vault that it was signed for. */
  readonly audience: string;
  /** Address that it came from. */
  readonly source: string;
  /** A4: of its acts that bring none of their own. */
  readonly provenance: Provenance;
}

/** Where the owner bounded a delegation to, beside what it may do and how much of it (V4). */
export interface AutomationBounds {
  /** Ids; null: every project, those to come among them. */
  readonly projects: readonly string[] | null;
  /** CIDR ranges that its requests come from (V9); null: anywhere. */
  readonly addresses: readonly string[] | null;
  /** CIDR ranges that machines which it registers, and keys which it adds, are answered from; null: its `addresses`. */
  readonly machineAddresses: readonly string[] | null;
}

export interface MachineActor {
  readonly type: 'machine';
  readonly id: string;
  readonly name: string;
}

/** The server itself: expiries, and what its administrator does from its command line. */
export interface SystemActor {
  readonly type: 'system';
}

/** An invitee, or a person without a membership. */
export interface AccountActor {
  readonly type: 'account';
  readonly accountId: string;
  readonly userName: string;
  readonly email: string;
}

export type Actor = MemberActor | AutomationActor | MachineActor | SystemActor | AccountActor;

/** An actor as the audit log names it: people by user name (A1). */
export function actorName(actor: Actor): string {
  switch (actor.type) {
    case 'member':
    case 'account':
      return actor.userName;
    case 'automation':
    case 'machine':
      return actor.name;
    case 'system':
      return 'system';
  }
}

/** The account of the person who acts; null: no person does. */
export function accountOf(actor: Actor): string | null {
  return actor.type === 'member' || actor.type === 'account' ? actor.accountId : null;
}

/** What an audit entry keeps of an actor. */
export function auditedActor(actor: Actor): { type: string; id: string | null; name: string } {
  const name = actorName(actor);
  switch (actor.type) {
    case 'member':
      return { type: 'member', id: actor.memberId, name };
    case 'account':
      return { type: 'account', id: actor.accountId, name };
    case 'automation':
    case 'machine':
      return { type: actor.type, id: actor.id, name };
    case 'system':
      return { type: 'system', id: null, name };
  }
}
