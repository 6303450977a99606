import type { ApprovalClaim } from '#protocol/management.ts';
import { attack } from './attack.ts';
import { gainedSince } from './measure.ts';
import { done, type Outcome, refused } from './outcome.ts';
import { RAISES } from './raising-steps.ts';
import { CLAIMS, type Robbed, robbedVault } from './thief.ts';

type Claim = (typeof CLAIMS)[number]['of'];

attack({
  name: 'raises people by every step that could, and by every claim that it was approved',
  actor: 'Thief of an automation credential',
  rule: 'rail 2',
  refused: ['NeedsApproval', 'CeilingReached', 'Forbidden'],
  permittedBy: 'an approval that the owner gave in the vault',
  world: () => robbedVault(),
  attack: () => CLAIMS.map(({ of }) => of),
  control: (): Claim[] =>
    CLAIMS.map(
      () =>
        (vault, action): Promise<ApprovalClaim> =>
          vault.approved([action]),
    ),
  calls: async (world, claims) => {
    const outcomes: Outcome[] = [];
    for (const { name, step } of RAISES) {
      for (const [number, { name: claimed }] of CLAIMS.entries()) {
        const call = `${name}, ${claimed}`;
        outcomes.push(
          await sent(world, call, step(number, cutOf(world, step(number, undefined))), claims[number]),
        );
      }
    }
    return outcomes;
  },
});

type Step = ReturnType<(typeof RAISES)[number]['step']>;

const cutOf = ({ cuts }: Robbed, { action }: Step): string | undefined => cuts.get(action.key);

/** Refused only where nobody came by anything, whatever was answered. */
async function sent({ vault }: Robbed, call: string, step: Step, claim?: Claim): Promise<Outcome> {
  const before = await vault.snapshot();
  const approval = await claim?.(vault, step.action);
  const said = await vault.stepUnapproved(step.action, {
    ...step,
    ...(approval === undefined ? {} : { approval }),
  });
  const gained = gainedSince(before, await vault.snapshot());
  return gained.length === 0 ? refused(call, said) : done(call, gained.join('; '));
}
