/** The tables of what leaves the server, and of who is told; part of the schema of `schema.ts`. */

/** Mail on its way out and mail that was sent. */
export interface MailTable {
  id: string;
  /** Null: it speaks for an account alone. */
  vault_id: string | null;
  kind: string;
  recipient: string;
  subject: string;
  /** Empty once it was sent or withdrawn: it may hold a token. */
  body: string;
  created_at: number;
  attempts: number;
  /** Null: sent, or not sent any more. */
  next_attempt_at: number | null;
  sent_at: number | null;
  /** Why the last attempt failed, or why there was none. */
  last_error: string | null;
  /** When what it tells of is over; null: the outbox's own patience. */
  expires_at: number | null;
}

/** An address that asked for an account; the token that was mailed to it is stored hashed (V5). */
export interface SignUpTable {
  token_hash: string;
  /** Lower case. */
  email: string;
  created_at: number;
  expires_at: number;
}

export interface AlertRuleTable {
  vault_id: string;
  name: string;
  enabled: 0 | 1;
  /** JSON list of audit actions, and of prefixes that end in `.*`. */
  actions: string;
  /** JSON list of types of actors; null: any. */
  actors: string | null;
  /** JSON list of roles. */
  roles: string;
  /** JSON list of addresses of members. */
  emails: string;
  /** JSON list of names of integrations. */
  webhooks: string;
}

/** An audit entry that a rule is about and that waits to be told by mail. */
export interface AlertNoticeTable {
  id: string;
  vault_id: string;
  rule: string;
  /** Id of the audit entry. */
  entry: string;
  action: string;
  /** As the audit log names the actor. */
  actor: string;
  /** Kind and key. */
  subject: string;
  at: number;
  /** What the mail says first of all about it; null: nothing. */
  urgency: string | null;
}

export interface IntegrationTable {
  id: string;
  vault_id: string;
  name: string;
  url: string;
  /** The secret that bodies are signed with, wrapped by the root key (V5). */
  wrapped_key: string;
  root_key_id: string;
  created_at: number;
  last_success_at: number | null;
  last_failure_at: number | null;
  last_error: string | null;
  /** Failed attempts since the last success. */
  failures: number;
  /** When the first of these was; null: none. */
  failing_since: number | null;
  /** Null while it is told. */
  disabled_at: number | null;
}

export interface DeliveryTable {
  id: string;
  vault_id: string;
  integration_id: string;
  /** The audit action that it tells of. */
  event: string;
  body: string;
  created_at: number;
  attempts: number;
  /** Null: delivered, or given up. */
  next_attempt_at: number | null;
  delivered_at: number | null;
  last_error: string | null;
}

/** Whom members turn to; a vault without a row has nobody. */
export interface SupportTable {
  vault_id: string;
  contact: string;
  runbook_url: string;
}

export interface OutgoingTables {
  mails: MailTable;
  sign_ups: SignUpTable;
  alert_rules: AlertRuleTable;
  alert_notices: AlertNoticeTable;
  integrations: IntegrationTable;
  deliveries: DeliveryTable;
  support: SupportTable;
}
