import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PlanDocument, StepDocument } from '#cli/gitops/plan-document.ts';
import { planHash } from '#cli/gitops/plan-hash.ts';
import {
  approveFirstCommit,
  copyOfExample,
  folderWith,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';
import { attack } from './attack.ts';
import { done, refused } from './outcome.ts';

/** The plan with another text in the steps of a kind, and the hashes that it had. */
function edited(
  { steps, ...plan }: PlanDocument,
  kind: string,
  edit: (step: StepDocument) => Partial<StepDocument>,
): PlanDocument {
  return { ...plan, steps: steps.map((step) => (step.kind === kind ? { ...step, ...edit(step) } : step)) };
}

/** By who knows how its hash is made. */
const hashedAnew = (plan: PlanDocument): PlanDocument => ({ ...plan, hash: planHash(plan) });

/** Exit code, and which check said so. */
const CHECKS =
  /the plan is not what its hash|is not what its hash|who gains and who loses what by it is not what the plan shows/;

attack({
  name: 'edits a plan before it is reviewed, so that people agree to another one than is applied',
  actor: 'Rogue committer',
  rule: 'rail 2',
  refused: [
    'exit 4: is not what its hash',
    'exit 4: the plan is not what its hash',
    'exit 4: who gains and who loses what by it is not what the plan shows',
  ],
  permittedBy: 'the plan as it was written',
  async world() {
    const vault = await startDevVault();
    onTestFinished(() => vault.stop());
    const folder = copyOfExample();
    await approveFirstCommit(folder, vault.options, (digest) =>
      seneschal('approve', digest, ...vault.asOwner, '--reason', 'the first commit'),
    );
    const file = join(folderWith({}), 'plan.json');
    const { code } = await seneschal('plan', folder, ...vault.options, '--out', file);
    if (code !== 2) throw new Error(`plan: exit ${code}`);
    return { vault, folder, file, written: JSON.parse(readFileSync(file, 'utf8')) as PlanDocument };
  },
  attack: ({ written }) => [
    edited(written, 'InviteMember', () => ({ key: 'harmless@acme.example' })),
    edited(written, 'CreateTemplate', ({ after }) => ({ after: { ...(after as object), capabilities: {} } })),
    hashedAnew(edited(written, 'InviteMember', () => ({ gain: false, changes: [] }))),
    { ...written, steps: written.steps.filter(({ gain }) => !gain) },
  ],
  control: ({ written }) => [written],
  async calls({ vault, folder, file }, plans: readonly PlanDocument[]) {
    const outcomes = [];
    for (const plan of plans) {
      writeFileSync(file, JSON.stringify(plan, null, 2));
      const { code, stderr } = await seneschal('apply', folder, ...vault.options, '--plan', file);
      const why = CHECKS.exec(stderr)?.[0] ?? 'none';
      outcomes.push(
        code === 0 ? done('apply --plan', 'exit 0') : refused('apply --plan', `exit ${code}: ${why}`),
      );
    }
    return outcomes;
  },
});
