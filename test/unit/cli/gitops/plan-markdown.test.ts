import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanDocument, StepDocument } from '#cli/gitops/plan-document.ts';
import { MARKDOWN_LIMIT, planMarkdown } from '#cli/gitops/plan-markdown.ts';

const step = (kind: string, key: string, some: Partial<StepDocument> = {}): StepDocument => ({
  ...{ hash: `${kind} ${key}`, kind, key, before: null, after: null, why: 'declared', standing: 'Run' },
  ...{ loss: null, gain: false, changes: [], source: null },
  ...some,
});
const document = (some: Partial<PlanDocument> = {}): PlanDocument => ({
  ...{ schemaVersion: 1, organization: { namespace: 'acme', name: 'acme' }, vaultId: 'vault_1' },
  ...{ hash: '', epoch: 'e', revision: 7, digest: null, observeOnly: null, steps: [], held: [], managed: [] },
  ...{ open: { counts: {}, items: [] }, findings: [] },
  ...some,
});
const shown = (of: PlanDocument, redact = false) => planMarkdown(of, 'Open: 1 to apply.', { redact });

const BOB = 'bob@acme.example';
const invite = step('InviteMember', BOB, {
  gain: true,
  standing: 'Held',
  changes: [
    {
      who: BOB,
      gained: [
        'Secrets: View in web',
        'Secrets: Manage in web',
        'Secrets: View in api',
        'Secrets: Manage in api',
      ],
      lost: [],
      raised: ['Admin'],
    },
  ],
});
const removal = step('RemoveMember', 'eve@acme.example', { loss: { class: 'people', units: 1 } });
const PLAN = document({
  digest: 'd1',
  steps: [removal, invite],
  held: [
    {
      ...{ reason: 'NeedsApproval', rail: 2, steps: [invite.hash], digest: 'd1' },
      ...{ message: `Raises wait for an approval: ${BOB}.`, next: '' },
    },
  ],
});

describe('a plan as Markdown', () => {
  it('says first what needs approval and by which command, then who is taken away, raised, and who gains what; the rest folded', () => {
    const text = shown(PLAN);
    const places = [
      '#### Needs approval',
      'seneschal approve d1',
      '#### Taken away',
      '#### Raised',
      '#### Who gains',
    ];
    const at = [...places, '<details>', '</details>', 'never values'].map((part) => text.indexOf(part));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at).not.toContain(-1);
    expect(text).toContain('- `bob@acme.example`\n  - \\+ Secrets: View, Manage in api, web\n');
  });

  it('is the same bytes for the same plan', () => {
    expect(shown(structuredClone(PLAN))).toBe(shown(PLAN));
  });

  it('names nobody and nothing where names are redacted, and tells them apart all the same', () => {
    const text = shown(PLAN, true);
    for (const name of [BOB, 'bob', 'eve@', 'acme', 'web', 'vault_1']) expect(text).not.toContain(name);
    expect(text).toMatch(/RemoveMember No\. \d/);
    expect(text).toContain('seneschal approve d1');
  });

  it('lets no name be markup, an HTML tag, or call somebody', () => {
    const evil = '@team <img src=x> `a` | **b** [c](http://d)';
    const text = shown(document({ steps: [step('CreateProject', evil, { why: evil })] }));
    expect(text).toContain('`` @team <img src=x> `a` | **b** [c](http://d) ``');
    expect(text).toContain('&#64;team \\<img src=x\\> \\`a\\` \\| \\*\\*b\\*\\* \\[c\\](http://d)');
  });

  it('never grows beyond what a comment takes, ends what it folds, and says how much is left out', () => {
    const names = fc.array(fc.string({ minLength: 1, maxLength: 200 }), { minLength: 300, maxLength: 900 });
    fc.assert(
      fc.property(names, (keys) => {
        const text = shown(
          document({ steps: keys.map((key) => step('CreateProject', `${key}${'x'.repeat(80)}`)) }),
        );
        expect(text.length).toBeLessThanOrEqual(MARKDOWN_LIMIT);
        expect(text.split('<details>').length).toBe(text.split('</details>').length);
        const listed = text.split('\n').filter((line) => line.startsWith('- CreateProject ')).length;
        const left = Number(/_(\d+) more lines/.exec(text)?.[1] ?? 0);
        expect(listed + left).toBe(keys.length);
      }),
      { numRuns: 20 },
    );
  });
});
