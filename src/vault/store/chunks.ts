/** Parts of a list that is too long for one statement. */

/**
 * Rows of up to six parameters: SQLite takes 32,766 a statement (SQLITE_MAX_VARIABLE_NUMBER), PostgreSQL 65,535, which
 * its protocol counts in 16 bits.
 */
const ROWS = 5000;

/** `size`: fewer where a row has more parameters. */
export function* inChunks<T>(rows: readonly T[], size = ROWS): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += size) yield rows.slice(start, start + size);
}
