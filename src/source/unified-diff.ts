/** A change of one place of a file, as `git apply` and `patch -p1` take it. Pure. */

/** Lines around a change. */
const CONTEXT = 3;

/** `before` null: the file is new. What differs is one run of lines; the file ends in a newline, as manifests do. */
export function unifiedDiff(path: string, before: string | null, after: string): string {
  const [old, now] = [linesOf(before ?? ''), linesOf(after)];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  )
    tail++;
  const from = Math.max(0, head - CONTEXT);
  const kept = Math.min(tail, CONTEXT);
  const lines = [
    ...old.slice(from, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, old.length - tail + kept).map((line) => ` ${line}`),
  ];
  const count = (sign: string) => lines.filter((line) => line[0] === ' ' || line[0] === sign).length;
  const start = (length: number) => (length === 0 ? 0 : from + 1);
  const [removed, added] = [count('-'), count('+')];
  return [
    ...(before === null ? [`--- /dev/null`] : [`--- a/${path}`]),
    `+++ b/${path}`,
    `@@ -${start(removed)},${removed} +${start(added)},${added} @@`,
    ...lines,
    '',
  ].join('\n');
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
