/** A text that no database keeps as it is; the sender's to correct. Its message quotes nothing of the text. */
export class UnstorableTextError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnstorableTextError';
  }
}

/**
 * PostgreSQL stores no NUL in a text, and neither database stores half of a surrogate pair; SQLite is held to both.
 * Throws UnstorableTextError before anything is sent to the database.
 */
export function checkStorable(parameters: readonly unknown[]): void {
  for (const parameter of parameters) {
    if (typeof parameter !== 'string') continue;
    if (parameter.includes('\0')) throw new UnstorableTextError('A text contains the character NUL.');
    if (!parameter.isWellFormed()) throw new UnstorableTextError('A text contains half of a surrogate pair.');
  }
}
