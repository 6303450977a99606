/** Requests to every route of the OpenAPI document, as values that print and shrink; and their bytes. */
import fc from 'fast-check';
import type { Actor, World } from '../authorization/world.ts';
import { apply, type Bend, bends, type Parts } from './bends.ts';
import { type Known, type Schema, SchemaValues } from './schema-values.ts';

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

export interface Request {
  /** `POST /api/v1/...` as the document has it. */
  readonly route: string;
  readonly actor: string;
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly bends: readonly Bend[];
  /** Last part of the address that it seems to come from. */
  readonly source: number;
}

/** In place of what a vault has of it, by the name of a field or parameter. */
const KNOWN: Known = {
  vaultId: [...Array<string>(12).fill('@vaultId'), 'vault_0123456789abcdef'],
  email: ['@member', '@owner', 'nobody@acme.example'],
  name: ['@machine', 'secret', 'all', 'Inside'],
  project: ['Inside', 'Outside', 'Main', 'Nowhere'],
  projectId: ['@projectId'],
  secret: ['secret', '@secretId'],
  watch: [['@secretId']],
  id: ['@secretId'],
  token: ['@bootstrapToken', '@enrollmentToken', 'none'],
  tokenId: ['none'],
  inviteId: ['none'],
  cell: ['Secrets: View'],
  template: ['all', null],
  fence: ['@fence'],
  machineId: ['@machineId'],
  publicKey: ['@publicKey'],
  password: ['@password', '@wrongPassword'],
  value: ['@sentValue'],
  after: ['0'],
  since: ['0'],
  wait: ['0'],
  key: ['@member', 'Inside', 'secret', 'Inside/secret', '@machine', '@vaultId'],
};

export function requests(document: Document, actors: readonly string[]): fc.Arbitrary<Request> {
  const values = new SchemaValues(document.components.schemas, KNOWN);
  const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
  return fc.oneof(
    ...operations.map(({ route, operation }) => ({
      weight: hashesPasswords(operation) || ENDS.includes(route) ? 1 : 30,
      arbitrary: requestTo(route, operation, values, actors),
    })),
  );
}

const ABLE = ['owner', 'admin', 'machine', 'automation with every ability'];

/** After these an actor of the run can do nothing any more. */
const ENDS = ['DELETE /api/v1/sessions/current', 'POST /api/v1/vaults/{vaultId}/leave'];

/** What takes a tenth of a second by design would be most of the run. */
function hashesPasswords({ requestBody }: Operation): boolean {
  return JSON.stringify(requestBody ?? {}).includes('assword');
}

function requestTo(
  route: string,
  { security = [], parameters = [], requestBody }: Operation,
  values: SchemaValues,
  actors: readonly string[],
): fc.Arbitrary<Request> {
  const of = (place: string): fc.Arbitrary<Record<string, unknown>> =>
    fc.record(
      Object.fromEntries(
        parameters
          .filter((parameter) => parameter.in === place)
          .map(({ name, schema }) => [name, values.of(schema, name)]),
      ),
      place === 'query' ? { requiredKeys: [] } : {},
    );
  const schema = Object.values(requestBody?.content ?? {})[0]?.schema;
  const ways = security.flatMap((one) => Object.keys(one));
  const fitting = actors.filter((actor) => ways.some((way) => isOf(actor, way)));
  // Who is refused for who they are gets no further than that.
  const able = fitting.filter((actor) => ABLE.includes(actor));
  return fc.record({
    route: fc.constant(route),
    actor: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(...actors) },
      { weight: 3, arbitrary: fc.constantFrom(...(fitting.length > 0 ? fitting : actors)) },
      { weight: 10, arbitrary: fc.constantFrom(...(able.length > 0 ? able : actors)) },
    ),
    path: of('path'),
    query: of('query'),
    body: schema === undefined ? fc.constant(undefined) : values.of(schema),
    bends,
    source: fc.integer({ min: 1, max: 250 }),
  });
}

