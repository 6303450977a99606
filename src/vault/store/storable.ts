import { refuse } from '../domain/domain-error.ts';

/**
 * PostgreSQL stores no NUL in a text; SQLite would, and is held to the same.
 * Throws DomainError `Invalid`, which is the caller's to correct, before anything is sent to the database.
 */
export function checkStorable(parameters: readonly unknown[]): void {
  for (const parameter of parameters) {
    if (typeof parameter === 'string' && parameter.includes('\0')) {
      throw refuse('Invalid', 'A text contains the character NUL.');
    }
  }
}
