/** The tables of accounts, their sessions, and of who belongs to a vault; part of `schema.ts`. */
import type { Generated } from 'kysely';
import type { ProvenBy } from './sign-in-tables.ts';

export interface AccountTable {
  id: string;
  /** Lower case, unique. */
  email: string;
  user_name: string;
  /** PHC string of Argon2id. */
  password_hash: string;
  /** An invite attaches only to a verified address (I1); null: not verified. */
  email_verified_at: number | null;
  /** Grows when what proves the person changes: a proof that was begun before counts no more. */
  credentials: Generated<number>;
  created_at: number;
}

/** Sessions of people; the token is stored hashed (V5). */
export interface SessionTable {
  token_hash: string;
  account_id: string;
  /** A session is bound to one vault at a time; null: none chosen. */
  vault_id: string | null;
  created_at: number;
  expires_at: number;
  /** When the person last proved who they are, and by what. */
  proven_at: number;
  proven_by: ProvenBy;
  /** What its person names it by; the token's hash is not shown. */
  id: string;
  /** To about five minutes. */
  last_seen_at: number;
  /** The address and the program that it was opened from. */
  source: string;
  user_agent: string;
}

export interface MemberTable {
  id: string;
  vault_id: string;
  /** Null until the person joined. */
  account_id: string | null;
  email: string;
  user_name: string | null;
  role: 'Owner' | 'Admin' | 'Member';
  /** Suspended while the member awaits something, so that nobody who looks here alone lets them in. */
  state: 'Invited' | 'Active' | 'Suspended';
  /** What has to happen before `state_after` holds (O5, I4); null: nothing. */
  awaits: 'Reacceptance' | 'Confirmation' | null;
  state_after: 'Active' | 'Suspended' | null;
  template_id: string | null;
  /** M5: when the assignment of the template ends, in milliseconds; null: it has no end. */
  template_ends_at: number | null;
  /** JSON list of project ids; null: the template's own scope. */
  project_scope: string | null;
  created_at: number;
  joined_at: number | null;
  /** M5: when the membership ends; `active-members.ts` asks for it beside the state. */
  ends_at: number | null;
  /** When a session of theirs was last used in this vault, to about five minutes; null: not yet. */
  last_seen_at: number | null;
}

/** I2. One a member while the member is Invited. */
export interface InviteTable {
  id: string;
  vault_id: string;
  member_id: string;
  sent_at: number;
  expires_at: number;
  attempts: number;
  /** Account of the person who sent it; null: automation did. */
  invited_by: string | null;
}

/** O3: one open offer a vault. */
export interface OwnershipOfferTable {
  vault_id: string;
  member_id: string;
  /** The owner who made it. */
  offered_by: string;
  offered_at: number;
  expires_at: number;
}

/** I4: the public half of the key that a code gives; one a member. */
export interface ConfirmationTable {
  id: string;
  vault_id: string;
  member_id: string;
  /** Standard base64 of the raw 32-byte Ed25519 key. */
  public_key: string;
  /** Standard base64 of 16 bytes. */
  salt: string;
  created_at: number;
  expires_at: number;
  /** Proofs that did not verify. */
  failures: number;
  /** Of the open challenge. */
  nonce: string | null;
  nonce_until: number;
  proven_at: number | null;
}

export interface PeopleTables {
  accounts: AccountTable;
  sessions: SessionTable;
  members: MemberTable;
  invites: InviteTable;
  ownership_offers: OwnershipOfferTable;
  confirmations: ConfirmationTable;
}
