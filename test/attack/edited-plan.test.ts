import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  copyOfExample,
  type DevVault,
  folderWith,
  seneschal,
  startDevVault,
} from '#test/builders/command-line.ts';

interface Step {
  readonly hash: string;
  readonly kind: string;
  readonly key: string;
  readonly after: object;
  readonly gain: boolean;
  readonly changes: readonly object[];
}
interface Plan {
  readonly vaultId: string;
  readonly steps: readonly Step[];
}

describe('a plan is edited before it is reviewed, so that people agree to another one than is applied', () => {
  let vault: DevVault;
  let folder: string;
  let file: string;
  let written: Plan;
  beforeAll(async () => {
    vault = await startDevVault();
    folder = copyOfExample();
    file = join(folderWith({}), 'plan.json');
    const { code } = await seneschal('plan', folder, ...vault.options, '--out', file);
    expect(code).toBe(2);
    written = JSON.parse(readFileSync(file, 'utf8')) as Plan;
  });
  afterAll(() => vault.stop());

  const apply = async (plan: unknown) => {
    writeFileSync(file, JSON.stringify(plan, null, 2));
    return seneschal('apply', folder, ...vault.options, '--plan', file);
  };
  const withStep = (kind: string, edit: (step: Step) => Step): Plan => ({
    ...written,
    steps: written.steps.map((step) => (step.kind === kind ? edit(step) : step)),
  });

  it('is refused with exit 4, names the step, and applies nothing', async () => {
    const edits: readonly [Plan, RegExp][] = [
      [
        withStep('InviteMember', (step) => ({ ...step, key: 'harmless@acme.example' })),
        /was edited: step \d+, InviteMember harmless@acme\.example, is not what its hash [0-9a-f]{12}… says/,
      ],
      [
        withStep('CreateTemplate', (step) => ({ ...step, after: { ...step.after, capabilities: {} } })),
        /was edited: step \d+, CreateTemplate [^,]+, is not what its hash [0-9a-f]{12}… says/,
      ],
      [
        withStep('InviteMember', (step) => ({ ...step, gain: false, changes: [] })),
        /InviteMember [^:]+: who gains and who loses what by it is not what the plan shows/,
      ],
    ];
    for (const [plan, why] of edits) {
      const { code, stdout, stderr } = await apply(plan);
      expect([code, stdout]).toEqual([4, '']);
      expect(stderr).toMatch(why);
      expect(stderr).toContain('nothing was applied');
    }
    const { code, stdout } = await seneschal('plan', folder, ...vault.options, '-o', 'json');
    expect(code).toBe(2);
    expect((JSON.parse(stdout) as Plan).steps.map(({ hash }) => hash)).toEqual(
      written.steps.map(({ hash }) => hash),
    );
  });

  it('goes through as it was written', async () => {
    const { code, stdout } = await apply(written);
    expect(code).toBe(0);
    expect(stdout).toContain('done InviteMember alice@acme.example');
  });
});
