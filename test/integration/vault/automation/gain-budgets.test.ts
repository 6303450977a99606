import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newKeyPair } from '#identity/key-pair.ts';
import { DEFAULT_INVITES, type InviteSettings } from '#model/invites.ts';
import type { StepAction } from '#model/step.ts';
import type { StepAnswer } from '#protocol/management.ts';
import { RAILS } from '#test/builders/desired.ts';
import {
  access,
  MANAGER,
  MovedClock,
  newIdentity,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import type { AutomationActor } from '#vault/act/actor.ts';
import type { Act } from '#vault/act/context.ts';
import { sweep } from '#vault/app/sweep.ts';
import { coverClaimed } from '#vault/automation/ceilings.ts';
import { coverRaises, coverUnprovenKey } from '#vault/automation/gain-budgets.ts';

const HOUR = 3_600_000;
const clock = new MovedClock();
let vault: TestVault;

beforeEach(async () => {
  vault = await startTestVault({
    clock,
    automation: { invitesPerHour: 2, projectsPerDay: 1, ceilings: { raises: 2 } },
  });
});
afterEach(() => vault[Symbol.asyncDispose]());

const invite = (name: string): StepAction => ({
  kind: 'InviteMember',
  key: `${name}@acme.example`,
  before: null,
  after: access(),
});
const project = (key: string): StepAction => ({
  kind: 'CreateProject',
  key,
  before: null,
  after: { description: '' },
});
const answers = async (...actions: StepAction[]): Promise<StepAnswer[]> => [
  ...(await vault.steps(
    actions.map((action) => ({ action })),
    { fence: await vault.lease(MANAGER, 'installation-1') },
  )),
];
const codes = async (...actions: StepAction[]) =>
  (await answers(...actions)).map((answer) => (answer.status === 'Refused' ? answer.code : answer.status));

/** As the delegation acts, in an act of its own that is kept. */
async function asDelegation(
  work: (act: Act, actor: AutomationActor) => Promise<void>,
  identity = vault.identity,
): Promise<string> {
  const request = { publicKey: identity.keys.publicKey.text, source: '127.0.0.1', provenance: {} };
  const stale = { type: 'automation', id: identity.id, request } as AutomationActor;
  try {
    await vault.context.act(vault.vaultId, stale, (act) => work(act, act.actor as AutomationActor));
    return 'Done';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** What an Organization applies that says less, or more, of invites. */
const applied = async (invites: Partial<InviteSettings>): Promise<void> => {
  const action: StepAction = {
    ...{ kind: 'ApplySettings', key: vault.vaultId, before: null },
    after: { ...RAILS, invites: { ...DEFAULT_INVITES, ...invites } },
  };
  expect(await vault.step(action, { approval: await vault.approved([action]) })).toBe('Done');
};

describe('invites as the Organization says (I2, rail 8)', () => {
  it('leave as few in an hour as the lower of both says', async () => {
    await applied({ perHour: 1 });
    expect(await codes(invite('a'), invite('b'))).toEqual(['Done', 'GainBudgetReached']);
  });

  it('leave beyond the hour by an approval of the vault alone, once each, and count toward nothing', async () => {
    expect(await codes(invite('a'), invite('b'), invite('c'))).toEqual(['Done', 'Done', 'GainBudgetReached']);
    const both = [invite('c'), invite('d')] as const;
    const [c, d] = both;
    const approval = await vault.approved(both);
    const released = (action: StepAction) => ({ approval, approvalProof: vault.proofIn(both, action) });
    const claimed = { ...released(c), approval: { ...approval, via: 'PlanApproval' as const } };
    expect(await vault.stepUnapproved(c, claimed)).toBe('GainBudgetReached');
    expect(await vault.stepUnapproved(invite('e'), released(c))).toBe('Forbidden');
    expect(await vault.stepUnapproved(c, released(c))).toBe('Done');
    expect(await vault.stepUnapproved(d, released(d))).toBe('Done');
    const { given } = (await vault.snapshot()).gains;
    expect(given.filter((gain) => gain.class === 'invites')).toHaveLength(2);
  });

  it('end by its validFor, and are sent as often as its maxAttempts', async () => {
    await applied({ validForSeconds: 3600, maxAttempts: 1 });
    expect(await codes(invite('a'))).toEqual(['Done']);
    const { members } = await vault.snapshot();
    const sent = members.find(({ email }) => email === 'a@acme.example')?.invite;
    expect((sent?.expiresAt ?? 0) - (sent?.sentAt ?? 0)).toBe(HOUR);
    clock.advance(HOUR + 1);
    const again: StepAction = {
      ...{ kind: 'ResendInvite', key: 'a@acme.example' },
      ...{ before: { attempts: 1 }, after: { attempts: 2 } },
    };
    expect(await codes(again)).toEqual(['AttemptsExhausted']);
  });
});

describe('a delegation gives no more than its budgets hold (V4)', () => {
  it('invites so many in an hour, and says when it goes on', async () => {
    const [first, second, third] = await answers(invite('a'), invite('b'), invite('c'));
    expect([first?.status, second?.status]).toEqual(['Done', 'Done']);
    expect(third).toMatchObject({
      code: 'GainBudgetReached',
      message: 'The delegation is bounded to 2 invites in an hour; 0 are left.',
      next: expect.stringContaining(new Date(clock.now() + HOUR).toISOString()),
    });
    clock.advance(HOUR);
    expect(await codes(invite('c'))).toEqual(['Done']);
  });

  it('counts no invite that was refused', async () => {
    expect(await codes(invite('a'), invite('a'), invite('b'), invite('c'))).toEqual([
      'Done',
      'AlreadyInvited',
      'Done',
      'GainBudgetReached',
    ]);
  });

  it('counts an invite that is sent again once it ended, as one that is sent anew', async () => {
    expect(await codes(invite('a'))).toEqual(['Done']);
    clock.advance(8 * 24 * HOUR);
    const again: StepAction = {
      ...{ kind: 'ResendInvite', key: 'a@acme.example' },
      ...{ before: { attempts: 1 }, after: { attempts: 2 } },
    };
    expect(await codes(invite('b'), again, invite('c'))).toEqual(['Done', 'Done', 'GainBudgetReached']);
  });

  it('makes so many projects in a day', async () => {
    expect(await codes(project('web'), project('shop'))).toEqual(['Done', 'GainBudgetReached']);
    clock.advance(24 * HOUR);
    expect(await codes(project('shop'))).toEqual(['Done']);
  });

  it('is counted by itself: another delegation has its own', async () => {
    await codes(invite('a'), invite('b'));
    const as = await newIdentity(vault.context, vault.vaultId, vault.owner, { invitesPerHour: 1 });
    const results = await vault.steps([{ action: invite('c') }, { action: invite('d') }], { as });
    expect(results).toMatchObject([{ status: 'Done' }, { code: 'GainBudgetReached' }]);
  });

  it('raises nobody without an approval, unless the owner lets it', async () => {
    expect(await asDelegation((act, actor) => coverRaises(act, actor, 1))).toBe('NeedsApproval');
    const lax = await newIdentity(vault.context, vault.vaultId, vault.owner, { raises: 2 });
    expect(await asDelegation((act, actor) => coverRaises(act, actor, 2), lax)).toBe('Done');
    expect(await asDelegation((act, actor) => coverRaises(act, actor, 1), lax)).toBe('NeedsApproval');
  });

  it('adds ten keys without a proof in seven days, or a tenth of the machines of its managers', async () => {
    const cover = () => asDelegation((act, actor) => coverUnprovenKey(act, actor));
    for (let key = 0; key < 10; key += 1) expect(await cover()).toBe('Done');
    expect(await cover()).toBe('NeedsApproval');
    clock.advance(7 * 24 * HOUR);
    expect(await cover()).toBe('Done');

    await vault.context.bookkeep(async (db) => {
      const {
        applied,
        provenance,
        seenUnder,
        deletionPolicy,
        approved: _,
        ...fields
      } = record('MachineBinding', 'x');
      for (let index = 0; index < 120; index += 1) {
        const row = { ...fields, key: `m${index}`, vault_id: vault.vaultId, applied: '{}', provenance: '{}' };
        await db
          .insertInto('records')
          .values({ ...row, seen_under: seenUnder, deletion_policy: deletionPolicy })
          .execute();
      }
    });
    for (let key = 1; key < 12; key += 1) expect(await cover()).toBe('Done');
    expect(await cover()).toBe('NeedsApproval');
  });

  it('releases by claimed approvals as many raises as the owner set, and no take-over', async () => {
    expect(await asDelegation((act, actor) => coverClaimed(act, actor, 'raises', 2))).toBe('Done');
    expect(await asDelegation((act, actor) => coverClaimed(act, actor, 'raises', 1))).toBe('CeilingReached');
    expect(await asDelegation((act, actor) => coverClaimed(act, actor, 'takeOvers', 1))).toBe(
      'CeilingReached',
    );
  });

  it('forgets what no window holds any more', async () => {
    await codes(invite('a'), project('web'));
    const publicKey = newKeyPair().publicKey.text;
    await vault.step({ kind: 'RegisterMachine', key: 'm', before: null, after: {} }, { publicKey });
    const rows = () => vault.context.reader.selectFrom('delegated_gains').select('class').execute();
    expect((await rows()).map((row) => row.class).sort()).toEqual(['invites', 'machines', 'projects']);
    clock.advance(7 * 24 * HOUR);
    await sweep(vault.context);
    expect(await rows()).toEqual([]);
  });
});
