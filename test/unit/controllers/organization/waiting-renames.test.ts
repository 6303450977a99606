import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { DesiredProject } from '#planning/plan-types.ts';
import { desired, NOW, object, objects, outcome, said, source, state } from './pass.ts';

const BILLING = object('Project', 'billing', { organizationRef: { name: 'acme' }, renamedFrom: 'payments' });
const DECLARED: DesiredProject = {
  ...{ source: source('Project', 'billing'), name: 'billing', renamedFrom: 'payments' },
  ...{ description: '', grants: [], groupGrants: [], secrets: [], deletionPolicy: 'Orphan' },
};

function statusWith(reason: string, severity: 'Waiting' | 'Stalled' | 'Info', projects: readonly string[]) {
  const there = projects.map((name) => ({ id: `proj_${name}`, name, description: '' }));
  const finding = {
    ...{ subject: { kind: 'Project', key: 'billing' } as const, source: source('Project', 'billing') },
    ...{ reason, severity, message: 'It is not renamed yet.', next: 'See what is in the way.' },
  };
  const patches = statusesOf(
    objects({ projects: [BILLING] }),
    desired({ projects: [DECLARED] }),
    outcome(state({ projects: there }), { findings: [finding] }),
    NOW,
  );
  return said(patches.find(({ kind }) => kind === 'Project')?.status.conditions ?? []);
}

describe('the status of a project whose rename waits (P2)', () => {
  it('is Reconciling while the former name is still declared: a commit that is not pruned yet', () => {
    expect(statusWith('RenameWaiting', 'Waiting', ['payments'])).toEqual([
      'Provisioned=False/RenameWaiting',
      'Ready=False/RenameWaiting',
      'Reconciling=True/RenameWaiting',
    ]);
  });

  it('is Stalled while objects of others name it', () => {
    expect(statusWith('RenameReferenced', 'Stalled', ['payments'])).toEqual([
      'Provisioned=False/RenameReferenced',
      'Ready=False/RenameReferenced',
      'Stalled=True/RenameReferenced',
    ]);
  });

  it('is Ready where the line does nothing', () => {
    expect(statusWith('RenameIgnored', 'Info', ['billing'])).toEqual([
      'Provisioned=True/Succeeded',
      'Ready=True/Succeeded',
    ]);
  });
});
