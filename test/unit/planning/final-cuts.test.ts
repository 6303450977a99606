import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrganizationState } from '#model/organization.ts';
import { plan } from '#planning/plan.ts';
import type { Desired, Source } from '#planning/plan-types.ts';
import { arbitraryDesired, arbitraryOrganization } from '#test/builders/arbitrary.ts';
import { arbitraryCuts } from '#test/builders/arbitrary-cuts.ts';
import { desired, policy } from '#test/builders/desired.ts';
import { HOUR, NOW, organization } from '#test/builders/organization.ts';
import { planned, reasons, stepOf, told } from '#test/builders/planned.ts';

const BOB = 'bob@acme.example';
const FINAL = { entry: 'aud_final', final: true } as const;

describe('a cut that a person made final (rail 7)', () => {
  it('is not given back by naming its entry, and says that people do, and by which command', () => {
    const state = organization()
      .member(BOB, { state: 'Suspended' })
      .ours()
      .tombstone('Member', BOB, 'Suspended', FINAL);
    const named = planned(desired().member(BOB, { source: { reinstate: 'aud_final' } }), state);
    expect(told(named.steps)).toEqual([`Claim Member/${BOB}`]);
    expect(reasons(named)).toEqual([`Stalled ReinstateNeeded ${BOB}`]);
    const [finding] = named.findings;
    expect(finding?.message).toMatch(/suspended by carol at .* \(entry aud_final\), and that is final\.$/);
    expect(finding?.next).toBe(
      `To agree, declare state: Suspended. People alone give it back, in the vault, by \`seneschal vault member unsuspend ${BOB}\`; ` +
        'an admin or the owner lets Git answer it again: seneschal vault cut lift aud_final',
    );
  });

  it.each(['Removed', 'Left', 'Declined'] as const)('%s: invites nobody again', (act) => {
    const state = organization().tombstone('Member', BOB, act, FINAL);
    const named = planned(desired().member(BOB, { source: { reinstate: 'aud_final' } }), state);
    expect(told(named.steps)).toEqual([]);
    expect(named.findings[0]?.next).toContain('seneschal vault invite send');
  });

  it('stands under a newer cut of the same thing that is answered', () => {
    const state = organization()
      .tombstone('Member', BOB, 'Suspended', { ...FINAL, at: NOW - 9 * HOUR })
      .tombstone('Member', BOB, 'Removed', { entry: 'aud_new' });
    const named = planned(desired().member(BOB, { source: { reinstate: 'aud_new' } }), state);
    expect(told(named.steps)).toEqual([]);
    expect(named.findings[0]?.message).toContain('aud_final');
  });

  it('keeps back what it took, and lets the rest go on', () => {
    const state = organization()
      .template('t', { Alerts: ['View'] })
      .ours()
      .tombstone('PermissionTemplate', 't', 'CellRemoved', { ...FINAL, item: 'Alerts: Manage' });
    const cells = { Alerts: ['View', 'Manage'], Support: ['View'] };
    const named = planned(desired().template('t', cells, 'All', { reinstate: 'aud_final' }), state);
    expect(stepOf(named.steps, 'UpdateTemplate')).toMatchObject({
      reinstate: null,
      action: { after: { capabilities: { Alerts: ['View'], Support: ['View'] } } },
    });
    expect(reasons(named)).toContain('Stalled ReinstateNeeded t');
  });

  it('is answered by no entry, whatever is declared: the plan is as if none were named', () => {
    fc.assert(
      fc.property(
        arbitraryDesired,
        arbitraryOrganization,
        arbitraryCuts,
        (declared, observed, tombstones) => {
          const state: OrganizationState = { ...observed, tombstones };
          const planNaming = (entry: string | null) =>
            plan(naming(declared, entry), state, policy(), NOW).steps;
          const unnamed = planNaming(null).map(({ action }) => action);
          for (const { entry } of tombstones.filter(({ final }) => final)) {
            const named = planNaming(entry);
            const answers = named.filter(({ reinstate }) => reinstate !== null);
            expect(answers).toEqual([]);
            expect(named.map(({ action }) => action)).toEqual(unnamed);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** The same declarations, each of which names the entry. */
function naming(declared: Desired, entry: string | null): Desired {
  const named = <T extends { readonly source: Source }>(all: readonly T[]): T[] =>
    all.map((one) => ({ ...one, source: { ...one.source, reinstate: entry } }));
  return {
    ...declared,
    members: named(declared.members),
    groups: named(declared.groups),
    templates: named(declared.templates),
    machines: named(declared.machines),
    projects: named(declared.projects).map((project) => ({
      ...project,
      secrets: project.secrets.map((secret) =>
        entry === null ? secret : { ...secret, reinstate: entry, reinstateAs: 'NewValue' as const },
      ),
    })),
  };
}
