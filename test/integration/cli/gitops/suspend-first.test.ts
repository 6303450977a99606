import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { apply } from '#cli/gitops/apply-command.ts';
import { planCommand } from '#cli/gitops/plan-command.ts';
import type { StepDocument } from '#cli/gitops/plan-document.ts';
import { copyOfExample, folderWith } from '#test/builders/command-line.ts';
import { connected } from '#test/builders/connected.ts';
import { credentialsFolder } from '#test/builders/credentials.ts';
import { acceptInvite, MANAGER, startTestVault, type TestVault } from '#test/builders/vault.ts';

const BOB = 'bob@acme.example';
type Applied = Parameters<typeof apply>;

/** A vault that is as the folder declares, bob in it. */
let vault: TestVault;
let folder: string;
beforeEach(async () => {
  vault = await startTestVault();
  folder = copyOfExample();
  await applied({ approveHeld: async ({ digest }) => (await vault.approve(digest)) !== null });
  await acceptInvite(vault, BOB);
});
afterEach(async () => {
  await vault[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface How {
  readonly output?: 'text' | 'json';
  readonly plan?: string;
  readonly approveHeld?: Applied[2];
  readonly confirm?: Applied[3];
  /** The vault is asked for nothing more once it took steps. */
  readonly isCut?: boolean;
}

/** `seneschal apply`, by default where nobody is asked. */
async function applied({
  output = 'text',
  plan,
  approveHeld = async () => false,
  confirm = null,
  isCut = false,
}: How = {}) {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  const requests: string[] = [];
  const heard = (message: unknown): void => {
    const { request } = message as { request: ClientRequest };
    const asked = `${request.method} ${request.path.replace(/^.*\/|\?.*$/g, '')}`;
    if (isCut && asked === 'GET snapshot' && requests.includes('POST steps')) request.destroy();
    requests.push(asked);
  };
  subscribe('http.client.request.start', heard);
  const options = {
    credentials: credentialsFolder(vault),
    namespace: 'default',
    output,
    ...(plan && { plan }),
  };
  try {
    const ended = await apply(folder, options, approveHeld, confirm).catch((error: Error) => error);
    return { ended, requests, ...said };
  } finally {
    unsubscribe('http.client.request.start', heard);
    for (const spy of spies) spy.mockRestore();
  }
}

/** The file of `seneschal plan --out`. */
async function reviewed(): Promise<string> {
  const out = join(folderWith({}), 'plan.json');
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockReturnValue(true),
  );
  const options = {
    credentials: credentialsFolder(vault),
    namespace: 'default',
    output: 'text',
    out,
  } as const;
  try {
    await planCommand(folder, options);
    return out;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const suspendBob = (): void => appendFileSync(join(folder, 'member-bob.yaml'), '  state: Suspended\n');
const addProject = (): void =>
  writeFileSync(
    join(folder, 'project-new.yaml'),
    [
      'apiVersion: seneschal.dev/v1alpha1',
      'kind: Project',
      'metadata: {name: new, namespace: acme}',
      'spec: {organizationRef: {name: acme}, name: new}',
    ].join('\n'),
  );
const kindsToRun = (steps: readonly StepDocument[]): string[] =>
  steps.filter(({ standing }) => standing === 'Run').map(({ kind }) => kind);
const bob = async () => (await vault.snapshot()).members.find(({ email }) => email === BOB)?.state;

test('whom the folder says to suspend goes first, in a request of its own, and is reported as any other step (M1)', async () => {
  suspendBob();
  addProject();
  const { ended, requests, stdout, stderr } = await applied({ output: 'json' });
  expect(requests.slice(0, 5)).toEqual([
    'GET snapshot',
    'POST lease',
    'POST steps',
    'DELETE lease',
    'GET snapshot',
  ]);
  expect(ended).toEqual([]);
  const { steps, results, rest } = JSON.parse(stdout);
  const keys = ['SuspendMember', 'CreateProject'];
  expect(kindsToRun(steps)).toEqual(keys);
  expect(results).toMatchObject(keys.map((kind) => ({ kind, status: 'Done' })));
  expect(kindsToRun(rest.steps)).toEqual([]);
  expect(stderr).toContain(`suspended before the rest is planned: ${BOB}`);
  expect(await bob()).toBe('Suspended');
});

test('a run that suspends and finds nothing else says so, and is done', async () => {
  suspendBob();
  const { ended, stdout } = await applied();
  expect(stdout).toMatch(new RegExp(`done SuspendMember ${BOB}\n\n1 done\\.`));
  expect(ended).toEqual([]);
});

test('where nobody is to be suspended, it costs no request', async () => {
  expect((await applied()).requests).toEqual(['GET snapshot']);
});

test('somebody is suspended though the rest cannot be planned, and it is said', async () => {
  suspendBob();
  const { ended, stderr } = await applied({ isCut: true });
  expect(ended).toMatchObject({ code: 'Unreachable' });
  expect(stderr).toContain(`suspended before the rest is planned: ${BOB}`);
  expect(await bob()).toBe('Suspended');
});

test('somebody is suspended though nobody answers whether what is held is approved', async () => {
  suspendBob();
  appendFileSync(join(folder, 'member-frank.yaml'), '  role: Admin\n');
  const { ended } = await applied({
    approveHeld: async () => {
      throw new Error('nobody answers');
    },
  });
  expect(ended).toMatchObject({ message: 'nobody answers' });
  expect(await bob()).toBe('Suspended');
});

test('at a terminal the question comes first', async () => {
  suspendBob();
  const { stdout } = await applied({ confirm: async () => false });
  expect(stdout).toContain(`SuspendMember ${BOB}`);
  expect(await bob()).toBe('Active');
});

test('a reviewed plan suspends nobody whom it does not name', async () => {
  addProject();
  const plan = await reviewed();
  suspendBob();
  const { ended, stdout } = await applied({ plan });
  expect(stdout).toContain('done CreateProject new\n\n1 done.');
  expect(ended).toEqual(['ChangesPending']);
  expect(await bob()).toBe('Active');
});

test('it waits until the operator yields, and asks anew whom to suspend (rail 10)', async () => {
  suspendBob();
  const { provider } = connected(vault);
  const { signal } = new AbortController();
  const holder = { manager: MANAGER, installation: 'operator' };
  const { fencing } = await provider.takeLease(holder, signal);
  const applying = applied();
  await expect
    .poll(async () => (await provider.observe(null, signal)).volatile.yieldRequested, { timeout: 20_000 })
    .toBe(true);
  await provider.releaseLease({ ...holder, fencing }, signal);
  const { ended, stderr, stdout } = await applying;
  await provider.close();
  expect(stderr).toContain(`waiting for the lease of manager ${MANAGER}`);
  expect(stdout).toContain(`done SuspendMember ${BOB}`);
  expect(ended).toEqual([]);
});
