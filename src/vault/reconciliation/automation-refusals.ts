/** The statuses by which a route of automation refuses, as the OpenAPI document lists them (RFC 9457, V2, V7). */

const MEANING = {
  400: 'The request is not as its schema wants it, a header of it is not, or its body did not come to its end.',
  401: 'The request is not signed by an identity of this vault whose delegation and key hold.',
  403: 'The delegation does not allow it: its abilities, bounds or addresses.',
  404: 'The vault is gone.',
  409: 'It does not fit what there is: the lease is another’s, or a loss is not covered.',
  412: 'If-Match names another state than the present one.',
  413: 'The body is too large.',
  422: 'What is asked for cannot be done, or another request came under that Idempotency-Key.',
  423: 'The vault is frozen (rail 12).',
  429: 'There are too many requests of this identity, or too many that failed; Retry-After says when the next may come.',
  500: 'The server failed.',
  503: 'The vault server has no root key.',
} as const;

export type AutomationRefusal = keyof typeof MEANING;

/** What is refused before a route is asked, whichever it is. */
const EVERY: readonly AutomationRefusal[] = [400, 401, 403, 404, 413, 422, 429, 500];
/** V1, of what changes something: under an Idempotency-Key, and by If-Match. */
const WRITING: readonly AutomationRefusal[] = [412];

/** The entries of the document for a route that refuses by `more` beside. */
export function automationRefusals(
  { writes }: { readonly writes: boolean },
  more: readonly AutomationRefusal[],
): Record<string, object> {
  const statuses = new Set([...EVERY, ...(writes ? WRITING : []), ...more]);
  return Object.fromEntries(
    [...statuses].map((status) => [
      status,
      {
        description: MEANING[status],
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}
