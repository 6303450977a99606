/** A text as one word of a shell: what a printed command is filled in with stays what it is when it is copied. */
export function shellWord(text: string): string {
  return /^[\w./@:+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
