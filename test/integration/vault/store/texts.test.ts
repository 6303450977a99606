import { expect, it } from 'vitest';
import { newMachine } from '#test/builders/machine.ts';
import { access, OWNER, startTestVault } from '#test/builders/vault.ts';
import { signIn } from '../world/people.ts';

it('V6: a text with NUL, which PostgreSQL does not store, is the sender’s mistake on every plane', async () => {
  await using vault = await startTestVault();
  const project = { description: '' };
  expect(await vault.step({ kind: 'CreateProject', key: 'a\0b', before: null, after: project })).toBe(
    'Unreadable',
  );
  const grants = [{ project: '\0', access: 'Read' }] as const;
  const invite = { kind: 'InviteMember', key: 'alice@acme.example', before: null } as const;
  expect(await vault.step({ ...invite, after: access({ grants }) })).toBe('Unreadable');
  const { client } = await newMachine(vault, 'web');
  expect((await client.send('POST', '/v1/secrets/list', '{"projectId":"\\u0000"}')).status).toBe(400);
  expect(vault.faults).toEqual([]);
});

it('texts beyond the basic plane, and as long as they may be, are stored and come back', async () => {
  await using vault = await startTestVault();
  const name = '𝔓rojekt 😀 é'.padEnd(128, 'x');
  const description = '\u{1F510}'.repeat(2048);
  const after = { description };
  expect(await vault.step({ kind: 'CreateProject', key: name, before: null, after })).toBe('Done');
  const { projects } = await vault.snapshot();
  expect(projects.find((project) => project.name === name)?.description).toBe(description);
});

it('a text with half of a surrogate pair, which no UTF-8 says, is the sender’s mistake, and nothing is done', async () => {
  await using vault = await startTestVault();
  const boss = await signIn(vault, OWNER);
  const before = await vault.snapshot();
  const broken = 'a\ud800';
  expect((await boss.ask('POST', `/vaults/${vault.vaultId}/projects`, { name: broken })).body).toMatchObject({
    code: 'InvalidRequest',
  });
  const described = { name: 'a', description: broken };
  expect((await boss.ask('POST', `/vaults/${vault.vaultId}/projects`, described)).body).toMatchObject({
    code: 'Invalid',
    detail: expect.stringContaining('surrogate'),
  });
  expect(
    (await boss.ask('PUT', `/vaults/${vault.vaultId}/freeze`, { reason: broken })).status,
  ).toBeGreaterThanOrEqual(400);
  expect(await vault.snapshot()).toEqual(before);
  expect(vault.faults).toEqual([]);
});
