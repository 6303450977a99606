import { onTestFinished } from 'vitest';
import type { StepsAnswer } from '#protocol/management.ts';
import { access, startTestVault } from '#test/builders/vault.ts';
import { attack } from './attack.ts';
import { type Outcome, ofStep } from './outcome.ts';

attack({
  name: 'has the other steps of a request refused by one that cannot be read',
  actor: 'Thief of an automation credential',
  rule: 'V7',
  refused: ['Unreadable'],
  permittedBy: 'texts that fit',
  async world() {
    const vault = await startTestVault();
    onTestFinished(() => vault[Symbol.asyncDispose]());
    return vault;
  },
  attack: () => [{ commit: 'x'.repeat(600) }, { author: 'a\0b' }, { path: 7 }, { secret: 'hunter2' }, null],
  control: (): unknown[] => [{ commit: 'x'.repeat(256) }, {}],
  async calls(vault, claims) {
    const outcomes: Outcome[] = [];
    for (const [index, provenance] of claims.entries()) {
      const step = (name: string, brought: unknown) => ({
        idempotencyKey: `${name}-${index}`,
        action: { kind: 'InviteMember', key: `${name}-${index}@acme.example`, before: null, after: access() },
        provenance: brought,
      });
      const fence = await vault.fence();
      const steps = [step('before', {}), step('between', provenance), step('after', {})];
      const { status, body } = await vault.request<StepsAnswer>('POST', '/steps', { fence, steps });
      const said = body.results?.map((one) => (one.status === 'Refused' ? one.code : one.status)) ?? [];
      const [before, between = 'none', after] = said;
      if (status !== 200 || before !== 'Done' || after !== 'Done')
        throw new Error(`held up: ${status} ${said}`);
      outcomes.push(ofStep('a step between others', between));
    }
    return outcomes;
  },
});
