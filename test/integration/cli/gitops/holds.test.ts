import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approveFirstCommit, copyOfExample, seneschal } from '#test/builders/command-line.ts';
import { credentialsFolder } from '#test/builders/credentials.ts';
import { acceptInvite, startTestVault } from '#test/builders/vault.ts';

test('what is held, apply tells the vault, once, and plan never: no later run forgets it (rail 1)', async () => {
  await using vault = await startTestVault();
  const options = ['--credentials', credentialsFolder(vault)];
  const folder = copyOfExample();
  await approveFirstCommit(folder, options, (digest) => vault.approve(digest));
  expect((await seneschal('apply', folder, ...options)).code).toBe(0);
  for (const name of ['bob', 'carol', 'dave']) await acceptInvite(vault, `${name}@acme.example`);
  for (const name of ['bob', 'carol', 'dave']) rmSync(join(folder, `member-${name}.yaml`));

  const before = await vault.snapshot();
  const planned = await seneschal('plan', folder, ...options);
  expect(planned.code).toBe(3);
  expect(planned.stdout).toContain('seven days may lose 2');
  expect(await vault.snapshot()).toEqual(before);

  expect((await seneschal('apply', folder, ...options)).code).toBe(3);
  const { holds, revision, members } = await vault.snapshot();
  expect(holds).toMatchObject([{ class: 'people', stepHashes: { length: 3 } }]);
  expect(members).toEqual(before.members);

  expect((await seneschal('apply', folder, ...options)).code).toBe(3);
  expect((await vault.snapshot()).revision).toBe(revision);
  rmSync(folder, { recursive: true });
});
