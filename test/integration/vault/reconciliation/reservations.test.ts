import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { populationOf } from '#model/consequence.ts';
import { planDigest, stepHash } from '#model/digest.ts';
import { BUDGET_WINDOW, budgetOf, DEFAULT_BUDGETS, type LossClass, type Reservation } from '#model/loss.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim, Problem } from '#protocol/management.ts';
import {
  acceptInvite,
  access,
  MovedClock,
  newIdentity,
  record,
  type SignedBy,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { giveApproval } from '#vault/reconciliation/approvals.ts';

const clock = new MovedClock();
let vault: TestVault;
beforeAll(async () => {
  vault = await startTestVault({ clock });
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});

const removal = (email: string) =>
  ({ kind: 'RemoveMember', key: email, before: { ...access(), state: 'Active' }, after: null }) as const;

async function addMembers(prefix: string, count: number): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, index) => `${prefix}-${index}@acme.example`);
  await vault.steps(
    emails.map((key) => ({
      action: { kind: 'InviteMember', key, before: null, after: access() } as const,
      record: record('Member', key),
    })),
  );
  for (const email of emails) await acceptInvite(vault, email);
  return emails;
}

async function reserve(
  actions: readonly StepAction[],
  approval: ApprovalClaim | null = null,
  more: {
    readonly as?: SignedBy;
    readonly approvedActions?: readonly StepAction[];
    readonly lossClass?: LossClass;
  } = {},
): Promise<Reservation & Problem> {
  const { as, approvedActions, lossClass = 'people' } = more;
  const request = {
    fence: await vault.fence(),
    class: lossClass,
    actions,
    approval,
    ...(approvedActions === undefined ? {} : { approvedActions }),
  };
  const by = as === undefined ? {} : { as };
  return (await vault.request<Reservation & Problem>('POST', '/reservations', request, by)).body;
}

async function vaultApproval(actions: readonly StepAction[]): Promise<ApprovalClaim> {
  const digest = planDigest(vault.vaultId, actions);
  const { id } = await vault.context.act(vault.vaultId, vault.owner, (act) =>
    giveApproval(act, digest, 'they left'),
  );
  return { digest, approver: 'owner', via: 'Vault', reference: id, reason: 'they left' };
}

const claimed = (actions: readonly StepAction[], reference = 'approve-1'): ApprovalClaim => ({
  digest: planDigest(vault.vaultId, actions),
  approver: 'alice',
  via: 'PlanApproval',
  reference,
  reason: 'they left',
});

