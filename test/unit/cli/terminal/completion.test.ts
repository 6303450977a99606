// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is written is for a shell, which puts the values in.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL, programFor } from '#cli/program.ts';
import { completionScript, type Shell } from '#cli/terminal/completion-scripts.ts';
import { completionTree } from '#cli/terminal/completion-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'seneschal-completion-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (shell: Shell): string => join(folder, shell);
beforeAll(async () => {
  const tree = completionTree(await programFor(ALL, () => undefined));
  for (const shell of ['bash', 'zsh', 'fish'] as const)
    writeFileSync(fileOf(shell), completionScript(shell, tree));
  writeFileSync(join(folder, 'a-folder-of-mine'), '');
});

/** What bash offers for the last word. */
function inBash(...typed: readonly string[]): string[] {
  const script = [
    'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))',
    '_seneschal; printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const words = ['-c', script, 'bash', fileOf('bash'), 'seneschal', ...typed];
  return execFileSync('bash', words, { encoding: 'utf8', cwd: folder }).split('\n').filter(Boolean);
}

describe('bash', () => {
  test('completes commands on each level', () => {
    expect(inBash('va')).toEqual(['validate', 'vault']);
    expect(inBash('vault', 'mem')).toEqual(['member']);
    expect(inBash('vault', 'member', 'set-')).toEqual(['set-end', 'set-role', 'set-scope', 'set-template']);
  });

  test('completes the options of the command, and no others', () => {
    expect(inBash('plan', '--o')).toEqual(['--out', '--output', '--organization']);
    expect(inBash('vault', 'secret', 'delete', '--pro')).toEqual(['--project']);
    expect(inBash('vault', 'member', 'list', '--pro')).toEqual([]);
  });

  test('completes what an option or an argument takes, where it is one of few', () => {
    expect(inBash('plan', '-o', '')).toEqual(['text', 'markdown', 'json']);
    expect(inBash('vault', 'invite', 'send', 'a@acme.example', '--role', 'A')).toEqual(['Admin']);
    expect(inBash('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('completes paths where one is asked for, and offers nothing where nobody can know', () => {
    expect(inBash('plan', 'a-fold')).toEqual(['a-folder-of-mine']);
    expect(inBash('whoami', '--url', '')).toEqual([]);
    expect(inBash('plan', 'x', '--credentials', 'a-f')).toEqual(['a-folder-of-mine']);
  });

  test('an option that was typed before the word changes nothing', () => {
    expect(inBash('vault', 'secret', 'list', '--as', 'member', '--a')).toEqual(['--as']);
  });
});

const run = (shell: string, words: readonly string[]): string =>
  execFileSync(shell, words, { encoding: 'utf8', cwd: folder });

const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

describe('other shells', () => {
  test.skipIf(!isThere('fish'))('fish completes commands, options and what they take', () => {
    const inFish = (typed: string): string[] =>
      run('fish', ['-c', `source ${fileOf('fish')}; complete -C ${JSON.stringify(typed)}`])
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('\t', 1)[0] ?? '');
    expect(inFish('seneschal vault mem')).toEqual(['member']);
    expect(inFish('seneschal vault member set-')).toHaveLength(4);
    expect(inFish('seneschal plan -o ')).toEqual(['json', 'markdown', 'text']);
    expect(inFish('seneschal vault secret delete --pro')).toEqual(['--project']);
  });

  test.skipIf(!isThere('zsh'))('zsh completes commands, options and what they take', () => {
    const inZsh = (...typed: readonly string[]): string[] => {
      const script = [
        'compdef() { :; }; compadd() { shift; print -l -- "$@"; }; _files() { print files; }',
        'source "$1"; shift; words=("$@"); CURRENT=$#; _seneschal',
      ].join('\n');
      const words = ['-f', '-c', script, 'zsh', fileOf('zsh'), 'seneschal', ...typed];
      return run('zsh', words).split('\n').filter(Boolean);
    };
    expect(inZsh('vault', '')).toContain('member');
    expect(inZsh('plan', '-o', '')).toEqual(['text', 'markdown', 'json']);
    expect(inZsh('vault', 'secret', 'delete', '--')).toContain('--project');
    expect(inZsh('plan', '')).toEqual(['files']);
  });
});
