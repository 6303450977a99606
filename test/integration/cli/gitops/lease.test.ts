import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { approveFirstCommit, copyOfExample, seneschal } from '#test/builders/command-line.ts';
import { connected } from '#test/builders/connected.ts';
import { credentialsFolder } from '#test/builders/credentials.ts';
import { MANAGER, OTHER_MANAGER, startTestVault, type TestVault } from '#test/builders/vault.ts';
import { program } from '#test/program/program.ts';

const { signal } = new AbortController();

/** Options that lead to a vault of this process. */
function optionsOf(vault: TestVault): string[] {
  return ['--credentials', credentialsFolder(vault)];
}

/** Waits until the vault says that another process asks for the lease. */
async function askedToYield(vault: TestVault): Promise<void> {
  const { provider } = connected(vault);
  await expect
    .poll(async () => (await provider.observe(null, signal)).volatile.yieldRequested, { timeout: 20_000 })
    .toBe(true);
  await provider.close();
}

test('apply waits until the operator yields, applies, and gives the lease back (rail 10)', async () => {
  await using vault = await startTestVault();
  const folder = copyOfExample();
  await approveFirstCommit(folder, optionsOf(vault), (digest) => vault.approve(digest));
  const { provider } = connected(vault);
  const { fencing } = await provider.takeLease({ manager: MANAGER, installation: 'operator' }, signal);
  const applying = seneschal('apply', folder, ...optionsOf(vault));
  await askedToYield(vault);
  await provider.releaseLease({ manager: MANAGER, installation: 'operator', fencing }, signal);
  const { code, stderr } = await applying;
  expect(stderr).toContain(`waiting for the lease of manager ${MANAGER}`);
  expect(code).toBe(0);
  expect((await provider.observe(null, signal)).volatile.lease).toBeNull();
  await provider.close();
});

test('apply only reads where another manager holds the lease: exit 3 (rail 10)', async () => {
  await using vault = await startTestVault();
  await vault.lease(OTHER_MANAGER, 'one');
  const { code, stdout } = await seneschal('apply', copyOfExample(), ...optionsOf(vault));
  expect(stdout).toContain('Nothing would run: ManagementConflict');
  expect(code).toBe(3);
  expect((await vault.snapshot()).members).toHaveLength(1);
});

test('SIGINT while it waits for the lease exits 130 and leaves nothing half done', async () => {
  await using vault = await startTestVault();
  await vault.lease(MANAGER, 'operator');
  const child = spawn(process.execPath, [program(), 'apply', copyOfExample(), ...optionsOf(vault)], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await askedToYield(vault);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect((await vault.snapshot()).members).toHaveLength(1);
});

test('what the vault refuses is named with cause and next step, the rest is applied: exit 5', async () => {
  await using vault = await startTestVault({
    automation: {
      abilities: ['organization:settings', 'members:manage', 'templates:manage', 'secrets:create'],
    },
  });
  const folder = copyOfExample();
  await approveFirstCommit(folder, optionsOf(vault), (digest) => vault.approve(digest));
  const { code, stdout } = await seneschal('apply', folder, ...optionsOf(vault));
  expect(stdout).toContain('done CreateTemplate auditor');
  expect(stdout).toMatch(/refused CreateProject payments: Forbidden: .+\n {2}next: .+/);
  expect(code).toBe(5);
});
