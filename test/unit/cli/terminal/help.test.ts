import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { ALL, programFor } from '#cli/program.ts';

let leaves: readonly Command[];
beforeAll(async () => {
  leaves = leavesOf(await programFor(ALL, () => undefined));
});

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  const written: string[] = [];
  command.configureOutput({ writeOut: (text) => void written.push(text) });
  command.outputHelp();
  return written.join('');
}

/** The words of a line as a shell parts them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

test('every command has an example, which it takes: all that is required, and nothing that it does not know', async () => {
  const wrong: string[] = [];
  for (const path of leaves.map(pathOf)) {
    const program = await programFor(ALL, () => undefined);
    const leaf = leavesOf(program).find((one) => pathOf(one) === path);
    if (leaf === undefined) throw new Error(path);
    const [, example = ''] = /\nExample:\n {2}(.*)\n/.exec(helpOf(leaf)) ?? [];
    let ran = false;
    leaf.action(() => {
      ran = true;
    });
    for (let at: Command | null = leaf; at !== null; at = at.parent)
      at.exitOverride().configureOutput({ writeErr: () => undefined });
    const [, ...words] = wordsOf(example.replace(/ < .*$/, ''));
    await program
      .parseAsync(words, { from: 'user' })
      .catch((error: Error) => wrong.push(`${path}: ${error.message}`));
    if (!ran) wrong.push(`${path}: ${example || 'no example'}`);
  }
  expect(wrong).toEqual([]);
});

test('what is a command’s own stands before what many take, and what it needs is marked', () => {
  const help = helpOf(leaves.find((one) => pathOf(one).endsWith('secret delete')) as Command);
  expect(help.indexOf('--project')).toBeLessThan(help.indexOf('--as <email>'));
  expect(help).toMatch(/--project <name> +the project that it is in \(required\)/);
});
