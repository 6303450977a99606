/** The commands in a text that people read: what they copy, from its first word to its last. */

export interface CommandsOfText {
  readonly commands: readonly string[];
  /** Where a command stands so that nobody can tell where it ends. */
  readonly unbounded: readonly string[];
}

const IN_BACKTICKS = /`(seneschal [^`]+)`/g;
/** After a colon or on a line of its own, to the end of the line; several are parted by semicolons. */
const LAST = /(?:^ *|: )(seneschal .+)$/gm;

/** `starts`: whether a word is one that a command begins with. Text of another kind names the program, and no command. */
export function commandsIn(text: string, starts: (word: string) => boolean): CommandsOfText {
  const commands: string[] = [];
  const take = (found: string): string => {
    commands.push(...found.split(/; (?=seneschal )/));
    return '';
  };
  const rest = text
    .replace(IN_BACKTICKS, (_, command: string) => take(command))
    .replace(LAST, (_, command: string) => take(command));
  const isCommand = (command: string): boolean => starts(/^seneschal ([\w-]*)/.exec(command)?.[1] ?? '');
  return {
    commands: commands.filter(isCommand),
    unbounded: [...rest.matchAll(/seneschal [\w{-]+/g)].map(([found]) => found).filter(isCommand),
  };
}

/** The words of a line as a shell parts them, without a redirection or a comment. */
export function wordsOf(line: string): string[] {
  return [...line.replace(/ (?:<|#) ?.*$/, '').matchAll(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g)].map(
    ([word]) => word.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_, a, b, c) => a ?? b ?? c),
  );
}
