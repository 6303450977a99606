import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { ALL, programFor } from '#cli/program.ts';
import { ID_PREFIXES } from '#vault/common/ids.ts';
import { wordsOf } from './printed-commands.ts';

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
    const [, ...words] = wordsOf(example);
    await program
      .parseAsync(words, { from: 'user' })
      .catch((error: Error) => wrong.push(`${path}: ${error.message}`));
    if (!ran) wrong.push(`${path}: ${example || 'no example'}`);
  }
  expect(wrong).toEqual([]);
});

test('an id in an example is of a kind that the vault makes', async () => {
  const prefixes = new Set<string>(ID_PREFIXES);
  const wrong = leaves.flatMap((leaf) =>
    [...helpOf(leaf).matchAll(/\b([a-z]+)_[0-9a-f]{10,16}\b/g)]
      .filter(([, prefix = '']) => !prefixes.has(prefix))
      .map(([id]) => `${pathOf(leaf)}: ${id}`),
  );
  expect(wrong).toEqual([]);
});

test('what is a command’s own stands before what many take, and what it needs is marked', () => {
  const help = helpOf(leaves.find((one) => pathOf(one).endsWith('secret delete')) as Command);
  expect(help.indexOf('--project')).toBeLessThan(help.indexOf('--as <email>'));
  expect(help).toMatch(/--project <name> +the project that it is in \(required\)/);
});
