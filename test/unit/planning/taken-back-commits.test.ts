import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CustomResource } from '#api/v1alpha1/kinds.ts';
import { arbitraryCommits, type Rails, SETTLE, Vault } from '#test/builders/passes.ts';

/** Made an admin, as somebody does by hand. */
function asAdmin(object: CustomResource): CustomResource {
  return object.kind === 'Member'
    ? { ...object, spec: { ...(object as CustomResource<'Member'>).spec, role: 'Admin' } }
    : object;
}

describe('a commit that goes back to the one before', () => {
  it('runs as it is printed, and what it takes back of the raises of a day counts toward nothing', () => {
    let takenBack = 0;
    fc.assert(
      fc.property(arbitraryCommits, fc.boolean(), ({ before, after, joining, ...commits }, raises) => {
        // Without an approval a raise runs only where none is asked for.
        const rails: Rails = {
          ...commits.rails,
          privilegeApproval: raises ? 'Never' : commits.rails.privilegeApproval,
        };
        const start = new Vault(rails, false);
        start.pass(before);
        start.join(joining);
        start.pass(before);
        start.pass(raises ? before.map(asAdmin) : after);
        start.now += 60_000;
        const { ledger } = start.state;
        const printed = start.plan(before);
        const back = printed.runnable.filter(({ why }) => why.includes('(takes back the raise of '));
        takenBack += back.length;
        const vault = new Vault(rails, true, start.state);
        vault.now = start.now;
        // Only a template or a group that is narrowed in the same commit keeps them, for as long as that settles.
        const narrowed = vault
          .plan(before)
          .pending.filter(({ steps }) =>
            steps.some(({ action: { kind } }) =>
              ['UpdateTemplate', 'UpdateGroup', 'DeleteGroup'].includes(kind),
            ),
          );
        const waiting = new Set(narrowed.flatMap(({ steps }) => steps.map(({ hash }) => hash)));
        vault.pass(before);
        const free = back.map(({ hash }) => hash).filter((hash) => !waiting.has(hash));
        expect(vault.ran).toEqual(expect.arrayContaining(free));
        const counted = vault.state.ledger.slice(ledger.length).map(({ stepHash }) => stepHash);
        expect(counted.filter((hash) => back.some((step) => step.hash === hash))).toEqual([]);
        for (let pass = 0; pass < 4; pass++) {
          vault.pass(before);
          vault.now += SETTLE;
        }
        const engine = printed.runnable.filter(({ executor }) => executor === 'engine');
        // What was held as a raise and raises nobody by then runs too.
        const held = printed.held.filter(({ rail }) => rail === 2).flatMap(({ steps }) => steps);
        const late = new Set(held.map(({ hash }) => hash));
        const ran = vault.steps.filter((step) => !late.has(step.hash));
        expect(ran.map(({ hash }) => hash).toSorted()).toEqual(engine.map(({ hash }) => hash).toSorted());
      }),
      { numRuns: 200 },
    );
    // How many there are is chance; that there are any is what makes the property say something.
    expect(takenBack).toBeGreaterThan(0);
  });
});
