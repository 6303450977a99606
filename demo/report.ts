/** What the demo prints: headings, tables with aligned columns, and a copy of every line for the search for leaks. */
export class Report {
  readonly #lines: string[] = [];
  readonly #started = Date.now();

  /** The text of everything printed so far. */
  get text(): string {
    return this.#lines.join('\n');
  }

  /** Seconds since the demo began, as text. */
  elapsed(): string {
    return `${((Date.now() - this.#started) / 1000).toFixed(1)} s`;
  }

  readonly print = (line: string): void => {
    this.#lines.push(line);
    console.log(line);
  };

  heading(title: string): void {
    this.print(`\n== ${title} (${this.elapsed()})`);
  }

  indented(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.print(`   ${line}`);
  }

  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = columns.map((column, at) =>
      Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
    );
    const line = (cells: readonly string[]): string =>
      `   ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd();
    this.print(line(columns.map((column) => column.toUpperCase())));
    for (const row of rows) this.print(line(row));
  }
}
