/** A text that no database keeps as it is; the sender's to correct. Its message quotes nothing of the text. */
export class UnstorableTextError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnstorableTextError';
  }
}

/** What keeps a text from being stored; null: nothing does. */
function faultOf(text: string): string | null {
  if (text.includes('\0')) return 'contains the character NUL';
  return text.isWellFormed() ? null : 'contains half of a surrogate pair';
}

/** A text in a value out of JSON, its fields named from the outermost on. */
interface Place {
  readonly value: unknown;
  readonly field: string;
  readonly around: Place | null;
}

/**
 * The first text of a value out of JSON, keys included, that cannot be stored: `action.after.description contains the
 * character NUL`. Null: there is none.
 */
export function unstorableIn(value: unknown): string | null {
  // Not by recursion: the value was sent by somebody, and nested as deep as they liked.
  const places: Place[] = [{ value, field: '', around: null }];
  for (const place of places) {
    const { value } = place;
    if (typeof value === 'string') {
      const fault = faultOf(value);
      if (fault !== null) return `${pathOf(place)} ${fault}`;
    } else if (typeof value === 'object' && value !== null) {
      for (const [field, inner] of Object.entries(value)) {
        const fault = faultOf(field);
        if (fault !== null) return `${pathOf(place)} has a field whose name ${fault}`;
        places.push({ value: inner, field, around: place });
      }
    }
  }
  return null;
}

function pathOf(place: Place): string {
  const fields: string[] = [];
  for (let at: Place | null = place; at !== null && at.around !== null; at = at.around)
    fields.unshift(at.field);
  return fields.join('.') || 'the whole';
}

/**
 * PostgreSQL stores no NUL in a text, and neither database stores half of a surrogate pair; SQLite is held to both.
 * Throws UnstorableTextError before anything is sent to the database.
 */
export function checkStorable(parameters: readonly unknown[]): void {
  for (const parameter of parameters) {
    if (typeof parameter !== 'string') continue;
    const fault = faultOf(parameter);
    if (fault !== null) throw new UnstorableTextError(`A text ${fault}.`);
  }
}
