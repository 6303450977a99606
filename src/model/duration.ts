/** Seconds of a span as it is declared: `30s`, `2m` or `720h`; the schemas admit nothing else. */
export function secondsIn(span: string): number {
  const count = Number.parseInt(span, 10);
  if (span.endsWith('h')) return count * 3600;
  return span.endsWith('m') ? count * 60 : count;
}
