/** What can be typed where: the tree of commands as shells complete it. */
import type { Command } from 'commander';

export interface CompletionNode {
  /** `vault member`; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly CompletionOption[];
  /** What the first argument may be. */
  readonly values: Values;
}

/** One of few, a path, or what nobody can know. */
export type Values = readonly string[] | 'Paths' | 'Unknown';

export interface CompletionOption {
  /** `--output`. */
  readonly long: string;
  /** `-o`. */
  readonly short: string | null;
  readonly description: string;
  /** Null: it takes none. */
  readonly values: Values | null;
}

/** The node of a command and those of all below it, parents first. */
export function completionTree(command: Command, above: readonly string[] = []): CompletionNode[] {
  const shown = command.createHelp().visibleCommands(command);
  const [first] = command.registeredArguments;
  const node: CompletionNode = {
    path: above.join(' '),
    commands: shown.map((one) => ({ name: one.name(), description: one.description() })),
    options: command
      .createHelp()
      .visibleOptions(command)
      .flatMap(({ long, short, description, argChoices, flags }) =>
        long == null
          ? []
          : [{ long, short: short ?? null, description, values: valuesOf(flags, argChoices) }],
      ),
    values: first === undefined ? [] : (valuesOf(`<${first.name()}>`, first.argChoices) ?? 'Unknown'),
  };
  const below = command.commands.filter((one) => shown.includes(one));
  return [node, ...below.flatMap((one) => completionTree(one, [...above, one.name()]))];
}

/** By what the help calls the value. */
function valuesOf(flags: string, choices: readonly string[] | undefined): Values | null {
  if (choices !== undefined) return choices;
  const [, name] = /[<[]([^\]>]+)[\]>]/.exec(flags) ?? [];
  if (name === undefined) return null;
  return /^(?:file|folder|config)\b/.test(name) ? 'Paths' : 'Unknown';
}
