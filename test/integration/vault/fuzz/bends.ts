/** What is done to a request before it is sent, so that it is not the one that the schema allows. */
import fc from 'fast-check';

/** A request before it is bytes; `body` undefined: none. */
export interface Parts {
  method: string;
  target: string;
  headers: (readonly [name: string, value: string])[];
  body: unknown;
  /** In place of the JSON of the body. */
  raw: Uint8Array | null;
  /** By who asks; done last, or the signature is over something else. */
  isSigned: boolean;
}

export type Bend =
  | { readonly put: unknown; readonly at: number }
  | { readonly drop: number }
  | { readonly add: string; readonly at: number }
  | { readonly raw: string }
  | { readonly header: readonly [string, string] }
  | { readonly method: string }
  | { readonly inTarget: string; readonly at: number }
  | { readonly query: string }
  | { readonly unsigned: true };

/** Of that many characters, without the value being that long where it is printed. */
const HUGE = '@huge';
const DEEP = '@deep';

const weird = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, 0, -1, 1.5, 1e308, 2 ** 53, -(2 ** 63), '', ' ', [], {}, [[]], HUGE, DEEP],
    ...['\0', 'a\0b', '\u0007', '\u001b[31m', '\ud800', '\udfff\ud800', '\u202e', 'ﬁ', '𝒳', 'é'],
    ...['__proto__', 'constructor', '../../etc', "' or 1=1 --", '{{7*7}}', '%00', '\r\nx: y', 'NaN'],
  ),
  fc.jsonValue({ maxDepth: 3, noUnicodeString: false }),
);

const rawBodies = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '{',
      '}',
      'null',
      '"x"',
      '[]',
      '{"a":',
      '{"a":1,"a":2}',
      '\ufeff{}',
      '{"__proto__":{"x":1}}',
    ],
    ...['NaN', '{}{}', '\0', '\xff\xfe', '{"a":"\xc3\x28"}', '1e999', HUGE, DEEP, '<xml/>', 'a=b&c=d'],
  ),
  fc.string({ maxLength: 20 }),
);

const headers = fc.constantFrom<readonly [string, string]>(
  ['authorization', 'Bearer x'],
  ['authorization', 'Basic eDp5'],
  ['authorization', `Bearer ses_${'a'.repeat(43)}`],
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'multipart/form-data; boundary=x'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', ''],
  ['content-encoding', 'gzip'],
  ['host', 'localhost'],
  ['host', 'a b'],
  ['x-automation-id', ''],
  ['x-automation-id', 'auto_x'],
  ['x-automation-id', '\xff'],
  ['x-machine-id', '00000000-0000-0000-0000-000000000000'],
  ['x-timestamp', '-1'],
  ['x-timestamp', '99999999999999999999'],
  ['x-nonce', 'n'],
  ['x-nonce', 'n'.repeat(200)],
  ['x-signature', 'AAAA'],
  ['x-forwarded-for', '10.0.0.1, , x'],
  ['x-forwarded-proto', 'https'],
  ['if-none-match', '"x"'],
  ['if-match', '*'],
  ['if-match', '"\xff"'],
  ['idempotency-key', 'k'],
  ['idempotency-key', 'k'.repeat(5000)],
  ['provenance', '{'],
  ['accept', 'text/html'],
  ['expect', '100-continue'],
  ['range', 'bytes=0-1'],
  ['connection', 'upgrade'],
  ['x-long', 'x'.repeat(9000)],
);

const inBody = [
  { weight: 8, arbitrary: fc.record({ put: weird, at: fc.nat(40) }) },
  { weight: 3, arbitrary: fc.record({ drop: fc.nat(40) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      add: fc.constantFrom('x', '__proto__', 'constructor', 'toString', 'role', 'vaultId', '\0', ''),
      at: fc.nat(10),
    }),
  },
];

