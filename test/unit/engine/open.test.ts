import { describe, expect, it } from 'vitest';
import { type RunResult, type WhatIsOpen, whatIsOpen } from '#engine/open.ts';
import { openText } from '#engine/open-text.ts';
import type { Desired, OrganizationPlan } from '#planning/plan-types.ts';
import { REFUSALS, type Refusal, type StepAnswer } from '#protocol/management.ts';
import { UNBOUNDED } from '#test/builders/delegated.ts';
import { desired, settled } from '#test/builders/desired.ts';
import { HOUR, NOW, OWNER, organization } from '#test/builders/organization.ts';
import { planned, stepOf } from '#test/builders/planned.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';

const there = () => organization().with(settled(organization().build()));

function openIn(
  declared: { build(): Desired },
  plan: OrganizationPlan,
  answers: RunResult['answers'] = new Map(),
): WhatIsOpen {
  return whatIsOpen(declared.build(), { plan, answers });
}

const told = ({ items }: WhatIsOpen): string[] =>
  items.map(({ standing, reason, keys }) => `${standing}/${reason} ${keys.join(', ')}`);

describe('what is open', () => {
  it('is nothing where everything is as declared', () => {
    const open = openIn(desired(), planned(desired(), there()));
    expect(open).toEqual({ items: [], counts: {} });
    expect(openText(open)).toBe('');
  });

  it('has what would run, and each at the object that declares it', () => {
    const declared = desired().member(ALICE);
    const open = openIn(declared, planned(declared, there()));
    expect(told(open)).toEqual([`UnderWay/Progressing ${ALICE}`]);
    expect(open.items[0]?.declarations).toMatchObject([{ kind: 'Member', name: 'alice' }]);
  });

  it('is told to an object of another namespace where it comes from that object, and else to the others alone', () => {
    const tenants = { source: { namespace: 'tenant' } };
    const declared = desired().member(ALICE, { role: 'Admin' });
    const both = desired().member(ALICE, { role: 'Admin' }).member(ALICE, tenants);
    const open = openIn(both, planned(declared, there()));
    expect(open.items.map(({ declarations }) => declarations)).toEqual([
      [expect.objectContaining({ kind: 'Member', namespace: 'acme' })],
    ]);
    const alone = desired().member(ALICE, { role: 'Admin', ...tenants });
    const steps = planned(declared, there());
    const [hold] = steps.held;
    const from =
      hold?.steps.map((step) => ({ ...step, source: alone.build().members[0]?.source ?? null })) ?? [];
    const own = openIn(alone, { ...steps, steps: from });
    expect(own.items[0]?.declarations).toMatchObject([{ namespace: 'tenant' }]);
  });

  it('has what a rail holds, with the rail', () => {
    const declared = desired().member(ALICE, { role: 'Admin' });
    const open = openIn(declared, planned(declared, there()));
    expect(told(open)).toEqual([`Held/NeedsApproval ${ALICE}`]);
    expect(openText(open)).toBe('1 held (rail 2: NeedsApproval)');
  });

  it('has a binding of a project whose taking over waits for an approval as held, not as a mistake in Git', () => {
    const secrets = [{ name: 'key', generator: null }];
    const declared = desired()
      .project('web', { secrets })
      .machine('ci', [{ project: 'web', secrets: ['key'] }]);
    const open = openIn(declared, planned(declared, organization().project('web', ['key'])));
    expect(told(open)).toContain('Held/ProjectNotManaged ci');
    expect(open.counts).not.toHaveProperty('ReferenceMissing');
  });

  it('has what the vault refused by the code, and what it failed at', () => {
    const declared = desired().member(ALICE).member(BOB);
    const plan = planned(declared, there());
    const answers = new Map<string, StepAnswer>([
      [
        stepOf(plan.steps, 'InviteMember', ALICE).hash,
        { status: 'Refused', code: 'SeatsExhausted', message: 'No seat is free.', next: '' },
      ],
      [stepOf(plan.steps, 'InviteMember', BOB).hash, { status: 'Failed', message: 'The vault failed.' }],
    ]);
    const open = openIn(declared, plan, answers);
    expect(told(open)).toEqual([`Refused/SeatsExhausted ${ALICE}`, `Failed/VaultError ${BOB}`]);
    expect(openText(open)).toBe('1 refused (SeatsExhausted), 1 not done (VaultError)');
  });

  it('says what to do about each refusal: what the vault says, where that is more than what the code means', () => {
    const declared = desired().member(ALICE);
    const plan = planned(declared, there());
    const { hash } = stepOf(plan.steps, 'InviteMember', ALICE);
    const nextOf = (code: Refusal, next: string) => {
      const answer = { status: 'Refused', code, message: 'No.', next } as const;
      return openIn(declared, plan, new Map([[hash, answer]])).items[0]?.next ?? '';
    };
    expect(nextOf('SeatsExhausted', 'Free a seat at acme.example.')).toBe('Free a seat at acme.example.');
    for (const code of Object.keys(REFUSALS) as Refusal[]) {
      expect([code, nextOf(code, '')]).not.toEqual([code, '']);
      expect(nextOf(code, REFUSALS[code])).toBe(nextOf(code, ''));
    }
    expect(nextOf('OfANewerVault' as Refusal, '')).toMatch(/^Correct what the message names/);
    expect(nextOf('SeatsExhausted', REFUSALS.SeatsExhausted)).toBe('Free a seat, or move to a larger plan.');
  });

  it('says of what ends by itself that nothing is to be done, and what ends it', () => {
    const declared = desired().member(ALICE).machine('ci', [], { key: null });
    const plan = planned(declared, there());
    const { hash } = stepOf(plan.steps, 'InviteMember', ALICE);
    const said = (answers?: RunResult['answers']) =>
      Object.fromEntries(openIn(declared, plan, answers).items.map((item) => [item.standing, item.next]));
    expect(said().UnderWay).toMatch(/^Nothing: .* next pass/);
    expect(said().LeftToOperator).toMatch(/^Nothing: it ends with the key/);
    const failed = said(new Map([[hash, { status: 'Failed', message: 'The vault failed.' }]])).Failed;
    expect(failed).toMatch(/^Nothing: the next pass tries it again/);
  });

  it('says of losses that settle what they wait for, and what to do if they were not meant (rail 1)', () => {
    const declared = desired();
    const plan = planned(declared, there().member(ALICE).ours(), { settle: true });
    const open = openIn(declared, plan);
    expect(told(open)).toEqual([`UnderWay/Settling ${ALICE}`]);
    expect(open.items[0]?.next).toMatch(/^Nothing: .* bring back in Git what was not meant/);
  });

  it('never takes a refusal for something at rest', () => {
    const declared = desired().member(ALICE);
    const plan = planned(declared, there());
    const answer = { status: 'Refused', code: 'Foreign', message: 'It is not ours.', next: '' } as const;
    const open = openIn(declared, plan, new Map([[plan.steps[0]?.hash ?? '', answer]]));
    expect(told(open)).toEqual([`Refused/Foreign ${ALICE}`]);
  });

  it('has what has no seat, no such project, and the owner who is declared as a member', () => {
    const declared = desired()
      .member(OWNER)
      .member(ALICE, { grants: { paymnets: 'Read' } })
      .member(BOB);
    const full = there().with({
      plan: { ...organization().build().plan, caps: { ...organization().build().plan.caps, members: 1 } },
    });
    const open = openIn(declared, planned(declared, full));
    expect(told(open)).toEqual([
      `Refused/SeatsExhausted ${BOB}`,
      `Refused/OwnerDeclared ${OWNER}`,
      `ReferenceMissing/ProjectNotFound ${ALICE}`,
    ]);
  });

  it('tells a secret that nobody set yet from a name that no Project declares', () => {
    const declared = desired()
      .project('web', { secrets: [{ name: 'token', generator: null }] })
      .machine('ci', [{ project: 'web', secrets: ['token', 'tokne'] }], { key: null });
    const open = openIn(declared, planned(declared, there().project('web').ours()));
    const findings = open.items.filter(({ standing }) => standing !== 'LeftToOperator');
    expect(told({ ...open, items: findings }).filter((one) => !one.includes('Progressing'))).toEqual([
      'ReferenceMissing/SecretNotFound ci',
      'WaitingForPerson/SecretMissing ci',
      'WaitingForPerson/SecretMissing web',
    ]);
  });

  it('has who did not answer an invite yet, and who has to accept again', () => {
    const declared = desired().member(ALICE).member(BOB);
    const state = there()
      .member(ALICE, { invited: { expiresAt: NOW + HOUR } })
      .member(BOB)
      .ours();
    const members = state
      .build()
      .members.map((one) => (one.email === BOB ? { ...one, awaits: 'Confirmation' as const } : one));
    const open = openIn(declared, planned(declared, state.with({ members })));
    expect(told(open)).toEqual([
      `WaitingForPerson/InvitePending ${ALICE}`,
      `WaitingForPerson/ConfirmationPending ${BOB}`,
    ]);
  });

  it('has what a person cut, beside the rest of the object', () => {
    const declared = desired().member(ALICE, { grants: { web: 'Read' } });
    const state = there().project('web').member(ALICE).ours().tombstone('Member', ALICE, 'GrantRemoved', {
      item: 'web',
    });
    const open = openIn(declared.project('web'), planned(declared, state));
    expect(told(open)).toContain(`CutByPerson/ReinstateNeeded ${ALICE}`);
  });

  it('has what waits for its turn once, by its finding alone', () => {
    const declared = desired().member(ALICE).member(BOB);
    const state = there().with({
      gains: { ...UNBOUNDED.gains, budgets: { ...UNBOUNDED.gains.budgets, invitesPerHour: 1 } },
    });
    const open = openIn(declared, planned(declared, state));
    expect(told(open)).toEqual([`Queued/InviteQueued ${BOB}`, `UnderWay/Progressing ${ALICE}`]);
  });

  it('counts what is foreign by things, and names each', () => {
    const open = openIn(desired(), planned(desired(), there().project('one').project('two').member(BOB)));
    expect(open.counts).toEqual({ Foreign: 3 });
    expect(told(open)).toEqual([`Foreign/Foreign ${BOB}`, 'Foreign/Foreign one, two']);
    expect(openText(open)).toBe('3 foreign');
  });
});
