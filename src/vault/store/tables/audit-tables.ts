/** The tables of the audit log (A2, A3); part of `schema.ts`. */

export interface AuditTable {
  vault_id: string;
  sequence: number;
  id: string;
  at: number;
  action: string;
  /** Canonical JSON (RFC 8785) of the whole entry: what the digest is over. */
  entry: string;
  digest: string;
  hash: string;
}

/** The Ed25519 key that signs a vault's audit heads (A3). None while the server has been sealed all along. */
export interface AuditKeyTable {
  vault_id: string;
  /** Standard base64 of the raw 32 bytes. */
  public_key: string;
  /** The private half (PKCS#8), wrapped by the root key. */
  wrapped_key: string;
  root_key_id: string;
  created_at: number;
}

export interface AuditTables {
  audit_entries: AuditTable;
  audit_keys: AuditKeyTable;
}