/** Of a body alone; none for half of them. */
export const bodyBends: fc.Arbitrary<readonly Bend[]> = fc.array(fc.oneof(...inBody), { maxLength: 1 });

const bend: fc.Arbitrary<Bend> = fc.oneof(
  ...inBody,
  { weight: 3, arbitrary: fc.record({ raw: rawBodies }) },
  { weight: 3, arbitrary: fc.record({ header: headers }) },
  {
    weight: 2,
    arbitrary: fc.record({
      method: fc.constantFrom(
        'GET',
        'POST',
        'PUT',
        'DELETE',
        'PATCH',
        'HEAD',
        'OPTIONS',
        'TRACE',
        'PROPFIND',
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      inTarget: fc.constantFrom(
        '%',
        '%zz',
        '%00',
        '%ff',
        '%c3%28',
        '%2f',
        '%2e%2e/',
        '//',
        '/',
        '#',
        '\xe9',
        '%0d%0a',
      ),
      at: fc.nat(120),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      query: fc.constantFrom(
        '?',
        '?a=b',
        '?limit=1e9',
        '?after=-1',
        '?limit=%00',
        '?since=99999999999999',
        '?a&a=%',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ unsigned: true } as const) },
);

/** None for two requests of five. */
export const bends: fc.Arbitrary<readonly Bend[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 3, arbitrary: fc.array(bend, { minLength: 1, maxLength: 2 }) },
);

/** Changes the parts as the bend says. */
export function apply(parts: Parts, change: Bend): void {
  // A copy: what one request puts into it, another would find there.
  if ('put' in change) parts.body = replaced(parts.body, change.at, structuredClone(spelledOut(change.put)));
  else if ('drop' in change) parts.body = without(parts.body, change.drop);
  else if ('add' in change) parts.body = added(parts.body, change.add, change.at);
  else if ('raw' in change) parts.raw = Buffer.from(String(spelledOut(change.raw)), 'latin1');
  else if ('header' in change) parts.headers.push(change.header);
  else if ('method' in change) parts.method = change.method;
  else if ('inTarget' in change) {
    const at = Math.min(change.at, parts.target.length);
    parts.target = `${parts.target.slice(0, at) || '/'}${change.inTarget}${parts.target.slice(at)}`;
  } else if ('query' in change) parts.target += change.query;
  else parts.isSigned = false;
}

function spelledOut(value: unknown): unknown {
  if (value === HUGE) return 'h'.repeat(200_000);
  if (value === DEEP) return '['.repeat(20_000);
  return value;
}

/** The values within, the outermost first, each with how to put another in its place. */
function places(
  body: unknown,
): { readonly put: (value: unknown) => unknown; readonly holder: object | null }[] {
  const found: { put: (value: unknown) => unknown; holder: object | null }[] = [
    { put: (value) => value, holder: typeof body === 'object' ? body : null },
  ];
  const walk = (holder: Record<string, unknown>): void => {
    for (const [key, value] of Object.entries(holder)) {
      found.push({
        put: (other) => {
          holder[key] = other;
          return body;
        },
        holder: typeof value === 'object' ? value : null,
      });
      if (typeof value === 'object' && value !== null) walk(value as Record<string, unknown>);
    }
  };
  if (typeof body === 'object' && body !== null) walk(body as Record<string, unknown>);
  return found;
}

function replaced(body: unknown, at: number, value: unknown): unknown {
  const all = places(body);
  return all[at % all.length]?.put(value);
}

function without(body: unknown, at: number): unknown {
  const all = places(body);
  return all[at % all.length]?.put(undefined);
}

function added(body: unknown, key: string, at: number): unknown {
  const holders = places(body).flatMap(({ holder }) => (holder === null ? [] : [holder]));
  const holder = holders[at % Math.max(holders.length, 1)];
  if (holder !== undefined) {
    Object.defineProperty(holder, key, { value: 1, enumerable: true, writable: true, configurable: true });
  }
  return body;
}
