import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyOfExample, type DevVault, startDevVault } from '#test/builders/command-line.ts';
import { program } from '#test/program/program.ts';

let vault: DevVault;
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

/** The files of the example in one text, as kustomize writes them. */
const example = () => {
  const folder = copyOfExample();
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('---\n');
};

async function piped(input: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [program(), ...args]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, stdout, stderr };
}

test('validate - judges standard input, and counts what is of other kinds', async () => {
  const other = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: acme}\n';
  expect(await piped(`${other}---\n${example()}`, 'validate', '-')).toEqual({
    code: 0,
    stdout: '-: 15 objects are valid; 1 of other kinds left alone.\n',
    stderr: '',
  });
  const broken = await piped(example().replace('role: Admin', 'role: Boss'), 'validate', '-');
  expect([broken.code, broken.stderr]).toEqual([
    6,
    expect.stringMatching(/^standard input:\d+:9: spec\.role: /),
  ]);
});

test('plan - and apply - plan and apply it', async () => {
  const planned = await piped(example(), 'plan', '-', ...vault.options);
  expect(planned.code).toBe(3);
  expect(planned.stdout).toContain(
    '+ InviteMember bob@acme.example: not in the organization (standard input:',
  );
  const applied = await piped(example(), 'apply', '-', ...vault.options);
  expect(applied.stdout).toContain('done InviteMember dave@acme.example');
});

test('where nobody reads any more, a command ends as it would have', async () => {
  const child = spawn(process.execPath, [program(), 'plan', '-', '-o', 'json', ...vault.options]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.stdout.destroy();
  child.stdin.end(example());
  expect([await ended, await text(child.stderr)]).toEqual([3, '']);
});
