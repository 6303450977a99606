import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planDigest, stepHash } from '#model/digest.ts';
import { BUDGET_WINDOW, budgetOf, DEFAULT_BUDGETS, type LossClass, type Reservation } from '#model/loss.ts';
import { populationOf } from '#model/population.ts';
import type { StepAction } from '#model/step.ts';
import type { ApprovalClaim, Problem } from '#protocol/management.ts';
import { RAILS } from '#test/builders/desired.ts';
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

const suspension = (key: string) =>
  ({ kind: 'SuspendMember', key, before: { state: 'Active' }, after: { state: 'Suspended' } }) as const;
const activation = (key: string) =>
  ({ kind: 'UnsuspendMember', key, before: { state: 'Suspended' }, after: { state: 'Active' } }) as const;
const cancellation = (key: string) => ({ kind: 'CancelInvite', key, before: access(), after: null }) as const;

async function addMembers(prefix: string, count: number, on: TestVault = vault): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, index) => `${prefix}-${index}@acme.example`);
  await on.steps(
    emails.map((key) => ({
      action: { kind: 'InviteMember', key, before: null, after: access() } as const,
      record: record('Member', key),
    })),
  );
  for (const email of emails) await acceptInvite(on, email);
  return emails;
}

async function reserve(
  actions: readonly StepAction[],
  approval: ApprovalClaim | null = null,
  more: {
    readonly as?: SignedBy;
    readonly approved?: readonly StepAction[];
    readonly lossClass?: LossClass;
  } = {},
): Promise<Reservation & Problem> {
  const { as, approved, lossClass = 'people' } = more;
  const request = {
    fence: await vault.fence(),
    class: lossClass,
    actions,
    approval,
    ...(approved === undefined
      ? {}
      : { approvedHashes: approved.map((action) => stepHash(vault.vaultId, action)) }),
  };
  const by = as === undefined ? {} : { as };
  return (await vault.request<Reservation & Problem>('POST', '/reservations', request, by)).body;
}

