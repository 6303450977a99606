/** Help as people read it: what is a command's own first, what it needs marked, one example. */
import type { Command, Option } from 'commander';

/** Before subcommands are added, which inherit it. */
export function withHelp(command: Command): Command {
  return command.configureHelp({ optionDescription: described, sortSubcommands: true });
}

/** What somebody types after the name of the command; left out: the name alone. */
export function addExample(command: Command, typed?: string): Command {
  return command.addHelpText('after', () => {
    const names: string[] = [];
    for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
    return `\nExample:\n  ${[...names, ...(typed === undefined ? [] : [typed])].join(' ')}`;
  });
}

function described(option: Option): string {
  const { description, mandatory, defaultValue, defaultValueDescription, envVar, argChoices } = option;
  const told =
    defaultValueDescription ??
    (/^(?:string|number)$/.test(typeof defaultValue) ? String(defaultValue) : null);
  const notes = [
    mandatory && defaultValue === undefined ? 'required' : null,
    argChoices === undefined ? null : argChoices.join(', '),
    told === null ? null : `default: ${told}`,
    envVar ?? null,
  ].filter((note) => note !== null);
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}
