import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tombstone } from '#model/record.ts';
import type { DesiredSecret, OrganizationPlan } from '#planning/plan-types.ts';
import { desired } from '#test/builders/desired.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const generator = { length: 32, charset: 'Hex' } as const;
const DELETED = 'aud_SecretDeleted';
const GONE = 'aud_ProjectDeleted';

/** A project without the secret that a person deleted. */
const cutSecret = (trashed: string | null = 'sk_0000000001') =>
  organization()
    .project('web', ['other'])
    .ours()
    .tombstone('Project', 'web', 'SecretDeleted', {
      item: 'token',
      ...(trashed === null ? {} : { trashed }),
    });

const declared = (token: Omit<DesiredSecret, 'name' | 'generator'> = {}, made = true) =>
  desired().project('web', {
    secrets: [
      { name: 'other', generator },
      { name: 'token', generator: made ? generator : null, ...token },
    ],
  });

const made = (plan: OrganizationPlan) =>
  plan.steps.flatMap(({ action }) => {
    if (action.kind === 'CreateSecret') return [action.key];
    return action.kind === 'RestoreSecret' && action.after.newValue !== null ? [action.key] : [];
  });

describe('a secret that a person deleted (rail 7)', () => {
  it('is not made anew by its generator, and the finding names the entry', () => {
    const plan = planned(declared(), cutSecret());
    expect(made(plan)).toEqual([]);
    expect(reasons(plan)).toContain('Stalled ReinstateNeeded web');
    const finding = plan.findings.find(({ reason }) => reason === 'ReinstateNeeded');
    expect(finding?.message).toContain('the secret token of web was deleted by carol');
    expect(finding?.next).toContain(`reinstate: ${DELETED} on the entry of token in spec.secrets of`);
  });

  it('says the same where no generator is declared, and asks nobody for a value', () => {
    const plan = planned(declared({}, false), cutSecret());
    expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded web']);
  });

  it('comes back as it was once Git names the entry, by an approval', () => {
    const plan = planned(declared({ reinstate: DELETED }), cutSecret());
    expect(stepOf(plan.steps, 'RestoreSecret')).toMatchObject({
      action: { key: 'web/token', before: null, after: { id: 'sk_0000000001', newValue: null } },
      reinstate: DELETED,
      why: 'in the trash: its own value',
    });
    expect(held(plan)).toEqual([['NeedsApproval', ['RestoreSecret web/token']]]);
    expect(made(plan)).toEqual([]);
  });

  it('gets a new value under its id where Git says so, and the step says "new value"', () => {
    const plan = planned(declared({ reinstate: DELETED, reinstateAs: 'NewValue' }), cutSecret());
    const step = stepOf(plan.steps, 'RestoreSecret');
    expect(step.action.after).toEqual({ id: 'sk_0000000001', newValue: generator });
    expect(step.why).toContain('new value');
    expect(held(plan)).toEqual([['NeedsApproval', ['RestoreSecret web/token']]]);
  });

  it('is made by NewValue alone once the trash is empty', () => {
    const named = planned(declared({ reinstate: DELETED }), cutSecret(null));
    expect(told(named.steps)).not.toContain('CreateSecret web/token');
    const finding = named.findings.find(({ reason }) => reason === 'ReinstateNeeded');
    expect(finding?.next).toContain('It is in the trash no longer. For a new value');
    const anew = planned(declared({ reinstate: DELETED, reinstateAs: 'NewValue' }), cutSecret(null));
    expect(stepOf(anew.steps, 'CreateSecret')).toMatchObject({
      action: { key: 'web/token', after: { generator } },
      reinstate: DELETED,
      why: 'in the trash no longer: new value',
    });
    expect(held(anew)).toEqual([['NeedsApproval', ['CreateSecret web/token']]]);
  });

  it('stays away by a final cut, whatever Git names, and the finding has the command of people', () => {
    const state = organization()
      .project('web')
      .ours()
      .tombstone('Project', 'web', 'SecretDeleted', {
        ...{ item: 'token', trashed: 'sk_0000000001', final: true },
      });
    const plan = planned(declared({ reinstate: DELETED, reinstateAs: 'NewValue' }), state);
    expect(made(plan)).toEqual(['web/other']);
    const finding = plan.findings.find(({ reason }) => reason === 'ReinstateNeeded');
    expect(finding?.next).toContain('`seneschal vault trash restore sk_0000000001`');
  });

  it('is granted anew to a machine by a step that follows it, which the plan shows as its gain', () => {
    const access = [{ project: 'web', secrets: ['other', 'token'] }];
    const state = () =>
      organization()
        .project('web', ['other'])
        .machine('api', [{ project: 'web', secrets: ['other'] }])
        .ours()
        .tombstone('Project', 'web', 'SecretDeleted', { item: 'token', trashed: 'sk_0000000001' });
    const cut = planned(declared().machine('api', access), state());
    expect(told(cut.steps)).not.toContain('SetMachineAccess api');
    const finding = cut.findings.find(({ subject }) => subject.kind === 'MachineBinding');
    expect(finding?.message).toBe('Deleted in the vault by a person: web/token.');

    const answered = planned(declared({ reinstate: DELETED }).machine('api', access), state());
    expect(stepOf(answered.steps, 'SetMachineAccess').consequence.changes).toMatchObject([
      { who: 'api', gained: ['web/token'] },
    ]);
    expect(told(answered.runnable)).not.toContain('SetMachineAccess api');
  });

  it('keeps no other change of the machine waiting for the approval', () => {
    const state = organization()
      .project('web', ['other'])
      .machine('api', [])
      .ours()
      .tombstone('Project', 'web', 'SecretDeleted', { item: 'token', trashed: 'sk_0000000001' });
    const access = [{ project: 'web', secrets: ['other', 'token'] }];
    const plan = planned(declared({ reinstate: DELETED }).machine('api', access), state);
    expect(told(plan.runnable)).toContain('SetMachineAccess api');
    expect(stepOf(plan.steps, 'SetMachineAccess').action.after).toEqual({
      access: [{ project: 'web', secrets: ['other'] }],
    });
  });

  it('has a name that is as good as new once a person set a value under it', () => {
    const state = cutSecret().secret('web', 'token');
    expect(reasons(planned(declared(), state)).filter((one) => one.startsWith('Stalled'))).toEqual([]);
  });
});

