import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretsOf } from '#model/consequence.ts';
import { plan } from '#planning/plan.ts';
import type { Desired } from '#planning/plan-types.ts';
import { renderText } from '#planning/render-text.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { applySteps } from '#test/builders/oracle.ts';
import { NOW, organization } from '#test/builders/organization.ts';
import { held, planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const ACCESS = [{ project: 'web', secrets: ['key', 'token'] }];
const LESS = [{ project: 'web', secrets: ['key'] }];
const OURS = { fingerprint: 'fp-ours', publicKey: 'public' };
const state = (access = ACCESS) =>
  organization().project('web', ['key', 'token']).ours().machine('ci', access);
const bindable = () =>
  desired().project('web', { secrets: ['key', 'token'].map((name) => ({ name, generator: null })) });
const adopt = { adopt: 'mch_ci' };

describe('a machine that people made', () => {
  it('is not adopted with more than is declared, though its annotation consents: the rest is named', () => {
    for (const declared of [[], LESS]) {
      const plan = planned(bindable().machine('ci', declared, { key: OURS, source: adopt }), state());
      expect(told(plan.steps).filter((step) => step.endsWith('ci'))).toEqual([]);
      expect(reasons(plan)).toContain('Stalled NotAdopted ci');
      const [finding] = plan.findings.filter(({ reason }) => reason === 'NotAdopted');
      expect(finding?.message).toContain('web/token');
      expect(finding?.next).toBe('Declare all that it has, or take the rest from it in the vault.');
    }
  });

  it('is not claimed with more than is declared, though its key is ours', () => {
    const plan = planned(desired().machine('ci'), state());
    expect(told(plan.steps).filter((step) => step.endsWith('ci'))).toEqual([]);
    expect(reasons(plan)).toContain('Stalled NotAdopted ci');
  });

  it('waits for approval with all that it reads as a gain, once it is declared and consented to (rail 2)', () => {
    const plan = planned(bindable().machine('ci', ACCESS, { key: OURS, source: adopt }), state());
    expect(held(plan)).toEqual([['NeedsApproval', ['AddMachineKey ci']]]);
    expect(stepOf(plan.steps, 'AddMachineKey').consequence).toEqual({
      loss: null,
      gain: true,
      changes: [
        {
          ...{ who: 'ci', gained: ['web/key', 'web/token'], lost: [] },
          raised: ['adopted with all that it reads'],
        },
      ],
    });
  });

  it('waits with every step on it, where more is declared than it has', () => {
    const plan = planned(bindable().machine('ci', ACCESS, { key: OURS, source: adopt }), state(LESS));
    expect(held(plan)).toEqual([['NeedsApproval', ['AddMachineKey ci', 'SetMachineAccess ci']]]);
    expect(stepOf(plan.steps, 'SetMachineAccess').consequence.changes[0]?.gained).toEqual([
      'web/key',
      'web/token',
    ]);
  });

  it('is claimed under approval alone, though all is as declared: a key of ours needs none afterwards', () => {
    const matching = planned(bindable().machine('ci', ACCESS), state());
    const withoutKey = planned(bindable().machine('ci', ACCESS, { key: null, source: adopt }), state());
    for (const plan of [matching, withoutKey]) {
      expect(held(plan)).toEqual([['NeedsApproval', ['Claim MachineBinding/ci']]]);
      expect(stepOf(plan.steps, 'Claim').consequence.changes[0]?.gained).toEqual(['web/key', 'web/token']);
    }
  });

  it('is not consented to by its name', () => {
    const plan = planned(bindable().machine('ci', ACCESS, { key: OURS, source: { adopt: 'ci' } }), state());
    expect(told(plan.steps).filter((step) => step.endsWith('ci'))).toEqual([]);
    const [finding] = plan.findings.filter(({ reason }) => reason === 'NotAdopted');
    expect(finding?.next).toContain(
      'seneschal.dev/adopt: mch_ci on MachineBinding acme/ci, which says ci now.',
    );
  });
});

describe('a project that people made', () => {
  const secrets = [{ name: 'key', generator: null }];

  it('waits for approval where it has secrets, though all is as declared: they can be bound (rail 2)', () => {
    const plan = planned(desired().project('web', { secrets }), organization().project('web', ['key', 'a']));
    expect(held(plan)).toEqual([['NeedsApproval', ['Claim Project/web']]]);
    expect(plan.held[0]?.message).toContain('web (its 2 secrets can be bound from here on)');
  });

  it('waits with all of its steps where it differs and was consented to', () => {
    const generator = { length: 8, charset: 'Hex' } as const;
    const declared = desired().project('web', {
      ...{ description: 'ours', secrets: [{ name: 'new', generator }], source: { adopt: 'prj_web' } },
    });
    const plan = planned(declared, organization().project('web', ['key']));
    expect(held(plan)).toEqual([['NeedsApproval', ['UpdateProject web', 'CreateSecret web/new']]]);
  });

  it('is claimed at once where it has none', () => {
    const plan = planned(desired().project('web'), organization().project('web'));
    expect(told(plan.runnable)).toEqual(['Claim Project/web']);
  });
});

describe('what a plan takes into management', () => {
  it('is listed with whose it was: a claim of people and templates gives nothing by itself and stays a claim', () => {
    const there = organization()
      .template('developers', { Secrets: ['View'] })
      .member(BOB, { template: 'developers' })
      .member('carol@acme.example')
      .record('Member', 'carol@acme.example', {}, { origin: 'team-a' });
    const plan = planned(
      desired()
        .template('developers', { Secrets: ['View'] })
        .template('new')
        .member(BOB, { template: 'developers' })
        .member('carol@acme.example')
        .member('dan@acme.example')
        .machine('ci'),
      there,
    );
    expect(told(plan.runnable)).toEqual(
      expect.arrayContaining(['Claim PermissionTemplate/developers', `Claim Member/${BOB}`]),
    );
    expect(plan.managed).toEqual([
      { kind: 'Member', key: BOB, origin: 'acme', before: null },
      { kind: 'Member', key: 'carol@acme.example', origin: 'acme', before: 'team-a' },
      { kind: 'PermissionTemplate', key: 'developers', origin: 'acme', before: null },
    ]);
  });

  it('is printed by kind, with who managed it so far', () => {
    const there = organization()
      .member(BOB)
      .member('carol@acme.example')
      .record('Member', 'carol@acme.example', {}, { origin: 'team-a' });
    const text = renderText(planned(desired().member(BOB).member('carol@acme.example'), there));
    expect(text).toContain(`Who manages what from here on, of what was in the vault:
  namespace acme, so far nobody: Member ${BOB}
  namespace acme, so far namespace team-a: Member carol@acme.example
`);
  });

  it('is nothing where everything is ours already', () => {
    expect(planned(desired().member(BOB), organization().member(BOB).ours()).managed).toEqual([]);
  });
});

describe('a plan over random organizations', () => {
  it('takes over no machine, and no project with secrets, without an approval, however often it runs', () => {
    const both = fc.tuple(arbitraryDesired, arbitraryOrganization, fc.boolean());
    fc.assert(
      fc.property(both, ([declared, start, consents]) => {
        const wanted = consents ? consenting(declared, start) : declared;
        let current = start;
        for (let pass = 0; pass < 4; pass++) {
          const { runnable, steps } = plan(wanted, current, policy(), NOW);
          const recorded = new Set(current.records.map(({ kind, key }) => `${kind}/${key}`));
          const machines = new Map(current.machines.map(({ name, access }) => [name, access]));
          const withSecrets = new Set(current.secrets.map(({ project }) => project));
          for (const { subject, record } of runnable) {
            if (recorded.has(`${subject.kind}/${subject.key}`)) continue;
            if (subject.kind === 'MachineBinding') expect(machines.has(subject.key)).toBe(false);
            if (subject.kind === 'Project' && record != null) {
              expect(
                withSecrets.has(subject.key) && current.projects.some((p) => p.name === subject.key),
              ).toBe(false);
            }
          }
          // What waits says all that the machine reads, and its record will too.
          for (const { subject, consequence, record } of steps) {
            const access = machines.get(subject.key);
            if (subject.kind !== 'MachineBinding' || access === undefined) continue;
            if (recorded.has(`MachineBinding/${subject.key}`)) continue;
            const reads = [...secretsOf(access)];
            expect(consequence.changes.flatMap(({ gained }) => gained)).toEqual(
              expect.arrayContaining(reads),
            );
            if (record == null) continue;
            const applied = record.applied as unknown as { access: typeof access };
            expect([...secretsOf(applied.access)]).toEqual(expect.arrayContaining(reads));
          }
          current = applySteps(current, runnable, NOW);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Every machine and project names the id of what is there under its name. */
function consenting(
  declared: Desired,
  { machines, projects }: ReturnType<ReturnType<typeof organization>['build']>,
) {
  const idOf = (things: readonly { readonly id: string; readonly name: string }[], name: string) =>
    things.find((thing) => thing.name === name)?.id ?? null;
  return {
    ...declared,
    machines: declared.machines.map((machine) => ({
      ...machine,
      source: { ...machine.source, adopt: idOf(machines, machine.machineName) },
    })),
    projects: declared.projects.map((project) => ({
      ...project,
      source: { ...project.source, adopt: idOf(projects, project.name) },
    })),
  };
}
