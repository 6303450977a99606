/**
 * What the demo prints: the story, and with `verbose` plans and tables too. A copy of every line, shown or not, is for the
 * search for leaks.
 */
export class Report {
  readonly #lines: string[] = [];
  readonly #verbose: boolean;
  readonly #started = Date.now();

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  /** The text of everything printed so far, or kept back. */
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

  /** Of a plan what is held, and what there is to do; all of it with `verbose`. */
  plan(text: string): void {
    const lines = text.trimEnd().split('\n');
    const told = lines.filter((line) => /^(?:HELD|Open:|No changes)/.test(line));
    for (const line of this.#verbose ? lines : told) this.print(`   ${line}`);
    if (!this.#verbose) this.#lines.push(...lines);
  }

  #detail(line: string): void {
    if (this.#verbose) this.print(line);
    else this.#lines.push(line);
  }

  /** Shown with `verbose` alone. */
  table(columns: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = columns.map((column, at) =>
      Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)),
    );
    const line = (cells: readonly string[]): string =>
      `   ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd();
    this.#detail(line(columns.map((column) => column.toUpperCase())));
    for (const row of rows) this.#detail(line(row));
  }
}