describe('a project that a person deleted (rail 7)', () => {
  const cutProject = (trashed = true) =>
    organization()
      .record('Project', 'web', { description: '', secrets: ['other', 'token'] })
      .tombstone('Project', 'web', 'ProjectDeleted', trashed ? { trashed: 'proj_0000000001' } : {})
      .tombstone('Project', 'web', 'SecretDeleted', {
        ...{ item: 'token', entry: GONE },
        ...(trashed ? { trashed: 'sk_0000000001' } : {}),
      })
      .tombstone('Project', 'web', 'SecretDeleted', { item: 'other', entry: 'aud_before' });
  const secrets = [
    { name: 'other', generator },
    { name: 'token', generator },
  ];

  it('is not made anew, and neither is any secret in it', () => {
    const plan = planned(desired().project('web', { secrets }), cutProject());
    expect(told(plan.steps)).toEqual([]);
    expect(reasons(plan)).toEqual(['Stalled ReinstateNeeded web']);
    expect(plan.findings[0]?.next).toContain(`set spec.reinstate: ${GONE} on Project acme/web`);
  });

  it('comes back with the secrets that went with it once Git names the entry, and with no other', () => {
    const source = { reinstate: GONE };
    const plan = planned(desired().project('web', { secrets, source, description: 'shop' }), cutProject());
    expect(told(plan.steps)).toEqual(['RestoreProject web']);
    expect(stepOf(plan.steps, 'RestoreProject')).toMatchObject({
      action: { after: { id: 'proj_0000000001', description: 'shop', secrets: ['token'] } },
      reinstate: GONE,
    });
    expect(held(plan)).toEqual([['NeedsApproval', ['RestoreProject web']]]);
    expect(reasons(plan)).toContain('Stalled ReinstateNeeded web');
  });

  it('is made anew by its entry once the trash is empty, without values', () => {
    const source = { reinstate: GONE };
    const plan = planned(desired().project('web', { secrets, source }), cutProject(false));
    expect(told(plan.steps)).toEqual(['CreateProject web']);
    expect(held(plan)).toEqual([['NeedsApproval', ['CreateProject web']]]);
    const stalled = reasons(plan).filter((one) => one === 'Stalled ReinstateNeeded web');
    expect(stalled).toHaveLength(2);
  });
});

describe('whatever a person deleted, and whatever Git names', () => {
  const NAMES = ['a', 'b', 'c'];
  const cuts = fc.array(
    fc.record({
      item: fc.constantFrom(...NAMES),
      hours: fc.nat({ max: 5 }),
      final: fc.boolean(),
      trashed: fc.boolean(),
    }),
    { maxLength: 6 },
  );
  const secret = fc.record({
    reinstate: fc.option(
      fc.nat({ max: 5 }).map((index) => `aud_${index}`),
      { nil: undefined },
    ),
    isNew: fc.boolean(),
    isMade: fc.boolean(),
  });

  it('a value is made for a name without a cut, or for one whose newest cut is named with NewValue', () => {
    fc.assert(
      fc.property(cuts, fc.tuple(secret, secret, secret), fc.subarray(NAMES), (some, of, there) => {
        const tombstones = some.map(
          ({ item, hours, final, trashed }, index): Tombstone => ({
            ...{ entry: `aud_${index}`, kind: 'Project', key: 'web', act: 'SecretDeleted', actor: 'carol' },
            ...{ item, final, at: NOW - hours },
            ...(trashed ? { trashed: `sk_000000000${index}` } : {}),
          }),
        );
        const state = organization().project('web', there).ours().with({ tombstones });
        const secrets = NAMES.map((name, index): DesiredSecret => {
          const { reinstate, isNew, isMade } = of[index] as (typeof of)[number];
          return {
            name,
            generator: isMade ? generator : null,
            ...(reinstate === undefined ? {} : { reinstate }),
            ...(isNew ? { reinstateAs: 'NewValue' as const } : {}),
          };
        });
        const plan = planned(desired().project('web', { secrets }), state);
        for (const { action, reinstate, why } of plan.steps) {
          if (action.kind !== 'CreateSecret' && action.kind !== 'RestoreSecret') continue;
          const name = action.key.slice('web/'.length);
          const own = tombstones.filter(({ item }) => item === name);
          const wanted = secrets.find((one) => one.name === name);
          const isMade = action.kind === 'CreateSecret' || action.after.newValue !== null;
          expect(there).not.toContain(name);
          expect(isMade).toBe(why.includes('new value'));
          if (own.length === 0) {
            expect(reinstate).toBeNull();
            continue;
          }
          const newest = Math.max(...own.map(({ at }) => at));
          const cut = own.find(({ entry }) => entry === reinstate);
          expect(cut).toMatchObject({ at: newest, final: false });
          expect(own.some(({ final }) => final)).toBe(false);
          expect(wanted?.reinstate).toBe(reinstate);
          expect(isMade).toBe(wanted?.reinstateAs === 'NewValue');
          if (action.kind === 'RestoreSecret') expect(action.after.id).toBe(cut?.trashed);
          expect(plan.runnable.map(({ action: run }) => run)).not.toContain(action);
        }
      }),
    );
  });
});
