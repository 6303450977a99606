import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approveFirstCommit, copyOfExample, seneschal } from '#test/builders/command-line.ts';
import { credentialsFolder } from '#test/builders/credentials.ts';
import { auditRows } from '#test/builders/rewritten-audit.ts';
import { startTestVault } from '#test/builders/vault.ts';

const AUTHOR = 'Alice <alice@acme.example>';

function git(root: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Alice', '-c', 'user.email=alice@acme.example'];
  const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...who, ...args], { cwd: root, env, encoding: 'utf8' }).trim();
}

/** The example as the folder `acme` of a repository, committed. */
function exampleInGit(): { root: string; folder: string } {
  const root = copyOfExample();
  const folder = join(root, 'acme');
  const files = readdirSync(root);
  mkdirSync(folder);
  for (const file of files) renameSync(join(root, file), join(folder, file));
  git(root, 'init', '-q');
  git(root, 'remote', 'add', 'origin', 'https://ci:secret-token@git.example/fleet.git');
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'Declare acme');
  return { root, folder };
}

test('apply says of each step by which commit, author, path and repository it came, or that it is not from Git (A4)', async () => {
  await using vault = await startTestVault();
  const { root, folder } = exampleInGit();
  const options = ['--credentials', credentialsFolder(vault)];
  await approveFirstCommit(folder, options, (digest) => vault.approve(digest));
  const file = readdirSync(folder).find((name) => name.includes('template')) ?? '';
  expect(file).not.toBe('');
  appendFileSync(join(folder, file), '# edited\n');
  writeFileSync(join(root, '.gitignore'), '');
  const { code, stderr } = await seneschal('apply', folder, ...options);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { records } = await vault.snapshot();
  const commit = {
    commit: git(root, 'rev-parse', 'HEAD'),
    author: AUTHOR,
    repository: 'https://git.example/fleet.git',
  };
  const provenanceOf = (kind: string) => records.find((record) => record.kind === kind)?.provenance;
  expect(provenanceOf('Project')).toMatchObject({
    ...commit,
    path: expect.stringMatching(/^acme\/.*\.yaml$/),
  });
  expect(provenanceOf('PermissionTemplate')).toEqual({ path: file, notFromGit: true });
});

test('what is gone is by the commit that has it no longer, and not from Git where nobody committed that (A4)', async () => {
  await using vault = await startTestVault();
  const { root, folder } = exampleInGit();
  const options = ['--credentials', credentialsFolder(vault)];
  await approveFirstCommit(folder, options, (digest) => vault.approve(digest));
  expect((await seneschal('apply', folder, ...options)).code).toBe(0);
  const cancelled = async () =>
    (await auditRows(vault))
      .filter(({ action }) => action === 'invite.cancelled')
      .map(({ entry }) => (JSON.parse(entry) as { provenance: object }).provenance);
  rmSync(join(folder, 'member-dave.yaml'));
  await seneschal('apply', folder, ...options);
  const path = 'acme/member-dave.yaml';
  const repository = 'https://git.example/fleet.git';
  expect(await cancelled()).toEqual([{ path, repository, notFromGit: true }]);
  rmSync(join(folder, 'member-erin.yaml'));
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'Take two out');
  await seneschal('apply', folder, ...options);
  const commit = git(root, 'rev-parse', 'HEAD');
  expect((await cancelled()).at(-1)).toEqual({
    ...{ commit, author: AUTHOR, path: 'acme/member-erin.yaml', repository },
  });
});
