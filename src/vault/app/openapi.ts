/**
 * V2: one OpenAPI 3.1 document out of the schemas of all planes.
 *
 * Decides V2: what the document says.
 */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Env } from 'hono';
import type { ZodType } from 'zod';
import { stepAction } from '#protocol/step-schemas.ts';
import { problem } from '../http/answer-schemas.ts';
import { machineDocument } from '../machine-api/document.ts';

type Operations = Record<
  string,
  { security?: object[]; parameters?: object[]; responses?: Record<string, object>; 'x-requires'?: object[] }
>;

/** The document of the server with these apps. Paths are sorted, so that it changes only when a route does. */
export function openApiDocument<E extends Env>(
  apps: readonly Pick<OpenAPIHono<E>, 'getOpenAPI31Document'>[],
): object {
  const paths: Record<string, Operations> = {};
  const components: Record<string, Record<string, unknown>> = {};
  for (const app of [machineDocument(), ...apps]) {
    const part = app.getOpenAPI31Document({ openapi: '3.1.0', info: INFO });
    for (const [path, operations] of Object.entries(part.paths ?? {})) {
      const known = paths[path];
      paths[path] =
        known === undefined ? (operations as Operations) : merged(known, operations as Operations);
    }
    for (const [kind, named] of Object.entries(part.components ?? {})) {
      components[kind] = { ...components[kind], ...(named as Record<string, unknown>) };
    }
  }
  const sorted = Object.fromEntries(
    Object.entries(paths)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, operations]) => [path, withWriteHeaders(path, operations)]),
  );
  const step = schemaOf('StepAction', stepAction);
  return {
    openapi: '3.1.0',
    info: INFO,
    paths: referring(sorted, JSON.stringify(step), '#/components/schemas/StepAction'),
    components: {
      ...components,
      schemas: { ...components.schemas, Problem: schemaOf('Problem', problem), StepAction: step },
      parameters: { ...components.parameters, ...WRITE_HEADERS, ...PROVENANCE_HEADER },
    },
  };
}

/** One schema as the generator prints it. */
function schemaOf(name: string, schema: ZodType): unknown {
  const holder = new OpenAPIHono();
  holder.openAPIRegistry.register(name, schema);
  return holder.getOpenAPI31Document({ openapi: '3.1.0', info: INFO }).components?.schemas?.[name];
}

/**
 * The value with each copy of a schema replaced by a reference. The generator refers only to schemas that
 * it made itself, and those of the protocol know nothing of it; without this the steps stand there six times.
 */
function referring(value: unknown, schema: string, $ref: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => referring(item, schema, $ref));
  if (JSON.stringify(value) === schema) return { $ref };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, referring(item, schema, $ref)]));
}

const INFO = {
  title: 'Seneschal vault server',
  version: 'v1',
  description: 'The machine plane under /v1, the management plane of people and automation under /api/v1.',
};

/** V1: what every write takes; one place answers them, so one place documents them. */
const WRITE_HEADERS = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    description: 'A repeat of the same request within 24 hours changes nothing and is answered the same.',
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    schema: { type: 'string', maxLength: 1024 },
    description: 'ETag of the organization that the request was decided on; where it has changed, 412.',
  },
};

/** A4: what automation says of where its acts come from; signed with the request. */
const PROVENANCE_HEADER = {
  Provenance: {
    name: 'Provenance',
    in: 'header',
    required: false,
    schema: { type: 'string', maxLength: 8192 },
    description:
      'JSON in ASCII with any of commit, path, author, changeUrl, fieldManager, changedAt: stands in the audit entries of the request.',
  },
};

function withWriteHeaders(path: string, operations: Operations): Operations {
  const refs = (headers: object) =>
    Object.keys(headers).map((name) => ({ $ref: `#/components/parameters/${name}` }));
  return Object.fromEntries(
    Object.entries(operations).map(([method, operation]) => {
      const by = (way: string) => method !== 'get' && operation.security?.some((one) => way in one) === true;
      // The one request of automation with a body that changes nothing (V9).
      const isRead = path.endsWith('/sync');
      const headers = [
        ...(by('session') || (by('automation') && !isRead) ? refs(WRITE_HEADERS) : []),
        ...(by('automation') ? refs(PROVENANCE_HEADER) : []),
      ];
      const parameters = [...(operation.parameters ?? []), ...headers];
      return [method, headers.length === 0 ? operation : { ...operation, parameters }];
    }),
  );
}

/** What people and automation both may do stands once, with the ways to prove who asks. */
function merged(known: Operations, more: Operations): Operations {
  const all = { ...more, ...known };
  for (const [method, other] of Object.entries(more)) {
    const mine = known[method];
    if (mine === undefined) continue;
    all[method] = {
      ...mine,
      security: [...(mine.security ?? []), ...(other.security ?? [])],
      responses: { ...other.responses, ...mine.responses },
      'x-requires': [...(mine['x-requires'] ?? []), ...(other['x-requires'] ?? [])],
    };
  }
  return all;
}
