/** Requests and answers held against the document; what is wrong is said by its place and never by its value. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Document, Found, Parameter, Schema } from './document.ts';

/** No violation of OpenAPI, but nothing that a test sends unknowingly. */
export const BESIDE_DOCUMENT = 'the query has what the document has not:';

export interface SentRequest {
  /** With the query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface SentAnswer {
  readonly status: number;
  readonly contentType: string | null;
  /** Null: the answer to HEAD. */
  readonly body: string | null;
}

/** Compiled when they are first needed: the document has more than a run of one file uses. */
export class Validators {
  readonly #document: Document;
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #bodies = ajv(false);
  /** What stands in a target or a header is text, whatever its schema says. */
  readonly #parameters = ajv('array');

  constructor(document: Document) {
    this.#document = document;
  }

  /** What the document does not allow of a request. */
  faultsOfRequest(found: Found, { target, headers, body }: SentRequest): string[] {
    const query = new URLSearchParams(target.split('#', 1)[0]?.split('?').slice(1).join('?'));
    const sent: Record<string, Readonly<Record<string, unknown>>> = {
      path: found.path,
      query: Object.fromEntries([...query.keys()].map((name) => [name, single(query.getAll(name))])),
      header: headers,
    };
    const places = Object.entries(sent).flatMap(([place, values]) =>
      this.faultsOfParameters(found, place, values),
    );
    return [...places, ...this.#faultsOfText(found, headers['content-type'], body)];
  }

  /** What the document does not say of an answer. */
  faultsOfAnswer({ name, operation }: Found, { status, contentType, body }: SentAnswer): string[] {
    const { responses } = operation;
    const listed = responses[status] ?? (status >= 400 ? responses.default : undefined);
    if (listed === undefined) return ['the status is not listed'];
    if (body === null) return [];
    const { content } = listed;
    if (content === undefined) return body === '' ? [] : ['the answer has a body, and the document has none'];
    const type = mediaType(contentType);
    const schema = content[type]?.schema;
    if (schema === undefined) return [`the answer is ${type || 'of no type'}, which is not listed`];
    const value = type === 'application/json' || type.endsWith('+json') ? parsed(body) : { value: body };
    if (value === null) return ['the answer is not JSON'];
    const key = `${name} ${responses[status] === undefined ? 'default' : status} ${type}`;
    return this.#faults(this.#bodies, key, () => closed(schema), value.value, 'answer');
  }

  /** Whether the body alone is one that the document allows. */
  faultsOfBody(found: Found, body: unknown): string[] {
    const schema = Object.values(found.operation.requestBody?.content ?? {})[0]?.schema;
    if (schema === undefined) return ['the request takes no body'];
    return this.#faults(this.#bodies, `${found.name} body`, () => schema, body, 'request body');
  }

  /** Of `path`, `query` or `header`. */
  faultsOfParameters(found: Found, place: string, values: Readonly<Record<string, unknown>>): string[] {
    const parameters = this.#parametersIn(found, place);
    if (place === 'query') {
      const unknown = Object.keys(values).filter((one) => !parameters.some(({ name }) => name === one));
      if (unknown.length > 0) return [`${BESIDE_DOCUMENT} ${unknown.join(', ')}`];
    }
    if (parameters.length === 0) return [];
    const named = (name: string): string => (place === 'header' ? name.toLowerCase() : name);
    const schema = (): Schema => ({
      type: 'object',
      properties: Object.fromEntries(parameters.map((one) => [named(one.name), one.schema])),
      required: parameters.filter(({ required }) => required === true).map(({ name }) => named(name)),
    });
    // A copy, because coercion writes into what it is given.
    return this.#faults(this.#parameters, `${found.name} ${place}`, schema, { ...values }, place);
  }

  #parametersIn({ operation: { parameters = [] } }: Found, place: string): Parameter[] {
    const named = this.#document.components.parameters;
    return parameters
      .map((one) => ('$ref' in one ? named[one.$ref.split('/').pop() ?? ''] : one))
      .filter((one) => one !== undefined && one.in === place) as Parameter[];
  }

  #faultsOfText(found: Found, type: string | string[] | undefined, body: string): string[] {
    const { requestBody } = found.operation;
    if (requestBody === undefined) return [];
    if (body === '') return requestBody.required === true ? ['the request has no body'] : [];
    // Signed planes do not look at the type: where none is said, it is the one there is.
    if (type !== undefined && requestBody.content[mediaType(String(type))] === undefined) {
      return ['the request is of a type that is not listed'];
    }
    const value = parsed(body);
    return value === null ? ['the request is not JSON'] : this.faultsOfBody(found, value.value);
  }

  #faults(of: Ajv2020, key: string, schema: () => Schema, value: unknown, what: string): string[] {
    let validate = this.#compiled.get(key);
    if (validate === undefined) {
      validate = of.compile({ ...schema(), components: { schemas: this.#document.components.schemas } });
      this.#compiled.set(key, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []).slice(0, 5).map((error) => said(what, error));
  }
}

function ajv(coerceTypes: false | 'array'): Ajv2020 {
  const made = new Ajv2020({ strict: false, coerceTypes, unicodeRegExp: true });
  addFormats.default(made);
  return made;
}

function said(what: string, { instancePath, message, params }: ErrorObject): string {
  const more = 'additionalProperty' in params ? `: ${params.additionalProperty}` : '';
  return `${what}${instancePath === '' ? '' : ` at ${instancePath}`} ${message}${more}`;
}

/** Objects that do not say what else they may have may have nothing else. */
function closed(schema: Schema): Schema {
  const inner = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(inner);
    return closed(value as Schema);
  };
  const all = Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === 'properties'
        ? [key, Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, inner(one)]))]
        : [key, key === 'enum' || key === 'example' || key === 'default' ? value : inner(value)],
    ),
  );
  return schema.properties !== undefined && schema.additionalProperties === undefined
    ? { ...all, additionalProperties: false }
    : all;
}

function mediaType(header: string | null): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

function single(values: readonly string[]): unknown {
  return values.length === 1 ? values[0] : values;
}
