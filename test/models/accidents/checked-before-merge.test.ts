import { expect, test } from 'vitest';
import { preview } from '#engine/observe.ts';
import { runPass } from '#engine/pass.ts';
import { desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { memoryPass } from '#test/fakes/memory-pass.ts';

test('what plans a branch asks the vault one question, and changes nothing before the branch is merged', async () => {
  const there = organization().member('alice@acme.example').member('bob@acme.example').ours().build();
  const branch = desired()
    .member('carol@acme.example')
    .member('alice@acme.example', { role: 'Admin' })
    .build();
  const { vault, input } = memoryPass(there, branch);
  const { plan } = await preview(input);
  expect(plan.steps).not.toEqual([]);
  expect(vault.calls).toEqual(['observe']);
  expect(vault.state).toEqual(there);

  // Merged, the same is done.
  await runPass(input);
  expect(vault.state.members.map(({ email }) => email)).toContain('carol@acme.example');
});
