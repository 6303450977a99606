import type { Command } from 'commander';
import { completionScript, type Shell } from './completion-scripts.ts';
import { completionTree } from './completion-tree.ts';
import { print } from './print.ts';

/** `seneschal completion SHELL`; `program` has all commands. */
export function completion(program: Command, shell: Shell): void {
  print(completionScript(shell, completionTree(program)));
}