function isOf(actor: string, way: string): boolean {
  if (way === 'session') return !actor.startsWith('machine') && !actor.startsWith('automation');
  return actor.startsWith(way);
}

/** What stands for the names with `@` in this vault. */
export type Things = Readonly<Record<string, unknown>>;

export interface Composed {
  readonly method: string;
  readonly target: string;
  readonly bytes: Uint8Array;
}

export function composed(request: Request, actor: Actor, things: Things): Composed {
  const [method = '', path = ''] = request.route.split(' ');
  const filled = (value: unknown): unknown => filledIn(value, things);
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(wellFormed(String(filled(request.path[name])))),
  );
  const query = Object.entries(request.query).map(
    ([name, value]) => `${name}=${encodeURIComponent(wellFormed(String(filled(value))))}`,
  );
  const parts: Parts = {
    method,
    target: query.length === 0 ? target : `${target}?${query.join('&')}`,
    headers: [['content-type', 'application/json']],
    body: filled(request.body),
    raw: null,
    isSigned: true,
  };
  for (const change of request.bends) apply(parts, change);
  return { method: parts.method, target: parts.target, bytes: bytesOf(parts, actor, request.source) };
}

function bytesOf(parts: Parts, actor: Actor, source: number): Uint8Array {
  const { method, target, headers, isSigned } = parts;
  const body = parts.raw ?? Buffer.from(parts.body === undefined ? '' : (JSON.stringify(parts.body) ?? ''));
  // A target is bytes; the server sees each as the character of that number.
  const proof = isSigned ? Object.entries(actor.headers({ method, target, body })) : [];
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: localhost',
    'connection: close',
    `x-forwarded-for: 10.0.0.${source}`,
    ...[...headers, ...proof].map(([name, value]) => `${name}: ${value}`),
    ...(body.length > 0 || method !== 'GET' ? [`content-length: ${body.length}`] : []),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

/** A copy, because bends change it. */
function filledIn(value: unknown, things: Things): unknown {
  if (typeof value === 'string') return value.startsWith('@') ? (things[value.slice(1)] ?? value) : value;
  if (Array.isArray(value)) return value.map((one) => filledIn(one, things));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, things)]));
}

/** What cannot be percent-encoded is replaced; a lone surrogate still comes in bodies. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** The things of a world by their names. */
export async function thingsOf(world: World, canary: (name: string) => string): Promise<Things> {
  const { vault } = world;
  const owner = world.actor('owner');
  const [machine, member] = await Promise.all([
    vault.context.reader.selectFrom('machines').select(['id', 'name']).executeTakeFirstOrThrow(),
    vault.context.reader
      .selectFrom('members')
      .select('email')
      .where('role', '=', 'Member')
      .executeTakeFirstOrThrow(),
  ]);
  const project = await vault.context.reader
    .selectFrom('projects')
    .select('id')
    .where('name', '=', 'Inside')
    .executeTakeFirstOrThrow();
  const token = async (path: string, body: object): Promise<unknown> =>
    ((await owner.ask('POST', world.at(path), body)).body as { token: string }).token;
  return {
    vaultId: world.vaultId,
    owner: vault.owner.email,
    member: member.email,
    machine: machine.name,
    machineId: machine.id,
    projectId: project.id,
    secretId: world.secretIds.Inside,
    fence: await world.fence(),
    publicKey: Buffer.alloc(32, 9).toString('base64'),
    password: canary('password'),
    wrongPassword: canary('wrong password'),
    sentValue: canary('sent value'),
    bootstrapToken: await token('/bootstrap-tokens', {}),
    enrollmentToken: await token('/enrollment-tokens', {
      name: 'runners',
      access: [{ project: 'Inside', secrets: ['secret'] }],
      lifeSeconds: 3600,
      machineLifeSeconds: 3600,
      maxUses: 3,
    }),
  };
}