describe('rail 1 at the vault', () => {
  it('a loss without a reservation does not run, and with one it runs once and is in the ledger', async () => {
    const [email] = (await addMembers('once', 1)) as [string];
    expect(await vault.step(removal(email))).toBe('NotReserved');
    const reservation = await reserve([removal(email)]);
    expect(reservation.stepHashes).toEqual([stepHash(vault.vaultId, removal(email))]);
    expect((await vault.snapshot()).reservations).toHaveLength(1);
    expect(await vault.step(removal(email), { record: null })).toBe('Done');
    const { reservations, ledger, records } = await vault.snapshot();
    expect(reservations).toEqual([]);
    expect(ledger).toMatchObject([{ class: 'people', units: 1, approved: false }]);
    expect(records.filter(({ key }) => key === email)).toEqual([]);
  });

  it('a reservation is all or none, answered again while it is open, and gone after an hour', async () => {
    const emails = await addMembers('all', 3);
    const over = await reserve(emails.map(removal));
    expect(over.code).toBe('OverBudget');
    const first = await reserve([removal(emails[0] as string)]);
    const again = await reserve([removal(emails[0] as string)]);
    expect(again.id).toBe(first.id);
    expect((await reserve([removal(emails[1] as string)])).code).toBe('OverBudget');
    clock.advance(60 * 60 * 1000);
    expect(await vault.lease('acme/acme', 'installation-1')).toBeDefined();
    expect(await vault.step(removal(emails[0] as string))).toBe('NotReserved');
    expect((await reserve([removal(emails[1] as string)])).id).toBeDefined();
  });

  it('an approval lifts the budget, for its digest only and once', async () => {
    const emails = await addMembers('approved', 6);
    const actions = emails.map(removal);
    const approval = await vaultApproval(actions);
    expect((await vault.snapshot()).approvals.map(({ id }) => id)).toEqual([approval.reference]);
    const others = (await addMembers('unapproved', 6)).map(removal);
    expect((await reserve(others, approval)).code).toBe('Forbidden');
    expect((await reserve(others, { ...approval, digest: planDigest(vault.vaultId, others) })).code).toBe(
      'Forbidden',
    );
    const reservation = await reserve(actions, approval);
    expect(reservation).toMatchObject({ approved: true });
    for (const action of actions) expect(await vault.step(action)).toBe('Done');
    expect((await reserve(actions, approval)).code).toBe('Forbidden');
    expect((await vault.snapshot()).approvals).toEqual([]);
  });

  it('an approval over several classes is used by each of them, with all that it covers named', async () => {
    const emails = await addMembers('several', 4);
    const people = emails.map(removal);
    const rest: StepAction = { kind: 'RevokeMachine', key: 'gone', before: { access: [] }, after: null };
    const all = [...people, rest];
    const approval = await vaultApproval(all);
    expect((await reserve(people, approval)).code).toBe('Forbidden');
    expect((await reserve(people, approval, { approvedActions: all })).approved).toBe(true);
    expect((await reserve(people.slice(1), approval, { approvedActions: all })).code).toBe('Forbidden');
    for (const action of people) expect(await vault.step(action)).toBe('Done');
  });

  it('claimed approvals count toward the hard ceiling of the delegation, approvals in the vault do not', async () => {
    const ceilings = { people: 3 };
    const limited = await newIdentity(vault.context, vault.vaultId, vault.owner, {
      name: 'limited',
      ceilings,
    });
    const actions = (await addMembers('ceiling', 4)).map(removal);
    const tooMany = await reserve(actions, claimed(actions), { as: limited });
    expect(tooMany.code).toBe('CeilingReached');
    const approved = await reserve(actions, await vaultApproval(actions), { as: limited });
    expect(approved.approved).toBe(true);
    const results = await vault.steps(
      actions.map((action) => ({ action })),
      { as: limited },
    );
    expect(results.map(({ status }) => status)).toEqual(['Done', 'Done', 'Done', 'Done']);
    const three = (await addMembers('three', 3)).map(removal);
    expect((await reserve(three, claimed(three, 'approve-3'), { as: limited })).approved).toBe(true);
    const one = (await addMembers('one', 1)).map(removal);
    expect((await reserve(one, claimed(one, 'approve-4'), { as: limited })).code).toBe('CeilingReached');
  });

  it('a PlanApproval is claimed once; one of the same name after its day is another decision', async () => {
    const [email] = (await addMembers('claimed', 1)) as [string];
    const actions = [removal(email)];
    expect((await reserve(actions, claimed(actions, 'again'))).approved).toBe(true);
    expect(await vault.step(removal(email))).toBe('Done');
    expect((await reserve(actions, claimed(actions, 'again'))).code).toBe('Forbidden');
    clock.advance(24 * 60 * 60 * 1000);
    await vault.lease('acme/acme', 'installation-1');
    expect((await reserve(actions, claimed(actions, 'again'))).approved).toBe(true);
  });

  it('reserves nothing for steps that lose nothing', async () => {
    const step = { kind: 'InviteMember', key: 'x@acme.example', before: null, after: access() } as const;
    const before = await vault.snapshot();
    expect((await reserve([step])).stepHashes).toEqual([]);
    expect((await vault.snapshot()).reservations).toEqual(before.reservations);
  });

  it('refuses to reserve a loss of another class', async () => {
    const [email] = (await addMembers('elsewhere', 1)) as [string];
    expect((await reserve([removal(email)], null, { lossClass: 'machines' })).code).toBe('Invalid');
  });

  it('an explicit suspension needs no reservation and has a budget of its own', async () => {
    const emails = await addMembers('suspended', 4);
    const codes = [];
    for (const key of emails) {
      const before = { state: 'Active' } as const;
      codes.push(await vault.step({ kind: 'SuspendMember', key, before, after: { state: 'Suspended' } }));
    }
    const population = populationOf(await vault.snapshot(), 'suspensions');
    const budget = budgetOf(DEFAULT_BUDGETS.suspensions, population);
    expect(codes).toEqual(emails.map((_, index) => (index < budget ? 'Done' : 'OverBudget')));
  });
});

describe('whatever is asked for in whatever order', () => {
  it('rail 1: seven days never lose more than the budget, and what was reserved can always run', async () => {
    const ask = fc.record({ kind: fc.constant('reserve' as const), size: fc.integer({ min: 1, max: 4 }) });
    const run = fc.record({ kind: fc.constant('run' as const), at: fc.nat(3) });
    const wait = fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 80 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(ask, run, wait), { minLength: 4, maxLength: 14 }), async (acts) => {
        const time = new MovedClock();
        await using own = await startTestVault({ clock: time, automation: { ceilings: { people: 1000 } } });
        const emails = Array.from({ length: 30 }, (_, index) => `m${index}@acme.example`);
        await own.steps(
          emails.map((key) => ({
            action: { kind: 'InviteMember', key, before: null, after: access() } as const,
            record: record('Member', key),
          })),
        );
        const cancel = (key: string) =>
          ({ kind: 'CancelInvite', key, before: access(), after: null }) as const;
        const lost: number[] = [];
        let reserved: { readonly key: string; readonly until: number }[] = [];
        for (const act of acts) {
          const fence = await own.lease('acme/acme', 'installation-1');
          reserved = reserved.filter(({ until }) => until > time.now());
          if (act.kind === 'wait') time.advance(act.hours * 60 * 60 * 1000);
          else if (act.kind === 'run') {
            const one = reserved.splice(act.at, 1)[0];
            if (one === undefined) continue;
            expect(await own.step(cancel(one.key))).toBe('Done');
            emails.splice(emails.indexOf(one.key), 1);
            lost.push(time.now());
          } else {
            const taken = new Set(reserved.map(({ key }) => key));
            const keys = emails.filter((key) => !taken.has(key)).slice(0, act.size);
            const request = { fence, class: 'people', actions: keys.map(cancel), approval: null };
            const { status } = await own.request('POST', '/reservations', request);
            const used = lost.filter((at) => at > time.now() - BUDGET_WINDOW).length + reserved.length;
            const budget = budgetOf(DEFAULT_BUDGETS.people, emails.length + 1);
            expect(status).toBe(used + keys.length <= budget ? 200 : 409);
            if (status === 200) {
              reserved.push(...keys.map((key) => ({ key, until: time.now() + 60 * 60 * 1000 })));
            }
          }
          expect(lost.filter((at) => at > time.now() - BUDGET_WINDOW).length).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns: 12 },
    );
  });
});
