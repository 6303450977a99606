import type { CommandOutcome } from './exit-codes.ts';

/** Why a command ends early: what is wrong (with its place), and the next step. Both are shown. */
export class Failure extends Error {
  readonly outcome: CommandOutcome;
  readonly next: string;

  constructor(outcome: CommandOutcome, what: string, next: string) {
    super(what);
    this.name = 'Failure';
    this.outcome = outcome;
    this.next = next;
  }
}

/** The next step for errors of the vault, by code. */
const NEXT: Readonly<Record<string, string>> = {
  Unreachable:
    'Check the network and the address: url and ca.crt of the credentials, or --url and --ca; --connect-to for a tunnel.',
  Unauthorized: 'Check --credentials: automation-id and private.pem of an identity that is not revoked.',
  WrongAudience:
    'Correct the url of the credentials; or whoever runs the server adds it to publicUrl or audiences of its configuration.',
  Forbidden: 'Ask the owner of the vault for a delegation that names the ability.',
  VaultNotFound: 'Check the vault id: vault-id of the credentials, or --vault.',
  CredentialsMissing: 'Give --credentials FOLDER as that command writes it.',
  RateLimited: 'Run again later.',
  Sealed: 'Whoever runs the vault server gives it the root key; then run again.',
  ManagementConflict: 'Apply by the manager that holds the lease, or wait until it has ended.',
  InsecureUrl: 'Use https://, or http://localhost for a vault on this machine.',
};

/** Errors whose whole message is made for people, by name: their classes are not imported for that. */
const SPOKEN: Readonly<Record<string, string>> = {
  ConfigError: 'Correct the configuration file.',
};

/** An error as the user sees it. What nobody foresaw shows no more than its name. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (!(error instanceof Error)) return unforeseen(typeof error);
  const { code, publicMessage, diagnosis, detail, next } = error as Error & Record<string, unknown>;
  const shown = [publicMessage, detail].find((text) => typeof text === 'string');
  if (typeof shown === 'string') {
    const outcome = error.name === 'EngineError' ? 'InvalidConfiguration' : 'Error';
    const known = typeof code === 'string' ? NEXT[code] : undefined;
    const fallback = 'Run again; if it stays so, see the log of what did not answer.';
    const more = typeof diagnosis === 'string' ? ` (${diagnosis})` : '';
    return new Failure(outcome, shown + more, typeof next === 'string' ? next : (known ?? fallback));
  }
  const spoken = SPOKEN[error.name];
  if (spoken !== undefined) return new Failure('Error', error.message, spoken);
  // Of the system's own errors (a port that is taken, a file that may not be read) the code says it.
  if (typeof code === 'string' && 'syscall' in error) {
    return new Failure('Error', error.message, 'Correct what the message names and run again.');
  }
  return unforeseen(error.name);
}

function unforeseen(name: string): Failure {
  return new Failure(
    'Error',
    `Unforeseen: ${name}.`,
    'Run again with SENESCHAL_DEBUG=1 and report the stack.',
  );
}

/** Thrown between two calls to the vault after SIGINT or SIGTERM. */
export class Interruption extends Failure {
  constructor() {
    super('Interrupted', 'Interrupted.', 'Run again: what is done already is not done twice.');
  }
}
