/**
 * The refusals of the machine plane, each defined once: status and text (sikkerkey-machine-plane "Errors").
 * Clients retry 429 and 503 and never the others; no status is 500, because clients would take it for an
 * answer that will not change.
 *
 * Decides V7: the form of a refusal on the machine plane.
 */

import { LONGEST_NAME, NAME_RULE } from '#model/names.ts';

/** As DNS has it. */
export const LONGEST_HOSTNAME = 253;

const REFUSALS = {
  QueryString: [400, 'a signed request takes no query string'],
  BadBody: [400, 'the body is not the JSON that this call takes'],
  BadTokenField: [400, 'token must be a text of at most 256 characters'],
  BadPublicKeyField: [
    400,
    'publicKey must be the 32 bytes of an Ed25519 public key in standard base64, which are 44 characters',
  ],
  BadHostnameField: [400, `hostname must be a text of 1 to ${LONGEST_HOSTNAME} characters; it ${NAME_RULE}`],
  BadNameField: [400, `name must be a text of 1 to ${LONGEST_NAME} characters; it ${NAME_RULE}`],
  BadHost: [400, 'the Host header names no host'],
  BadHeaders: [401, 'the signature headers are missing or malformed'],
  BadTimestamp: [401, 'the timestamp is more than five minutes from the clock of the vault'],
  UnknownMachine: [401, 'unknown machine'],
  BadSignature: [401, 'the signature does not verify'],
  ReplayedNonce: [401, 'the nonce was used before'],
  Ended: [401, 'the machine is past its end'],
  BadToken: [401, 'the token is unknown, over, revoked or used up'],
  NotAllowed: [403, 'the vault takes no requests from this address'],
  NotApproved: [403, 'the machine is not approved'],
  Disabled: [403, 'the machine is disabled'],
  Guarded: [403, 'the guardrails of the machine do not allow this address or time'],
  WrongSource: [403, 'the token is not for this source address'],
  WrongHost: [403, 'the token is not for this host name'],
  NotInProject: [403, 'the machine is not in the project'],
  NotGranted: [403, 'the machine has no grant for the secret'],
  PolicyWindow: [403, 'the policy of the secret does not allow this time'],
  PolicyAddress: [403, 'the policy of the secret does not allow this address'],
  PolicyRate: [403, 'the policy of the secret allows no more reads in this minute or day'],
  PolicyOver: [403, 'the policy of the secret allows no reads any more'],
  NoSuchSecret: [404, 'no such secret'],
  NoSuchProject: [404, 'no such project'],
  NoSuchApplication: [404, 'no such application'],
  NoSuchCall: [404, 'no such call'],
  NameTaken: [409, 'the vault has a machine of that name'],
  KeyTaken: [409, 'the key is registered in the vault, or was ended as compromised'],
  QuotaReached: [409, 'the plan of the vault has no room for another machine'],
  BodyTooLarge: [413, 'the body is too large'],
  LockedOut: [429, 'too many failed requests; wait a minute'],
  TooManyRequests: [429, 'more requests of this machine than the vault takes'],
  TooManyPolls: [429, 'more polls of this machine than one every ten seconds for each of 64 replicas'],
  Sealed: [503, 'the vault is sealed: it has no root key, so it can open no value'],
  Unavailable: [503, 'the vault cannot answer now'],
} as const satisfies Record<string, readonly [status: number, text: string]>;

/** When to come again, in seconds, where the refusal itself says it. */
const RETRY_AFTER: Readonly<Partial<Record<RefusalCode, number>>> = { LockedOut: 60 };

export type RefusalCode = keyof typeof REFUSALS;

/** A request that the machine plane refuses; the body is `{"error": message}` and no other key. */
export class MachineRefusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  /** Seconds, for `Retry-After`; null: none is said. */
  readonly retryAfter: number | null;

  constructor(code: RefusalCode, retryAfter: number | null = RETRY_AFTER[code] ?? null) {
    super(REFUSALS[code][1]);
    this.name = 'MachineRefusal';
    this.code = code;
    this.status = REFUSALS[code][0];
    this.retryAfter = retryAfter;
  }
}
