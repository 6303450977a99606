import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkedOut } from '#source/work-tree.ts';

const AUTHOR = 'Alice <alice@acme.example>';

function git(cwd: string, ...args: string[]): string {
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Alice',
    GIT_AUTHOR_EMAIL: 'alice@acme.example',
    GIT_COMMITTER_NAME: 'CI',
    GIT_COMMITTER_EMAIL: 'ci@acme.example',
  };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8' }).trim();
}

/** A repository with `org/members/alice.yaml` committed. */
async function repository(...init: string[]): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'work-tree-')));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  git(root, 'init', '-q', ...init);
  await mkdir(join(root, 'org', 'members'), { recursive: true });
  await writeFile(join(root, 'org', 'members', 'alice.yaml'), 'kind: Member\n');
  git(root, 'add', '.');
  git(root, 'commit', '-q', '-m', 'Add Alice');
  return root;
}

describe('the commit that is checked out (A4)', () => {
  it.each([['sha1'], ['sha256']])('has its id, its author and the paths of its files: %s', async (format) => {
    const root = await repository('--object-format', format);
    git(root, 'remote', 'add', 'origin', 'https://ci:token@git.example/fleet.git');
    const commit = await checkedOut(join(root, 'org'));
    expect(commit).toMatchObject({
      id: git(root, 'rev-parse', 'HEAD'),
      author: AUTHOR,
      repository: 'https://git.example/fleet.git',
    });
    expect(await commit?.pathOf(join(root, 'org', 'members', 'alice.yaml'))).toBe('org/members/alice.yaml');
  });

  it('has packed references and objects too, and a linked work tree its own', async () => {
    const root = await repository();
    git(root, 'gc', '-q');
    git(root, 'pack-refs', '--all');
    expect((await checkedOut(root))?.id).toBe(git(root, 'rev-parse', 'HEAD'));
    git(root, 'worktree', 'add', '-q', '-b', 'other', join(root, 'linked'));
    await writeFile(join(root, 'linked', 'new.yaml'), 'kind: Member\n');
    git(join(root, 'linked'), 'add', '.');
    git(join(root, 'linked'), 'commit', '-q', '-m', 'Add another');
    const linked = await checkedOut(join(root, 'linked'));
    expect(linked?.id).toBe(git(join(root, 'linked'), 'rev-parse', 'HEAD'));
    expect(await linked?.pathOf(join(root, 'linked', 'new.yaml'))).toBe('new.yaml');
  });

  it('knows no path of a file that is not as it was committed', async () => {
    const root = await repository();
    const alice = join(root, 'org', 'members', 'alice.yaml');
    const untracked = join(root, 'org', 'bob.yaml');
    await appendFile(alice, 'spec: {}\n');
    await writeFile(untracked, 'kind: Member\n');
    const commit = await checkedOut(root);
    expect(await commit?.pathOf(alice)).toBeNull();
    expect(await commit?.pathOf(untracked)).toBeNull();
  });

  it('tells whether a path is as committed, also one that is gone from both, and of none elsewhere', async () => {
    const root = await repository();
    const alice = join(root, 'org', 'members', 'alice.yaml');
    const commit = await checkedOut(join(root, 'org'));
    expect(await commit?.isAsCommitted('org/members/alice.yaml')).toBe(true);
    expect(await commit?.isAsCommitted('org/members/never.yaml')).toBe(true);
    expect(await commit?.isAsCommitted('org/../../elsewhere.yaml')).toBeNull();
    expect(await commit?.isAsCommitted('README')).toBeNull();
    await rm(alice);
    const deleted = await checkedOut(join(root, 'org'));
    expect(await deleted?.isAsCommitted('org/members/alice.yaml')).toBe(false);
    git(root, 'add', '.');
    git(root, 'commit', '-q', '-m', 'Remove Alice');
    const after = await checkedOut(join(root, 'org'));
    expect(await after?.isAsCommitted('org/members/alice.yaml')).toBe(true);
    await writeFile(join(root, 'org', 'bob.yaml'), 'kind: Member\n');
    expect(await after?.isAsCommitted('org/bob.yaml')).toBe(false);
  });

  it('reads a file once, however many objects stand in it', async () => {
    const root = await repository();
    const alice = join(root, 'org', 'members', 'alice.yaml');
    const commit = await checkedOut(root);
    const asked = Array.from({ length: 5_000 }, () => commit?.pathOf(alice));
    expect(new Set(asked).size).toBe(1);
    expect(await asked[0]).toBe('org/members/alice.yaml');
  });

  it('is null outside of a work tree, and where nothing is committed yet', async () => {
    const bare = await realpath(await mkdtemp(join(tmpdir(), 'no-work-tree-')));
    onTestFinished(() => rm(bare, { recursive: true, force: true }));
    expect(await checkedOut(bare)).toBeNull();
    git(bare, 'init', '-q');
    expect(await checkedOut(bare)).toBeNull();
    expect(await checkedOut(join(bare, 'nowhere'))).toBeNull();
  });

  it('runs nothing that the repository names: no hook, no helper, no filter, no included configuration', async () => {
    const root = await repository();
    const ran = join(root, 'ran');
    const script = join(root, 'run.sh');
    await writeFile(script, `#!/bin/sh\ntouch '${ran}'\n`);
    await chmod(script, 0o755);
    await writeFile(
      join(root, '.git', 'evil'),
      `[core]\n\tfsmonitor = ${script}\n\tpager = ${script}\n\tsshCommand = ${script}\n`,
    );
    for (const [key, value] of [
      ['core.fsmonitor', script],
      ['core.pager', script],
      ['core.sshCommand', script],
      ['filter.x.smudge', script],
      ['filter.x.clean', script],
      ['diff.external', script],
      ['core.hooksPath', root],
      ['alias.cat-file', `!${script}`],
      ['include.path', join(root, '.git', 'evil')],
    ] as const)
      git(root, 'config', key, value);
    await writeFile(join(root, '.gitattributes'), '* filter=x diff=x\n');
    // The control: git itself, in that repository, runs it.
    execFileSync('git', ['status'], { cwd: root, env: { PATH: process.env.PATH, HOME: root } });
    expect(existsSync(ran)).toBe(true);
    await rm(ran);
    expect((await checkedOut(root))?.author).toBe(AUTHOR);
    expect(existsSync(ran)).toBe(false);
  });
});
