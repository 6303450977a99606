/** Tables of figures. */
export interface Row {
  readonly figure: string;
  readonly value: number | string;
  readonly unit?: string;
  /** As design §12 has it. */
  readonly target?: string;
}

export function print(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  const cells = rows.map(({ figure, value, unit = '', target = '' }) => [
    figure,
    `${typeof value === 'number' ? rounded(value) : value} ${unit}`.trim(),
    target,
  ]);
  const table = [['figure', 'measured', 'target'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

export function rounded(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 0.1 ? 2 : 4);
}

/** The value below which that share lies, of the nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
