/**
 * V2: one OpenAPI 3.1 document out of the schemas of all planes.
 *
 * Decides V2: what the document says.
 */
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Env } from 'hono';
import { problem } from '../http/answer-schemas.ts';
import { machineDocument } from '../machine-api/document.ts';
import { jsonSchemaOf, NAMED } from './json-schema.ts';
import { type OperationObject, operationOf } from './operation.ts';

type Operations = Readonly<Record<string, OperationObject>>;

/** The document of the server with these apps. Paths are sorted, so that it changes only when a route does. */
export function openApiDocument<E extends Env>(
  apps: readonly Pick<OpenAPIHono<E>, 'openAPIRegistry'>[],
): object {
  const paths: Record<string, Operations> = {};
  const components: Record<string, Record<string, unknown>> = {};
  for (const { openAPIRegistry } of [machineDocument(), ...apps]) {
    for (const definition of openAPIRegistry.definitions) {
      if (definition.type === 'route') {
        const { method, path } = definition.route;
        paths[path] = merged(paths[path] ?? {}, { [method]: operationOf(definition.route) });
      } else if (definition.type === 'component') {
        const { componentType, name, component } = definition;
        components[componentType] = { ...components[componentType], [name]: component };
      }
    }
  }
  const sorted = Object.fromEntries(
    Object.entries(paths)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, operations]) => [path, withWriteHeaders(path, inOrder(operations))]),
  );
  const schemas = {
    Problem: jsonSchemaOf(problem, 'answer'),
    ...Object.fromEntries([...NAMED].map(([schema, name]) => [name, jsonSchemaOf(schema, 'request')])),
  };
  return {
    openapi: '3.1.0',
    info: INFO,
    paths: sorted,
    components: { ...components, schemas, parameters: { ...WRITE_HEADERS, ...PROVENANCE_HEADER } },
  };
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

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

function inOrder(operations: Operations): Operations {
  const place = ([method]: readonly [string, unknown]): number => METHODS.indexOf(method);
  return Object.fromEntries(Object.entries(operations).sort((a, b) => place(a) - place(b)));
}

/** What people and automation both may do stands once, with the ways to prove who asks. */
function merged(known: Operations, more: Operations): Operations {
  const all: Record<string, OperationObject> = { ...known, ...more };
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
