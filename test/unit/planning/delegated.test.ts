import { expect, it } from 'vitest';
import { desired } from '#test/builders/desired.ts';
import { organization } from '#test/builders/organization.ts';
import { planned, reasons, told } from '#test/builders/planned.ts';

const [ANN, BOB, EVE] = ['ann@acme.example', 'bob@acme.example', 'eve@acme.example'];
const bounded = () =>
  organization().project('web').member(ANN).member(BOB, { state: 'Suspended' }).member(EVE).ours();

it('a plan of an identity that is bounded to projects ends no membership, and says so (V4)', () => {
  const declared = desired().project('web').member(ANN, { state: 'Suspended' }).member(BOB);
  const plan = planned(declared, bounded().with({ bounded: true }));
  expect(told(plan.steps)).toEqual([]);
  expect(reasons(plan).filter((reason) => reason.includes('NotDelegated'))).toEqual([
    `Stalled NotDelegated ${ANN}`,
    `Stalled NotDelegated ${BOB}`,
    `Stalled NotDelegated ${EVE}`,
  ]);
});

it('it claims its project, and no person, template or group (V4)', () => {
  const there = organization().project('web').member(ANN).group('ops', []).with({ bounded: true });
  const plan = planned(desired().project('web').member(ANN).group('ops', []), there);
  expect(told(plan.steps)).toEqual(['Claim Project/web']);
});
