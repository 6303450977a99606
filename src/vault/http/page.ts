/**
 * Lists of people, a page at a time. A cursor says after which row the next page begins, by what the list is sorted
 * by; who asks with it is asked for the same access as without.
 *
 * Decides V7: how long a page may be.
 */
import { z } from '@hono/zod-openapi';
import { type RawBuilder, sql } from 'kysely';
import { DomainError } from '../common/domain-error.ts';

const MOST = 500;

/** The query of a list. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST).default(100),
  cursor: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .openapi({ description: 'The `next` of the page before; left out, the list from its beginning.' }),
});

export type PageQuery = z.output<typeof pageQuery>;

/** Beside the rows of a page. */
export const next = z
  .string()
  .nullable()
  .openapi({ description: 'The cursor of the next page; null at the end.' });

export interface Page<Keys> {
  /** What the last row of the page before was sorted by; null: from the beginning. */
  readonly after: Keys | null;
  readonly limit: number;
}

export interface Paged<Row> {
  readonly rows: Row[];
  readonly next: string | null;
}

/** A list by its name and what its rows are sorted by. */
export class PagedList<Keys extends readonly (string | number)[]> {
  readonly #name: string;
  readonly #keys: z.ZodType<Keys>;

  constructor(name: string, keys: z.ZodType<Keys>) {
    this.#name = name;
    this.#keys = keys;
  }

  /** Throws DomainError 400 `BadCursor`: that is none, or one of another list. */
  page({ cursor, limit }: PageQuery): Page<Keys> {
    return { after: cursor === undefined ? null : this.#read(cursor), limit };
  }

  /** What the page answers of rows of which one more was asked for than it holds. */
  paged<Row>(found: readonly Row[], limit: number, keysOf: (row: Row) => Keys): Paged<Row> {
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return { rows, next: found.length > limit && last !== undefined ? this.cursor(keysOf(last)) : null };
  }

  cursor(keys: Keys): string {
    return Buffer.from(JSON.stringify([this.#name, ...keys])).toString('base64url');
  }

  #read(cursor: string): Keys {
    try {
      const [name, ...keys] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
      if (name === this.#name) return this.#keys.parse(keys);
    } catch {
      // Whatever is wrong with it: none of this list.
    }
    throw new DomainError({
      code: 'BadCursor',
      status: 400,
      detail: 'cursor: is none that this list answered.',
      next: 'Send `next` of the page before as it is, or leave the cursor out.',
    });
  }
}

/** A key of a cursor that is a text of the database. */
export const textKey = z
  .string()
  .max(512)
  .refine((text) => !text.includes('\0') && text.isWellFormed());
export const numberKey = z.int().min(0);

/** Of a list that is sorted by one text. */
export function listByText(name: string): PagedList<readonly [string]> {
  return new PagedList(name, z.tuple([textKey]));
}
/** Of a list that is sorted by project and name. */
export function listByProject(name: string): PagedList<readonly [string, string]> {
  return new PagedList(name, z.tuple([textKey, textKey]));
}

/** What is sorted after a secret; the project stands first, so that its index is used. */
export function afterSecret(after: readonly [project: string, name: string] | null): RawBuilder<boolean> {
  const [project, name] = after ?? ['', ''];
  const projectName = sql.ref('projects.name');
  return sql<boolean>`${projectName} >= ${project} and (${projectName} > ${project} or ${sql.ref('secrets.name')} > ${name})`;
}
