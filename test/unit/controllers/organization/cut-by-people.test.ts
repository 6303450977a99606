import { describe, expect, it } from 'vitest';
import { statusesOf } from '#controllers/organization/statuses/statuses.ts';
import type { Finding, Held } from '#planning/plan-types.ts';
import {
  desired,
  desiredMember,
  invitation,
  member,
  memberObject,
  NOW,
  ORGANIZATION,
  object,
  objects,
  outcome,
  said,
  source,
  state,
} from './pass.ts';

const cut = (kind: 'Member' | 'PermissionTemplate', name: string, key: string): Finding => ({
  subject: { kind, key },
  source: source(kind, name),
  reason: 'ReinstateNeeded',
  severity: 'Stalled',
  message: `In the vault ${key} was cut by carol at 2026-01-02T03:04:05.000Z (entry aud_${name}).`,
  next: `To give it back, set spec.reinstate: aud_${name}.`,
});
const ALICE = cut('Member', 'alice', 'alice@acme.example');
const TEMPLATE = cut('PermissionTemplate', 'developers', 'developers');

function statuses(
  findings: readonly Finding[],
  { mode, held = [] }: { mode?: 'Stall' | 'Report'; held?: readonly Held[] } = {},
) {
  const organization = {
    ...ORGANIZATION,
    spec: { ...ORGANIZATION.spec, ...(mode === undefined ? {} : { rails: { cuts: mode } }) },
  };
  const patches = statusesOf(
    objects({
      organization,
      members: [memberObject('alice')],
      templates: [
        object('PermissionTemplate', 'developers', {
          organizationRef: { name: 'acme' },
          capabilities: { Alerts: ['View'] },
        }),
      ],
    }),
    desired({ members: [desiredMember('alice')] }),
    outcome(state({ members: [member('alice')] }), {
      findings,
      held,
      steps: held.flatMap(({ steps }) => steps),
    }),
    NOW,
  );
  return (kind: string) => patches.find((patch) => patch.kind === kind)?.status ?? { conditions: [] };
}

const messageOf = (
  { conditions }: { conditions: readonly { type: string; message: string }[] },
  type: string,
) => conditions.find((condition) => condition.type === type)?.message;

describe('what people cut in the vault (rail 7)', () => {
  it.each([
    ['Member', ALICE],
    ['PermissionTemplate', TEMPLATE],
  ] as const)('leaves a %s Ready, and says beside it who, what and the entry', (kind, finding) => {
    const status = statuses([finding])(kind);
    expect(said(status.conditions)).toContain('Ready=True/CutByPerson');
    expect(said(status.conditions)).toContain('CutByPerson=True/ReinstateNeeded');
    expect(said(status.conditions).some((one) => one.startsWith('Stalled'))).toBe(false);
    expect(messageOf(status, 'CutByPerson')).toBe(`${finding.message} ${finding.next}`);
  });

  it('is not Ready under rails.cuts: Stall', () => {
    const status = statuses([ALICE], { mode: 'Stall' })('Member');
    expect(said(status.conditions)).toContain('Ready=False/ReinstateNeeded');
    expect(said(status.conditions)).toContain('Stalled=True/ReinstateNeeded');
    expect(said(status.conditions)).toContain('CutByPerson=True/ReinstateNeeded');
  });

  it('is counted on the Organization, which names who and what', () => {
    const status = statuses([ALICE, TEMPLATE])('Organization');
    expect(status).toMatchObject({ open: { cutByPerson: 2 } });
    expect(said(status.conditions)).toContain('Drifted=True/CutByPerson');
    expect(said(status.conditions)).toContain('Ready=True/PartlyAsDeclared');
    for (const { message } of [ALICE, TEMPLATE]) expect(messageOf(status, 'Drifted')).toContain(message);
  });

  it('is said beside a raise that waits, and beside what stalls', () => {
    const raise: Held = {
      reason: 'NeedsApproval',
      rail: 2,
      steps: [invitation('alice')],
      digest: 'd'.repeat(64),
      message: 'Raises wait for an approval.',
      next: '',
      byPlanApproval: true,
    };
    const waits = statuses([ALICE], { held: [raise] })('Member');
    expect(said(waits.conditions)).toEqual(
      expect.arrayContaining([
        'AwaitingApproval=True/NeedsApproval',
        'CutByPerson=True/ReinstateNeeded',
        'Ready=True/CutByPerson',
      ]),
    );
    const stalled = statuses([ALICE], { held: [{ ...raise, reason: 'MassAbsence', rail: 9 }] })('Member');
    expect(said(stalled.conditions)).toEqual(
      expect.arrayContaining(['CutByPerson=True/ReinstateNeeded', 'Stalled=True/MassAbsence']),
    );
  });

  it('names each of several cuts once', () => {
    const other = { ...ALICE, message: ALICE.message.replace('aud_alice', 'aud_2') };
    expect(messageOf(statuses([ALICE, other, ALICE])('Member'), 'CutByPerson')?.match(/entry/g)).toHaveLength(
      2,
    );
  });

  it('goes from the status with the last cut', () => {
    const before = statuses([ALICE])('Member');
    const patches = statusesOf(
      objects({ members: [{ ...memberObject('alice'), status: before }] }),
      desired({ members: [desiredMember('alice')] }),
      outcome(state({ members: [member('alice')] })),
      NOW,
    );
    const conditions = patches.find(({ kind }) => kind === 'Member')?.status.conditions ?? [];
    expect(said(conditions)).toContain('Ready=True/Succeeded');
    expect(said(conditions).some((one) => one.startsWith('CutByPerson'))).toBe(false);
  });
});
