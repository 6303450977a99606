import { moment } from '../terminal/answer.ts';
import type { Column, Told } from './person-command.ts';

/** Rows under titles, each column as wide as its widest cell; `json` is what the vault answered. */
export function table<Row>(
  json: unknown,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  nothing: string,
): Told {
  if (rows.length === 0) return { json, text: nothing };
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ of }) => printable(of(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const text = cells
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
  return { json, text };
}

/** Names are what people gave: no control character reaches the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}

/** A grant in a cell of a table: `payments:Read until 2027-01-31T18:00:00Z`. */
export function grantText({
  project,
  access,
  expiresAt,
}: {
  readonly project: string;
  readonly access: string;
  readonly expiresAt?: number;
}): string {
  return `${project}:${access}${expiresAt === undefined ? '' : ` until ${moment(expiresAt)}`}`;
}
