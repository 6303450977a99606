/** The statuses by which a route of people refuses, as the OpenAPI document lists them (RFC 9457, V2, V7). */
import { OPERATIONS, type Operation, type Requirement } from '../authorization/authorization.ts';

const MEANING = {
  400: 'The request is not as its schema wants it, or the body is not JSON.',
  401: 'There is no session of that token, or the proof of who asks is wrong.',
  403: 'Who asks may not do this, or has to prove anew who they are.',
  404: 'There is no such thing here.',
  409: 'It does not fit what there is; a repeat under an Idempotency-Key that is in use is refused so too.',
  411: 'A body comes with its Content-Length.',
  412: 'If-Match names another state than the present one.',
  413: 'The body is too large.',
  415: 'A body is JSON.',
  422: 'What is asked for cannot be done, or another request came under that Idempotency-Key.',
  423: 'The tier of the organization lapsed: access can only be taken away (P4).',
  429: 'There are too many requests of this identity or this source; Retry-After says when the next may come.',
  500: 'The server failed.',
  503: 'What this needs is not there: the root key, or a mail server.',
} as const;

export type RefusalStatus = keyof typeof MEANING;

/** What of a route's declaration says by which statuses it refuses. */
interface Refusing {
  readonly method: string;
  readonly path: string;
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  readonly proof?: true;
  /** Those that the acts of the route throw. */
  readonly refuses?: readonly RefusalStatus[];
}

/** What a route refuses by all that it declares, and what it says beside; `operations` are those in a vault. */
export function refusalsOf(
  { method, path, params, query, body, proof, refuses = [] }: Refusing,
  isSignedIn: boolean,
  operations: readonly Operation[],
): ReadonlySet<RefusalStatus> {
  const isInVault = operations.length > 0;
  const isWrite = method !== 'get';
  const requirements = operations.map((operation): Requirement => OPERATIONS[operation]);
  // The length of a body is looked at before the route, whether or not it takes one (V7).
  const statuses = new Set<RefusalStatus>([411, 413, 500, ...refuses]);
  const when = (holds: boolean, ...more: readonly RefusalStatus[]) => {
    if (holds) for (const status of more) statuses.add(status);
  };
  when(isSignedIn, 401, 429);
  when(isInVault || proof === true, 403);
  when(isInVault || path.includes('{vaultId}') || params !== undefined || query !== undefined, 400);
  when(body !== undefined, 400, 415);
  // Under an Idempotency-Key, and by If-Match (V1): of an open route too, where it is asked with a session.
  when(isWrite, 400, 409, 412, 422, 429);
  // The vault may be deleted between the check and the lock.
  when(isWrite && isInVault, 404);
  when(
    requirements.some(({ organization }) => organization === true),
    409,
  );
  when(isWrite && requirements.some(({ takesAway }) => takesAway !== true), 423);
  return statuses;
}

/** Where the document says what a refusal is (app/openapi.ts puts it there). */
const problem = { $ref: '#/components/schemas/Problem' };

interface Entry {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: { readonly $ref: string } } };
}

/** The entries of the document, each a problem document. */
export function refusalEntries(statuses: ReadonlySet<RefusalStatus>): Record<string, Entry> {
  const entryOf = (status: RefusalStatus): Entry => ({
    description: MEANING[status],
    content: { 'application/problem+json': { schema: problem } },
  });
  return Object.fromEntries([...statuses].sort((a, b) => a - b).map((status) => [status, entryOf(status)]));
}
