/** The tables by which a request is taken once, and no oftener than it may be (V1, V3, V7); part of `schema.ts`. */

/** Nonces of verified requests; the subject is `machine:<id>`, `automation:<id>` or `sync:<machine id>`. */
export interface NonceTable {
  subject: string;
  nonce: string;
  expires_at: number;
}

/** Answers to steps, kept under their idempotency key for 24 h. */
export interface KeptAnswerTable {
  vault_id: string;
  /** Empty, as the hash of the request: it was kept before they were. */
  automation_id: string;
  key: string;
  request_hash: string;
  answer: string;
  expires_at: number;
}

/** V1: a write of automation under an idempotency key, for 24 h. Key and request are kept as hashes. */
export interface AutomationAnswerTable {
  automation_id: string;
  key_hash: string;
  request_hash: string;
  /** JSON; `null`: nothing was answered. */
  answer: string;
  expires_at: number;
}

/** V1: a write that a person sent under an idempotency key, for 24 h. Key and request are kept as hashes. */
export interface PeopleAnswerTable {
  account_id: string;
  /** Empty outside of a vault. */
  vault_id: string;
  key_hash: string;
  request_hash: string;
  /** JSON list: what each act of the request came to. */
  acts: string;
  /** JSON of the answer; null until it was given. */
  answer: string | null;
  expires_at: number;
}

/** Failed authentications of an identity from an address (V7), where replicas count together. */
export interface LockoutTable {
  plane: 'machine' | 'enrollment' | 'bootstrap' | 'automation' | 'people';
  identity: string;
  source: string;
  failures: number;
  /** When the window of these failures began, and when the last one came. */
  since: number;
  last: number;
}

export interface RequestTables {
  nonces: NonceTable;
  kept_answers: KeptAnswerTable;
  automation_answers: AutomationAnswerTable;
  people_answers: PeopleAnswerTable;
  lockouts: LockoutTable;
}
