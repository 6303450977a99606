/** One operation of the OpenAPI document out of the declaration that its route was laid down by. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

/** What an app has of its routes; as the document needs it. */
type Definitions = OpenAPIHono['openAPIRegistry']['definitions'];
export type Route = Extract<Definitions[number], { type: 'route' }>['route'];

export interface OperationObject {
  readonly security?: readonly object[];
  readonly parameters?: readonly object[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
  readonly 'x-requires'?: readonly object[];
}

type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

/** @throws Error where a schema of it cannot be said in JSON Schema */
export function operationOf(route: Route): OperationObject {
  const { method: _method, path: _path, request = {}, responses, parameters = [], ...rest } = route;
  const all = [
    ...parameters,
    ...parametersIn('path', request.params),
    ...parametersIn('query', request.query),
  ];
  const { body } = request;
  return {
    ...rest,
    ...(all.length === 0 ? {} : { parameters: all }),
    ...(body === undefined
      ? {}
      : { requestBody: { ...body, content: contentOf(body.content as Content, 'request') } }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [status, responseOf(response)]),
    ),
  };
}

function responseOf(response: object): object {
  if (!('content' in response) || response.content === undefined) return response;
  return { ...response, content: contentOf(response.content as Content, 'answer') };
}

/** Schemas that are JSON Schema already, like references, stay as they are. */
function contentOf(content: Content, of: 'request' | 'answer'): Record<string, { schema: unknown }> {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema }]) => [
      type,
      { schema: schema instanceof z.ZodType ? jsonSchemaOf(schema, of) : schema },
    ]),
  );
}

/** What is sent as text stands in the document as what it is read as: a number where it is digits. */
function parametersIn(place: 'path' | 'query', schema: unknown): object[] {
  if (!(schema instanceof z.ZodType)) return [];
  const { required = [] } = jsonSchemaOf(schema, 'request') as { required?: readonly string[] };
  const { properties = {} } = jsonSchemaOf(schema, 'answer') as {
    properties?: Readonly<Record<string, JsonSchema>>;
  };
  return Object.entries(properties).map(([name, { description, ...one }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: one,
  }));
}
