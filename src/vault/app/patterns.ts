/**
 * Patterns of the OpenAPI document as JSON Schema has them: the source of a regular expression, read with its flag `u`.
 * The generator prints the literal of a regular expression and cuts a slash off each end, so that flags stay behind.
 */

/** A literal without the slash that it begins with: what stands between two slashes has none outside a class (ECMA-262 §12.9.5). */
const FLAGGED = /^((?:[^\\/[]|\\.|\[(?:[^\\\]]|\\.)*\])*)\/([a-z]+)$/su;

/**
 * The value with each `pattern` mended.
 * @throws Error where a regular expression cannot be said without its flags, or does not compile with `u`
 */
export function withPatterns(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(withPatterns);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'pattern' && typeof item === 'string' ? sourceOf(item) : withPatterns(item),
    ]),
  );
}

function sourceOf(printed: string): string {
  const [, source = printed, flags = 'u'] = FLAGGED.exec(printed) ?? [];
  if (flags !== 'u') throw new Error(`a pattern of the document has no place for the flags of /${printed}`);
  // Throws where it does not compile.
  new RegExp(source, 'u');
  return source;
}
