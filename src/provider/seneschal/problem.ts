/** Answers that are no success, as `ProviderError`s. Nothing of a body is shown but its code. */
import { REFUSALS } from '#protocol/management.ts';
import { ProviderError, type ProviderErrorClass } from '../provider.ts';
import type { Answer } from './vault-transport.ts';

/** Codes a vault answers beside REFUSALS, with what they mean to people. */
const MESSAGES: Readonly<Record<string, string>> = {
  ...REFUSALS,
  ManagementConflict: 'Another manager holds the lease of the vault (rail 10).',
  LeaseHeld: 'Another process of this manager holds the lease of the vault; it was asked to yield.',
  Sealed: 'The vault has no root key at hand; whoever runs the server gives it.',
  OwnershipMoved:
    'The ownership of the organization moved, and the delegations of the former owner ended with it; the new owner makes new ones: seneschal vault automation create.',
};

/** The error that an answer of 400 or above is. `what` names the call: `POST /steps`. */
export function errorOf(answer: Answer, what: string, now: number): ProviderError {
  const { status } = answer;
  const code = codeOf(answer.text);
  const [kind, fallback] = classOf(status, code, what);
  const clock = code !== null && Object.hasOwn(MESSAGES, code) ? null : clockOf(answer, now);
  if (clock !== null && kind === 'Auth') return wrongClock(clock, `${what}: ${status}`, now);
  const known = code !== null && Object.hasOwn(MESSAGES, code);
  const shown = known ? MESSAGES[code] : GENERIC[fallback];
  return new ProviderError({
    class: kind,
    code: code !== null && kind !== 'Auth' && kind !== 'Gone' ? code : fallback,
    publicMessage: `${shown ?? 'The vault refused the request.'} (${what}: ${status}${code === null ? '' : ` ${code}`})`,
    retryAfter: retryAfterOf(answer, now),
  });
}

/** What a vault takes between its clock and that of a signature, in milliseconds. */
const CLOCK_TOLERANCE = 5 * 60_000;

/** The clock of the vault (RFC 9110: Date), where signatures of ours count for nothing by it; null: they do, or it is not said. */
function clockOf({ status, headers }: Answer, now: number): number | null {
  const there = status === 401 ? Date.parse(headers.date ?? '') : Number.NaN;
  return Math.abs(now - there) > CLOCK_TOLERANCE ? there : null;
}

/** Without the times: a status would be another one with each pass. */
function wrongClock(there: number, what: string, now: number): ProviderError {
  const which = now > there ? 'ahead of' : 'behind';
  return new ProviderError({
    class: 'Auth',
    code: 'Unauthorized',
    publicMessage: `The clock of this machine is more than five minutes ${which} that of the vault, which therefore takes no signature of it (${what}).`,
    diagnosis: `here ${new Date(now).toISOString()}, there ${new Date(there).toISOString()}`,
    next: 'Set the clock of this machine, or of the server, whichever is wrong; then run again.',
  });
}

const GENERIC: Readonly<Record<string, string>> = {
  WrongAudience: 'The url of the credentials is not an address of the vault that it takes signatures for.',
  Unauthorized: 'The vault does not take the credentials of the automation identity.',
  Forbidden: 'The delegation of the automation identity does not allow this.',
  VaultNotFound: 'The server has no vault of that id.',
  RateLimited: 'The vault asked to slow down.',
  Sealed: 'The vault has no root key at hand.',
  VaultError: 'The vault answered with an error.',
};

function classOf(status: number, code: string | null, what: string): [ProviderErrorClass, string] {
  // A reservation is refused for what it asks for, not for who asks.
  if (status === 403 && code !== null && code in REFUSALS && what === 'POST /reservations') {
    return ['Refused', code];
  }
  switch (status) {
    case 401:
      return ['Auth', code === 'WrongAudience' ? code : 'Unauthorized'];
    case 403:
      return ['Auth', 'Forbidden'];
    case 404:
    case 410:
      return ['Gone', 'VaultNotFound'];
    case 409:
    case 412:
    case 423:
      return ['Conflict', 'Conflict'];
    case 429:
      return ['RateLimited', 'RateLimited'];
    case 503:
      return ['Transient', code === 'Sealed' ? 'Sealed' : 'VaultError'];
    default:
      return status >= 500 ? ['Transient', 'VaultError'] : ['Refused', 'Invalid'];
  }
}

/** The `code` of an RFC 9457 problem document, if it is a constant as constants are. */
function codeOf(text: string): string | null {
  try {
    const code: unknown = (JSON.parse(text) as { code?: unknown } | null)?.code;
    return typeof code === 'string' && /^[A-Za-z][A-Za-z0-9]{1,63}$/.test(code) ? code : null;
  } catch {
    return null;
  }
}

/** Milliseconds; RFC 9110: seconds, or a date. */
function retryAfterOf({ headers, status }: Answer, now: number): number | null {
  const text = headers['retry-after'];
  if (text === undefined) return status === 429 ? 1000 : null;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
