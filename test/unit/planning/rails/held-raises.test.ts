import { describe, expect, it, test } from 'vitest';
import { desired, RAILS, settled } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { held, planned, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const approval = { approver: 'owner', via: 'Vault', reference: 'apr_1', reason: 'reviewed' } as const;

describe('raises of a plan (rail 2)', () => {
  const organized = () =>
    organization().member('eve@acme.example').member(BOB, { state: 'Suspended' }).ours();

  it('wait together, and what raises nobody goes on', () => {
    const declared = desired().member('eve@acme.example', { role: 'Admin' }).member('new@acme.example');
    const plan = planned(declared.member('boss@acme.example', { role: 'Admin' }), organization());
    expect(told(plan.runnable)).toEqual(['InviteMember new@acme.example']);
    expect(held(plan)).toEqual([
      ['NeedsApproval', ['InviteMember boss@acme.example', 'InviteMember eve@acme.example']],
    ]);
    expect(plan.held[0]?.message).toContain('eve@acme.example (Admin, Projects: Manage in all projects)');
    expect(plan.held[0]?.next).toContain(`seneschal approve ${plan.digest}`);
  });

  test.each([
    ['an approval of them', {}, (digest: string) => [digest]],
    ['rails that were told not to wait', { privilegeApproval: 'Never' }, () => []],
  ] as const)('run with %s', (_, rails, digests) => {
    const declared = desired().rails(rails).member('eve@acme.example', { role: 'Admin' });
    const state = () => organization().with(settled(organization().build(), { ...RAILS, ...rails }));
    const digest = planned(declared, state()).digest ?? '';
    const approvals = digests(digest).map((one) => ({ ...approval, digest: one, expiresAt: NOW + 1 }));
    const plan = planned(declared, state(), { approvals });
    expect(told(plan.runnable)).toEqual(['InviteMember eve@acme.example']);
    expect(plan.held).toEqual([]);
  });

  it('are judged by the access that somebody has once it is set and they are given back', () => {
    const declared = desired().member('eve@acme.example').member(BOB, { role: 'Admin' });
    const plan = planned(declared, organized());
    expect(held(plan)).toEqual([['NeedsApproval', [`UnsuspendMember ${BOB}`, `SetMemberAccess ${BOB}`]]]);
  });

  it('are held beside a loss of the same step, and the other losses go on', () => {
    const state = organization()
      .template('viewers', { Secrets: ['View'], Machines: ['View'] })
      .template('keepers', { Machines: ['Manage'] })
      .member('eve@acme.example', { template: 'viewers' })
      .member(BOB, { grants: [{ project: 'web', access: 'Write' }] })
      .project('web')
      .ours();
    const declared = desired()
      .template('viewers', { Secrets: ['View'], Machines: ['View'] })
      .template('keepers', { Machines: ['Manage'] })
      .member('eve@acme.example', { template: 'keepers' })
      .member(BOB)
      .project('web');
    const first = planned(declared, state);
    expect(held(first)).toEqual([['NeedsApproval', ['SetMemberAccess eve@acme.example']]]);
    const approvals = [{ ...approval, digest: first.digest ?? '', expiresAt: NOW + 1 }];
    const plan = planned(declared, state, { approvals });
    expect(told(plan.runnable)).toContain('SetMemberAccess eve@acme.example');
    expect(plan.lossGroups.filter((group) => group.approval !== null)).toMatchObject([
      { class: 'access', steps: [{ action: { key: 'eve@acme.example' } }] },
    ]);
  });

  it('are reserved, with what they lose, as one with the losses of the class that the same approval releases', () => {
    const viewing = { Machines: ['View'] };
    const project = (name: string) => ({ project: name, access: 'Read' }) as const;
    const state = organization()
      .template('purgers', { Trash: ['Purge'] })
      .template('viewers', viewing)
      .member('eve@acme.example', { template: 'viewers' })
      .member(BOB, { grants: [project('api'), project('web')] })
      .project('api')
      .project('web')
      .with({
        ledger: [{ class: 'access', units: 20, at: NOW, stepHash: 'x', approved: false }],
      })
      .ours();
    const declared = () =>
      desired()
        .template('purgers', { Trash: ['Purge'] })
        .template('viewers', viewing)
        .member('eve@acme.example', { template: 'purgers' })
        .member(BOB)
        .project('api')
        .project('web');
    const { digest, held: holds } = planned(declared(), state);
    expect(holds).toMatchObject([{ reason: 'NeedsApproval' }, { reason: 'LossBudget' }]);
    const approvals = [{ ...approval, digest: digest ?? '', expiresAt: NOW + 1 }];
    const { lossGroups, runnable } = planned(declared(), state, { approvals });
    expect(lossGroups).toMatchObject([{ class: 'access', approval: { reference: 'apr_1' } }]);
    expect(told(lossGroups[0]?.steps ?? [])).toEqual([
      `SetMemberAccess ${BOB}`,
      'SetMemberAccess eve@acme.example',
    ]);
    expect(told(runnable)).toEqual([`SetMemberAccess ${BOB}`, 'SetMemberAccess eve@acme.example']);

    // Two approvals are two reservations: each is used for its own.
    const each = holds.map(({ digest: own }, index) => ({
      ...approval,
      ...{ digest: own ?? '', reference: `apr_${index}`, expiresAt: NOW + 1 },
    }));
    expect(planned(declared(), state, { approvals: each }).lossGroups).toMatchObject([
      { approval: { reference: 'apr_0' }, steps: [{}] },
      { approval: { reference: 'apr_1' }, steps: [{}] },
    ]);
  });
});
