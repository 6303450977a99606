import { expect, it } from 'vitest';
import { type Execution, execute } from '#engine/execution.ts';
import { planDigest, sha256, stepHash } from '#model/digest.ts';
import { hashSet, isMember } from '#model/membership.ts';
import type { StepAction } from '#model/step.ts';
import type { Step } from '#planning/plan-types.ts';
import type { StepRequest } from '#protocol/management.ts';

const VAULT = 'vault_1';
const FENCE = { manager: 'acme/acme', installation: 'one', fencing: 1 };

/** A cluster that was rebuilt: each of its machines is given another key. */
const rebuilt = (count: number): StepAction[] =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'AddMachineKey',
    key: `team-${n}-builder`,
    before: { fingerprints: [sha256(`old ${n}`)] },
    after: { fingerprint: sha256(`new ${n}`) },
  }));

/** The requests by which a plan of that many keys runs under one approval. */
async function sent(count: number): Promise<readonly StepRequest[]> {
  const actions = rebuilt(count);
  const steps = actions.map((action) => ({
    action,
    hash: stepHash(VAULT, action),
    subject: { kind: 'MachineBinding', key: action.key },
    source: null,
    consequence: { gain: true, loss: null, changes: [] },
    reinstate: null,
  })) as unknown as Step[];
  const claim = {
    digest: planDigest(VAULT, actions),
    approver: 'owner',
    via: 'Vault',
    reference: 'apr_1',
    reason: 'rebuilt',
  } as const;
  const released = { claim, steps: hashSet(steps.map(({ hash }) => hash)) };
  const requests: StepRequest[] = [];
  await execute({
    provider: {
      execute: async (_: unknown, batch: readonly StepRequest[]) => {
        requests.push(...batch);
        return batch.map(() => ({ status: 'Done' }));
      },
    },
    desired: { machines: [] },
    plan: { vaultId: VAULT, epoch: 'e', revision: 1, lossGroups: [] },
    fence: FENCE,
    steps,
    approved: new Map(steps.map(({ hash }) => [hash, released])),
    trace: null,
    records: [],
    signal: new AbortController().signal,
  } as unknown as Execution);
  return requests;
}

it('5,000 keys under one approval: each request proves its own step, and bytes grow with the steps', async () => {
  const [few, many] = [await sent(500), await sent(5000)];
  expect(many).toHaveLength(5000);
  for (const { action, approval, approvalProof } of many) {
    expect(isMember(approval?.digest ?? '', stepHash(VAULT, action), approvalProof ?? [])).toBe(true);
  }
  // Thirteen siblings of a proof and what a step has anyway.
  const bytes = (requests: readonly StepRequest[]) => JSON.stringify(requests).length;
  for (const requests of [few, many]) expect(bytes(requests)).toBeLessThan(requests.length * 1500);
});
