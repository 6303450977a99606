/** The tables of what people sign in by, and of what happened to their accounts; part of `schema.ts`. */
/** How a person proved who they are. */
export type ProvenBy = 'Password' | 'SecondFactor' | 'Passkey';

/** The second factor of an account (TOTP, RFC 6238); it counts once it was confirmed. */
export interface SecondFactorTable {
  account_id: string;
  /** The shared secret, wrapped by the root key. */
  wrapped_key: string;
  root_key_id: string;
  created_at: number;
  confirmed_at: number | null;
  /** The time step of the newest code that was taken: a code is used once. */
  last_step: number;
  /** Wrong codes since the last right one, from wherever. */
  wrong_codes: number;
  /** Until then no code is looked at. */
  waits_until: number;
}

/** Codes for when the second factor is lost; stored hashed (V5), each used once. */
export interface RecoveryCodeTable {
  account_id: string;
  code_hash: string;
  used_at: number | null;
}

/** Public-key credentials (WebAuthn). */
export interface PasskeyTable {
  id: string;
  account_id: string;
  /** As the authenticator named it, base64url. */
  credential_id: string;
  /** COSE key, base64url. */
  public_key: string;
  /** Signatures so far, as the authenticator counts; 0: it does not count. */
  counter: number;
  /** JSON list, a hint for browsers. */
  transports: string;
  name: string;
  /** Whether it is copied to other devices of the person. */
  backed_up: 0 | 1;
  created_at: number;
  last_used_at: number | null;
}

/** Challenges that were given out and not used yet; stored hashed, used once. */
export interface PasskeyChallengeTable {
  challenge_hash: string;
  purpose: 'register' | 'sign-in' | 'proof';
  /** Hash of the token of the session that asked; of `sign-in`, the address that it came from. */
  bound_to: string;
  expires_at: number;
}

/** Tokens that were mailed; stored hashed (V5), used once. */
export interface AccountTokenTable {
  token_hash: string;
  account_id: string;
  purpose: 'email-change' | 'password-reset';
  /** The address that it was mailed to. */
  email: string;
  created_at: number;
  expires_at: number;
}

/** What happened to an account, for its person to see. */
export interface AccountEventTable {
  id: string;
  account_id: string;
  at: number;
  /** Dotted constant: `password.changed`. */
  action: string;
  /** Address that the request came from. */
  source: string;
  /** Name of the passkey, address or session concerned; never a secret. */
  about: string | null;
}

export interface SignInTables {
  second_factors: SecondFactorTable;
  recovery_codes: RecoveryCodeTable;
  passkeys: PasskeyTable;
  passkey_challenges: PasskeyChallengeTable;
  account_tokens: AccountTokenTable;
  account_events: AccountEventTable;
}
