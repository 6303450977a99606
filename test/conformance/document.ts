/** The OpenAPI document as it is checked in (and served: `app/routes.test.ts`), its operations found by a request. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A schema of JSON Schema 2020-12. */
export type Schema = Readonly<Record<string, unknown>>;
type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Answer {
  readonly content?: Content;
}

export interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
  };
}

export function checkedInDocument(): Document {
  const file = join(import.meta.dirname, '../../docs/openapi.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Document;
}

export interface Found {
  /** `POST /api/v1/...` as the document has it. */
  readonly name: string;
  readonly operation: Operation;
  /** Of the path, by name, decoded. */
  readonly path: Readonly<Record<string, string>>;
}

/** Operations by method and path; a path without parameters goes before one that has them. */
export class Operations {
  readonly #paths: readonly { readonly path: string; readonly names: string[]; readonly pattern: RegExp }[];
  readonly #document: Document;

  constructor(document: Document) {
    this.#document = document;
    this.#paths = Object.keys(document.paths)
      .map((path) => {
        const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
        const pattern = path.replace(/[.+*?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '([^/]+)');
        return { path, names, pattern: new RegExp(`^${pattern}$`) };
      })
      .sort((a, b) => a.names.length - b.names.length);
  }

  /** The operation of a request, HEAD as GET; null where the document has none. */
  find(method: string, target: string): Found | null {
    const asked = target.split('?', 1)[0] ?? '';
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    for (const { path, names, pattern } of this.#paths) {
      const values = pattern.exec(asked)?.slice(1);
      const operation = this.#document.paths[path]?.[verb];
      if (values === undefined || operation === undefined) continue;
      const decoded = names.map((name, at) => [name, decodedPart(values[at] ?? '')] as const);
      return { name: `${verb.toUpperCase()} ${path}`, operation, path: Object.fromEntries(decoded) };
    }
    return null;
  }
}

function decodedPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
