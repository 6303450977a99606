import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { apply } from '#cli/gitops/apply-command.ts';
import { type ConfirmingOptions, confirmingAtTerminal } from '#cli/gitops/confirm-apply.ts';
import { copyOfExample, type DevVault, seneschal, startDevVault } from '#test/builders/command-line.ts';

/** One vault, to which little by little everything is applied: the tests go on from each other. */
let vault: DevVault;
const folder = copyOfExample();
beforeAll(async () => {
  vault = await startDevVault();
});
afterAll(() => vault.stop());

async function applyAt(keys: string, flags: Partial<ConfirmingOptions> = {}, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  input.end(keys);
  const said: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0),
  );
  const options = { credentials: vault.credentialsDir, namespace: 'default', output: 'text' } as const;
  try {
    const confirm = confirmingAtTerminal({ ...options, ...flags }, { input, output });
    const outcomes = await apply(folder, options, async () => false, confirm);
    return { outcomes, asked: String(output.read() ?? ''), said: said.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test.each(['n\r', '\r', 'why?\r', ''])('anything but yes applies nothing: %j', async (keys) => {
  const { outcomes, asked, said } = await applyAt(keys);
  expect(asked).toMatch(/^Apply these \d+ steps\? \[y\/N\] /);
  expect(said).toContain('Nothing was applied.');
  expect(said).not.toContain('done ');
  expect(outcomes).toContain('ChangesPending');
});

test('Ctrl-C applies nothing', async () => {
  await expect(applyAt('\x03')).rejects.toMatchObject({ outcome: 'Interrupted' });
  const { stdout } = await seneschal('plan', folder, ...vault.options);
  expect(stdout).toContain('CreateProject');
});

test('yes applies', async () => {
  const { said } = await applyAt('y\r');
  expect(said).toContain('done CreateProject payments');
});

test('where nothing is to be done, nothing is asked', async () => {
  expect((await applyAt('n\r')).asked).toBe('');
});

test.each([
  ['in a pipe', {}, false],
  ['with --yes', { yes: true }, true],
  ['of a reviewed plan', { plan: 'plan.json' }, true],
  ['where JSON is printed', { output: 'json' }, true],
])('it is not asked %s', async (_, flags, isTTY) => {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  input.end('n\r');
  const confirm = confirmingAtTerminal({ output: 'text', ...flags }, { input, output });
  expect(await confirm(3)).toBe(true);
  expect(output.read()).toBeNull();
});