async function vaultApproval(actions: readonly StepAction[], on: TestVault = vault): Promise<ApprovalClaim> {
  const digest = planDigest(on.vaultId, actions);
  const { id } = await on.context.act(on.vaultId, on.owner, (act) => giveApproval(act, digest, 'they left'));
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
    expect((await reserve(people, approval, { approved: all })).approved).toBe(true);
    expect((await reserve(people.slice(1), approval, { approved: all })).code).toBe('Forbidden');
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

  it('an explicit suspension needs no reservation and has a budget of its own, which an approval lifts', async () => {
    const emails = await addMembers('suspended', 10);
    const budget = budgetOf(
      DEFAULT_BUDGETS.suspensions,
      populationOf(await vault.snapshot(), 'suspensions', clock.now()),
    );
    const codes = [];
    for (const key of emails) codes.push(await vault.step(suspension(key)));
    expect(codes).toEqual(emails.map((_, index) => (index < budget ? 'Done' : 'OverBudget')));

    const rest = emails.slice(budget).map(suspension);
    const more = { lossClass: 'suspensions' } as const;
    expect((await reserve(rest, null, more)).code).toBe('OverBudget');
    expect((await reserve(rest, await vaultApproval(rest), more)).approved).toBe(true);
    for (const action of rest) expect(await vault.step(action)).toBe('Done');
  });

  it('a person who is suspended again within seven days is counted once', async () => {
    await using own = await startTestVault();
    const emails = await addMembers('again', 6, own);
    const again = emails.slice(0, 5);
    for (const key of again) expect(await own.step(suspension(key))).toBe('Done');
    expect(await own.step(suspension(emails[5] as string))).toBe('OverBudget');
    for (const key of again) expect(await own.step(activation(key))).toBe('Done');
    for (const key of again) expect(await own.step(suspension(key))).toBe('Done');
    expect(await own.step(suspension(emails[5] as string))).toBe('OverBudget');
  });

  it('invites that nobody accepted have a budget of their own, and who accepted meanwhile is kept', async () => {
    await using own = await startTestVault();
    const emails = Array.from({ length: 21 }, (_, index) => `mistyped-${index}@acme.example`);
    await own.steps(
      emails.map((key) => ({
        action: { kind: 'InviteMember', key, before: null, after: access() } as const,
        record: record('Member', key),
      })),
    );
    const actions = emails.map(cancellation);
    const ask = async (some: readonly StepAction[], lossClass: LossClass) =>
      await own.request('POST', '/reservations', {
        fence: await own.fence(),
        class: lossClass,
        actions: some,
        approval: null,
      });
    expect((await ask(actions.slice(1, 2), 'people')).status).toBe(422);
    expect((await ask(actions, 'invites')).status).toBe(409);
    expect((await ask(actions.slice(1), 'invites')).status).toBe(200);
    const [joined] = emails.slice(1) as [string];
    await acceptInvite(own, joined);
    expect(await own.step(cancellation(joined))).toBe('StaleBefore');
    for (const key of emails.slice(2)) expect(await own.step(cancellation(key))).toBe('Done');
    const { members, ledger } = await own.snapshot();
    expect(members.find(({ email }) => email === joined)?.state).toBe('Active');
    expect(new Set(ledger.map((entry) => entry.class))).toEqual(new Set(['invites']));
    expect(ledger).toHaveLength(19);
  });

  it('less for an invitee is a loss of invites until they accept, and refused where they did', async () => {
    await using own = await startTestVault();
    const key = 'less@acme.example';
    const admin = access({ role: 'Admin' });
    await own.step(
      { kind: 'InviteMember', key, before: null, after: admin },
      { record: record('Member', key) },
    );
    const less = { kind: 'SetMemberAccess', key, before: admin, after: access() } as const;
    const { status } = await own.request('POST', '/reservations', {
      fence: await own.fence(),
      class: 'invites',
      actions: [less],
      approval: null,
    });
    expect(status).toBe(200);
    await acceptInvite(own, key);
    expect(await own.step(less)).toBe('NotReserved');
    expect((await own.snapshot()).members.find(({ email }) => email === key)?.role).toBe('Admin');
  });

  it('under rails.losses: Hold nothing is reserved without an approval, and an explicit suspension still runs', async () => {
    await using own = await startTestVault();
    const [first, second] = (await addMembers('hold', 2, own)) as [string, string];
    const rails = { ...RAILS, losses: 'Hold' } as const;
    const applied = await own.step({ kind: 'ApplySettings', key: own.vaultId, before: null, after: rails });
    expect(applied).toBe('Done');
    const request = { fence: await own.fence(), class: 'people', actions: [removal(first)], approval: null };
    const { status, body } = await own.request<Problem>('POST', '/reservations', request);
    expect([status, body.code]).toEqual([409, 'OverBudget']);
    expect(body.detail).toContain('rails.losses is Hold');
    const approval = await vaultApproval(request.actions, own);
    expect((await own.request('POST', '/reservations', { ...request, approval })).status).toBe(200);
    expect(await own.step(removal(first))).toBe('Done');
    expect(await own.step(suspension(second))).toBe('Done');
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
        await using own = await startTestVault({ clock: time, automation: { ceilings: { invites: 1000 } } });
        const invites = { min: 2, max: 10, percent: 5 };
        const lossBudget = { ...DEFAULT_BUDGETS, invites };
        await own.step({
          kind: 'ApplySettings',
          key: own.vaultId,
          before: null,
          after: { ...RAILS, lossBudget },
        });
        const emails = Array.from({ length: 30 }, (_, index) => `m${index}@acme.example`);
        await own.steps(
          emails.map((key) => ({
            action: { kind: 'InviteMember', key, before: null, after: access() } as const,
            record: record('Member', key),
          })),
        );
        const lost: number[] = [];
        let reserved: { readonly key: string; readonly until: number }[] = [];
        for (const act of acts) {
          const fence = await own.lease('acme/acme', 'installation-1');
          reserved = reserved.filter(({ until }) => until > time.now());
          if (act.kind === 'wait') time.advance(act.hours * 60 * 60 * 1000);
          else if (act.kind === 'run') {
            const one = reserved.splice(act.at, 1)[0];
            if (one === undefined) continue;
            expect(await own.step(cancellation(one.key))).toBe('Done');
            emails.splice(emails.indexOf(one.key), 1);
            lost.push(time.now());
          } else {
            const taken = new Set(reserved.map(({ key }) => key));
            const keys = emails.filter((key) => !taken.has(key)).slice(0, act.size);
            const request = { fence, class: 'invites', actions: keys.map(cancellation), approval: null };
            const { status } = await own.request('POST', '/reservations', request);
            const used = lost.filter((at) => at > time.now() - BUDGET_WINDOW).length + reserved.length;
            const budget = budgetOf(invites, emails.length);
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
