import { execFile } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadJq } from 'jq-wasm';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { copyOfExample, folderWith, type Ran } from '#test/builders/command-line.ts';
import { credentialsFolder, filesIn } from '#test/builders/credentials.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import { program } from '#test/program/program.ts';

const CI = join(import.meta.dirname, '../../../../examples/ci');
const POLICIES = readdirSync(join(CI, 'policies'));

/** A checkout as a job of the pipelines has it, and the programs of their image. */
function checkout(): { root: string; run: (script: string, vault: TestVault) => Promise<Ran> } {
  const root = folderWith({});
  cpSync(copyOfExample(), join(root, 'acme'), { recursive: true });
  cpSync(CI, join(root, 'examples', 'ci'), { recursive: true });
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const write = (name: string, text: string): void => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  write('seneschal', `#!/bin/sh\nexec '${process.execPath}' '${program()}' "$@"\n`);
  write('jq', `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, 'jq.mjs')}' "$@"\n`);
  const run = (script: string, vault: TestVault): Promise<Ran> => {
    const files = filesIn(credentialsFolder(vault));
    const env = {
      PATH: `${bin}:${process.env.PATH}`,
      VAULT_URL: files.url,
      VAULT_ID: files['vault-id'],
      VAULT_AUTOMATION_ID: files['automation-id'],
      VAULT_PRIVATE_KEY: files['private.pem'],
      TMPDIR: root,
    };
    return new Promise((resolve) => {
      const child = execFile('sh', ['-c', script], { cwd: root, env }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
  };
  return { root, run };
}

test('plan leaves a plan for people and one for policies, no credentials, and 0 where a rail holds something', async () => {
  await using vault = await startTestVault();
  const { root, run } = checkout();
  const before = readdirSync(root);
  expect(await run('sh examples/ci/plan.sh acme', vault)).toMatchObject({
    code: 0,
    stderr: 'written to plan.json\n',
  });
  expect(readdirSync(root).sort()).toEqual([...before, 'plan.json', 'plan.md'].sort());
  expect(readFileSync(join(root, 'plan.md'), 'utf8')).toContain('approv');
  const judged = await run('sh examples/ci/policies.sh plan.json', vault);
  expect(judged).toMatchObject({ code: 1, stderr: '' });
  expect(judged.stdout).toMatch(
    /^nobody-outside-of-a-group:\n(?:\S+@acme\.example would be invited and is in no group\n)+$/,
  );
});

test('plan fails with the exit code of a folder that is invalid', async () => {
  await using vault = await startTestVault();
  const { root, run } = checkout();
  writeFileSync(join(root, 'acme', 'wrong.yaml'), 'apiVersion: seneschal.dev/v1alpha1\nkind: Membre\n');
  expect((await run('sh examples/ci/plan.sh acme', vault)).code).toBe(6);
  expect(existsSync(join(root, 'plan.json'))).toBe(false);
});

test('apply applies what no rail holds, and says by 3 that something is held', async () => {
  await using vault = await startTestVault();
  const { run } = checkout();
  const { code, stdout } = await run('sh examples/ci/apply.sh acme', vault);
  expect(code).toBe(3);
  expect(stdout).toContain('seneschal approve');
  expect((await vault.snapshot()).projects.length).toBeGreaterThan(0);
});

test.each([
  ['INT', 130],
  ['TERM', 143],
])('a job that is ended by SIG%s leaves no credentials behind', async (signal, code) => {
  await using vault = await startTestVault();
  const { root, run } = checkout();
  const before = readdirSync(root);
  const ended = await run(
    `. examples/ci/credentials.sh; test -d "$credentials"; kill -${signal} $$; echo on`,
    vault,
  );
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(readdirSync(root)).toEqual(before);
});

test('every variable that the credentials are made of is given to each job that has them', () => {
  const script = readFileSync(join(CI, 'credentials.sh'), 'utf8');
  const read = new Set([...script.matchAll(/\bVAULT_[A-Z_]+/g)].map(([name]) => name));
  const { jobs } = parse(readFileSync(join(CI, 'github.yaml'), 'utf8')) as {
    jobs: Record<string, { steps: { env?: Record<string, string> }[] }>;
  };
  const environments = Object.values(jobs)
    .flatMap(({ steps }) => steps)
    .flatMap(({ env }) => (env !== undefined && 'VAULT_URL' in env ? [env] : []));
  expect(environments).toHaveLength(2);
  for (const env of environments) expect(new Set(Object.keys(env))).toEqual(read);
});

describe('a policy', () => {
  const people = { who: 'eve@acme.example', gained: [], lost: [], raised: ['Admin'] };
  const projects = Array.from({ length: 11 }, (_, index) => ({ project: `p${index}`, secrets: [] }));
  const invite = { kind: 'InviteMember', key: 'eve@acme.example', standing: 'Run', changes: [], after: {} };
  const group = (kind: string) => ({
    ...{ kind, key: 'on-call', standing: 'Run', changes: [] },
    after: { members: ['eve@acme.example'] },
  });
  const machine = (count: number) => ({
    ...{ kind: 'SetMachineAccess', key: 'ci', standing: 'Run', changes: [] },
    after: { access: projects.slice(0, count) },
  });

  it.each([
    ['no-raise-without-approval', 'a raise that runs', [{ ...invite, changes: [people] }], 1],
    ['no-raise-without-approval', 'one that waits', [{ ...invite, standing: 'Held', changes: [people] }], 0],
    ['nobody-outside-of-a-group', 'an invite alone', [invite], 1],
    ['nobody-outside-of-a-group', 'one into a new group', [invite, group('CreateGroup')], 0],
    ['nobody-outside-of-a-group', 'one into a group', [invite, group('UpdateGroup')], 0],
    ['no-machine-with-many-projects', 'eleven projects', [machine(11)], 1],
    ['no-machine-with-many-projects', 'ten projects', [machine(10)], 0],
  ])('%s of %s', async (name, _, steps, refused) => {
    const jq = await loadJq();
    const lines = jq.json({ steps }, readFileSync(join(CI, 'policies', `${name}.jq`), 'utf8'));
    expect(lines).toHaveLength(refused);
    for (const line of lines) expect(line).toMatch(/eve@acme\.example|machine ci/);
  });

  it('is in the table of the page', () => {
    const page = readFileSync(join(CI, 'README.md'), 'utf8');
    for (const policy of POLICIES) expect(page).toContain(`(policies/${policy})`);
  });
});

interface Job {
  readonly if?: string;
  readonly environment?: unknown;
  readonly rules?: readonly { readonly if: string }[];
}

test('no job that has credentials runs for a branch of a fork, and only main applies', () => {
  const github = (parse(readFileSync(join(CI, 'github.yaml'), 'utf8')) as { jobs: Record<string, Job> }).jobs;
  const gitlab = parse(readFileSync(join(CI, 'gitlab.yaml'), 'utf8')) as Record<string, Job>;
  const withCredentials = (jobs: Record<string, Job>): string[] =>
    Object.keys(jobs).filter((name) => jobs[name]?.environment !== undefined);
  expect(withCredentials(github)).toEqual(['plan', 'apply']);
  expect(withCredentials(gitlab)).toEqual(['plan', 'apply']);
  expect(github.plan?.if).toContain('head.repo.full_name == github.repository');
  expect(github.apply?.if).toBe("github.event_name == 'push' && github.ref == 'refs/heads/main'");
  expect(gitlab.plan?.rules?.map((rule) => rule.if)).toEqual([
    expect.stringContaining('$CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_PROJECT_PATH'),
  ]);
  expect(gitlab.apply?.rules?.map((rule) => rule.if)).toEqual([
    expect.stringContaining('$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'),
  ]);
});
