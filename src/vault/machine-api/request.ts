/** What a machine sent, taken apart without judging it. Pure. */
import { HEADERS, TIMESTAMP_TOLERANCE } from '#protocol/signing.ts';
import { MachineRefusal } from './refusal.ts';

export interface MachineRequest {
  readonly method: string;
  /** The raw request target as sent, percent-encoding kept: it is what was signed. */
  readonly target: string;
  /** Lower-case names, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bytes received; empty where there is no body. */
  readonly body: Uint8Array;
  /** Source address, IPv4 in IPv6 written as IPv4. */
  readonly source: string;
  /** The vault's address as the client knows it; null where the request names no usable host. */
  readonly origin: string | null;
}

export interface SignatureHeaders {
  readonly machineId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
}

const MACHINE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A nonce is opaque; the bound keeps what must be remembered small. */
const LONGEST_NONCE = 128;

/** The machine that the request says it comes from; null where it names none. */
export function claimedMachine(request: MachineRequest): string | null {
  const id = request.headers[HEADERS.machine];
  return typeof id === 'string' && MACHINE_ID.test(id) ? id.toLowerCase() : null;
}

/**
 * The signature headers, the timestamp within its tolerance of `now` (milliseconds).
 * Throws MachineRefusal `BadHeaders`, `BadTimestamp` or `QueryString`.
 */
export function signatureHeaders(request: MachineRequest, now: number): SignatureHeaders {
  const machineId = request.headers[HEADERS.machine];
  const timestamp = request.headers[HEADERS.timestamp];
  const nonce = request.headers[HEADERS.nonce];
  const signature = request.headers[HEADERS.signature];
  if (!isText(machineId) || !isText(timestamp) || !isText(nonce) || !isText(signature)) {
    throw new MachineRefusal('BadHeaders');
  }
  if (!/^\d{1,12}$/.test(timestamp) || nonce.length > LONGEST_NONCE) throw new MachineRefusal('BadHeaders');
  if (Math.abs(Number(timestamp) * 1000 - now) > TIMESTAMP_TOLERANCE * 1000) {
    throw new MachineRefusal('BadTimestamp');
  }
  if (request.target.includes('?')) throw new MachineRefusal('QueryString');
  return { machineId, timestamp, nonce, signature };
}

/** The body as a JSON object; an empty body is an empty object. Throws MachineRefusal `BadBody`. */
export function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new MachineRefusal('BadBody');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MachineRefusal('BadBody');
  return value as Record<string, unknown>;
}

function isText(header: string | string[] | undefined): header is string {
  return typeof header === 'string' && header !== '';
}
