import { refuse } from '../common/domain-error.ts';

/**
 * PostgreSQL stores no NUL in a text and neither database half of a surrogate pair; what SQLite would store otherwise
 * is held to the same.
 * Throws DomainError `Invalid`, which is the caller's to correct, before anything is sent to the database.
 */
export function checkStorable(parameters: readonly unknown[]): void {
  for (const parameter of parameters) {
    if (typeof parameter !== 'string') continue;
    if (parameter.includes('\0')) throw refuse('Invalid', 'A text contains the character NUL.');
    if (!parameter.isWellFormed()) throw refuse('Invalid', 'A text contains half of a surrogate pair.');
  }
}
