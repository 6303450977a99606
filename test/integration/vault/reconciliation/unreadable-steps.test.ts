import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem, StepAnswer, StepsAnswer } from '#protocol/management.ts';
import { access, record, startTestVault, type TestVault } from '#test/builders/vault.ts';

let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault();
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});

let made = 0;
const invite = (more: object = {}): Record<string, unknown> => {
  made += 1;
  const action = { kind: 'InviteMember', key: `m${made}@acme.example`, before: null, after: access() };
  return { idempotencyKey: `step-${made}`, action, provenance: {}, ...more };
};

async function run(
  steps: readonly unknown[],
  headers: Record<string, string> = {},
): Promise<readonly StepAnswer[]> {
  const fence = await vault.fence();
  const answer = await vault.request<StepsAnswer & Problem>('POST', '/steps', { fence, steps }, { headers });
  expect([answer.status, answer.body.code]).toEqual([200, undefined]);
  return answer.body.results;
}

const said = (answers: readonly StepAnswer[]): string[] =>
  answers.map((answer) => (answer.status === 'Refused' ? `${answer.code} ${answer.message}` : answer.status));

describe('a step that cannot be read is refused by its field, and the others run:', () => {
  it.each<[string, object, string]>([
    [
      'a claim that is too long',
      { provenance: { commit: 'c'.repeat(600) } },
      'provenance.commit: must be at most 256.',
    ],
    [
      'one in its record',
      { record: { ...record('Member', 'x'), provenance: { author: 'a'.repeat(513) } } },
      'record.provenance.author: must be at most 512.',
    ],
    ['no idempotency key', { idempotencyKey: undefined }, 'idempotencyKey: must be string.'],
    [
      'an idempotency key that is too long',
      { idempotencyKey: 'k'.repeat(129) },
      'idempotencyKey: must be at most 128.',
    ],
    ['no provenance', { provenance: undefined }, 'provenance: must be object.'],
    ['no action', { action: undefined }, 'action: must be object.'],
    [
      'a kind of step that is not known',
      { action: { kind: 'Nothing', key: 'x' } },
      'action.kind: is not as the schema wants it.',
    ],
    ['a field that is not known', { secret: 'hunter2' }, 'the step: does not know secret.'],
    ['the character NUL', { provenance: { path: 'a\0b' } }, 'provenance.path contains the character NUL.'],
    [
      'half of a surrogate pair',
      { provenance: { author: 'a\ud800' } },
      'provenance.author contains half of a surrogate pair.',
    ],
    [
      'NUL in the name of a field',
      { record: { ...record('Member', 'x'), applied: { 'a\0': 1 } } },
      'record.applied has a field whose name contains the character NUL.',
    ],
  ])('%s', async (_, more, message) => {
    const answers = await run([invite(), invite(more), invite()]);
    expect(said(answers)).toEqual(['Done', `Unreadable ${message}`, 'Done']);
    expect(answers[1]).toMatchObject({ next: expect.stringContaining('the field that the message names') });
    expect(JSON.stringify(answers)).not.toContain('hunter2');
  });

  it.each([null, 'x', 7, [], {}])('%j', async (nothing) => {
    const [first, second] = await run([nothing, invite()]);
    expect([first, second]).toMatchObject([{ status: 'Refused', code: 'Unreadable' }, { status: 'Done' }]);
  });
});

it('the message of an unreadable step is bounded, whatever its fields are called', async () => {
  const [answer] = await run([invite({ ['x'.repeat(100_000)]: 1 })]);
  expect(answer).toMatchObject({ code: 'Unreadable' });
  expect(JSON.stringify(answer).length).toBeLessThan(2000);
});

it('a fence that cannot be read, or too many steps, is a fault of the whole request: nothing runs', async () => {
  const fence = await vault.fence();
  const { revision } = await vault.snapshot();
  const bodies = [
    { fence: { ...fence, fencing: 'one' }, steps: [invite()] },
    { steps: [invite()] },
    { fence, steps: Array.from({ length: 501 }, () => invite()) },
    { fence, steps: {} },
  ];
  for (const body of bodies) {
    const { status, body: problem } = await vault.request<Problem>('POST', '/steps', body);
    expect([status, problem.code]).toEqual([400, 'InvalidRequest']);
  }
  expect((await vault.snapshot()).revision).toBe(revision);
});

it('V1: the first step that can be read is the one that If-Match is held against, and a repeat is answered alike', async () => {
  const unreadable = invite({ provenance: null });
  const step = invite();
  const { revision, epoch } = await vault.snapshot();
  const headers = { 'if-match': `"${epoch}.${revision}"`, 'idempotency-key': 'whole-request' };
  const first = await run([unreadable, step], headers);
  expect(first).toMatchObject([{ code: 'Unreadable' }, { status: 'Done' }]);
  expect(await run([unreadable, step], headers)).toEqual(first);

  const fence = await vault.fence();
  const stale = await vault.request<Problem>(
    'POST',
    '/steps',
    { fence, steps: [unreadable, invite()] },
    { headers: { 'if-match': `"${epoch}.${revision}"` } },
  );
  expect([stale.status, stale.body.code]).toEqual([412, 'Stale']);
});
