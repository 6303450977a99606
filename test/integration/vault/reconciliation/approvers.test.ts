import { beforeEach, describe, expect, it } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { RailSettings } from '#model/fields.ts';
import type { StepAction } from '#model/step.ts';
import { RAILS } from '#test/builders/desired.ts';
import { access, MANAGER, type MovedClock, PASSWORD, type TestVault } from '#test/builders/vault.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, type Person, signIn } from '../world/people.ts';
import { STEP, withSecondFactor } from '../world/second-factor.ts';

const ALICE = 'alice@acme.example';
const BOB = 'bob@acme.example';
const FIVE_MINUTES = 5 * 60_000;
const DIGEST = 'ab'.repeat(32);

describe('members who approve in the vault', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let alice: Person;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    alice = await member(vault, ALICE);
  });

  const naming = (...members: string[]): RailSettings => ({
    ...RAILS,
    approvers: { users: [], groups: [], members },
  });
  const settings = (before: RailSettings | null, after: RailSettings): StepAction => ({
    kind: 'ApplySettings',
    key: vault.vaultId,
    before,
    after,
  });
  /** The owner lets these rails be applied. */
  const applied = async (before: RailSettings | null, after: RailSettings): Promise<void> => {
    const action = settings(before, after);
    expect(await vault.step(action, { approval: await vault.approved([action]) })).toBe('Done');
  };
  const approve = (person: Person, digest = DIGEST) =>
    person.ask<{ id: string; code: string; next: string }>('POST', `/vaults/${vault.vaultId}/approvals`, {
      digest,
      reason: 'reviewed',
    });
  const pending = async (): Promise<string[]> =>
    (await vault.snapshot()).approvals.map(({ approver }) => approver);

  it('are those whom the rails last applied name; an admin is none by that alone', async () => {
    const admin = await member(vault, BOB, { role: 'Admin' });
    await withSecondFactor(alice, clock.now());
    await withSecondFactor(admin, clock.now());
    expect(await approve(alice)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    await applied(null, naming(ALICE));
    expect((await approve(alice)).status).toBe(201);
    expect(await approve(admin)).toMatchObject({ status: 403, body: { code: 'Forbidden' } });
    expect(await pending()).toEqual(['alice']);
  });

  it('count until their membership ends, and so does what they approved (M5)', async () => {
    await withSecondFactor(alice, clock.now());
    await member(vault, BOB);
    await applied(null, naming(ALICE, BOB));
    const action: StepAction = {
      kind: 'InviteMember',
      key: 'carol@acme.example',
      before: null,
      after: access({ role: 'Admin' }),
    };
    const digest = planDigest(vault.vaultId, [action]);
    const { status, body } = await approve(alice, digest);
    expect(status).toBe(201);
    const approval = {
      digest,
      approver: 'alice',
      via: 'Vault',
      reference: body.id,
      reason: 'reviewed',
    } as const;
    const expiresAt = clock.now() + FIVE_MINUTES;
    const end = `/vaults/${vault.vaultId}/members/${ALICE}/end`;
    expect((await boss.ask('PUT', end, { expiresAt })).status).toBe(204);
    clock.advance(FIVE_MINUTES);
    await vault.lease(MANAGER, 'installation-1');
    expect(await vault.stepUnapproved(action, { approval })).toBe('Forbidden');
    clock.advance(-1);
    expect(await vault.stepUnapproved(action, { approval })).toBe('Done');
  });

  it('have a second factor or a passkey, and are told what to do', async () => {
    await applied(null, naming(ALICE));
    const refused = await approve(alice);
    expect(refused).toMatchObject({ status: 403, body: { code: 'ApproverNeedsSecondFactor' } });
    expect(refused.body.next).toContain('Enrol');
    await withSecondFactor(alice, clock.now());
    expect((await approve(alice)).status).toBe(201);
  });

  it('have proven themselves within five minutes', async () => {
    clock.advance(FIVE_MINUTES + 1);
    expect(await approve(boss)).toMatchObject({ status: 403, body: { code: 'ProofNeeded' } });
    const proven = await boss.ask('POST', '/sessions/current/proof', { password: PASSWORD });
    expect(proven.status).toBe(204);
    expect((await approve(boss)).status).toBe(201);
  });

  it('prove more than the password once more is set, in sessions that were open before too', async () => {
    const other = await signIn(vault, boss.email);
    const { app } = await withSecondFactor(boss, clock.now());
    expect((await approve(boss)).status).toBe(201);
    expect(await approve(other)).toMatchObject({ status: 403, body: { code: 'ProofNeeded' } });
    clock.advance(STEP);
    const code = app.code(clock.now());
    await other.ask('POST', '/sessions/current/proof', { password: PASSWORD, code });
    expect((await approve(other)).status).toBe(201);
  });

  it('prove it by the passkey where that is all that is set beside the password', async () => {
    await addPasskey(vault, boss.email);
    expect(await approve(boss)).toMatchObject({ status: 403, body: { code: 'PasskeyProofNeeded' } });
    await vault.database.edit(`update sessions set proven_by = 'Passkey'`);
    expect((await approve(boss)).status).toBe(201);
  });

  const invite: StepAction = {
    kind: 'InviteMember',
    key: 'new@acme.example',
    before: null,
    after: access({ role: 'Admin' }),
  };

  it.each([
    ['removed', 'DELETE', `/members/${ALICE}`],
    ['suspended', 'POST', `/members/${ALICE}/suspend`],
  ] as const)(
    'release nothing once they are %s, by what they gave before either',
    async (_, method, path) => {
      await applied(null, naming(ALICE));
      await withSecondFactor(alice, clock.now());
      const digest = planDigest(vault.vaultId, [invite]);
      const { body } = await approve(alice, digest);
      const approval = { digest, approver: 'alice', via: 'Vault', reference: body.id, reason: '' } as const;
      expect((await boss.ask(method, `/vaults/${vault.vaultId}${path}`)).status).toBe(204);
      expect((await approve(alice)).status).toBeGreaterThanOrEqual(401);
      expect(await pending()).toEqual([]);
      expect(await vault.step(invite, { approval })).toBe('Forbidden');
    },
  );

  it('release nothing once the rails name them no more', async () => {
    await applied(null, naming(ALICE));
    await withSecondFactor(alice, clock.now());
    const digest = planDigest(vault.vaultId, [invite]);
    const { body } = await approve(alice, digest);
    const approval = { digest, approver: 'alice', via: 'Vault', reference: body.id, reason: '' } as const;
    await applied(naming(ALICE), naming());
    expect(await pending()).toEqual([]);
    expect(await vault.step(invite, { approval })).toBe('Forbidden');
  });

  it('are named by an approval that is given in the vault, and never by one that automation claims', async () => {
    const action = settings(null, naming(ALICE));
    const claim = {
      ...(await vault.approved([action])),
      via: 'PlanApproval',
      reference: 'approve-1',
    } as const;
    expect(await vault.step(action)).toBe('NeedsApproval');
    expect(await vault.step(action, { approval: claim })).toBe('NeedsApproval');
    expect(await vault.step(action, { approval: await vault.approved([action]) })).toBe('Done');
    const without = settings(naming(ALICE), naming());
    expect(await vault.step(without)).toBe('NeedsApproval');
  });

  it('are added by the owner alone: what another approver gave adds none, and takes one off', async () => {
    await applied(null, naming(ALICE));
    await withSecondFactor(alice, clock.now());
    const claimOf = async (action: StepAction) => {
      const digest = planDigest(vault.vaultId, [action]);
      const { body } = await approve(alice, digest);
      return { digest, approver: 'alice', via: 'Vault', reference: body.id, reason: '' } as const;
    };
    const more = settings(naming(ALICE), naming(ALICE, BOB));
    const [refused] = await vault.stepsUnapproved([{ action: more, approval: await claimOf(more) }]);
    expect(refused).toMatchObject({
      code: 'NeedsApproval',
      next: 'The owner approves the plan in the vault: `seneschal approve DIGEST`.',
    });
    expect((await vault.snapshot()).approvals).toMatchObject([{ approver: 'alice', byOwner: false }]);
    expect(await vault.stepUnapproved(more, { approval: await vault.approved([more]) })).toBe('Done');
    const fewer = settings(naming(ALICE, BOB), naming(ALICE));
    expect(await vault.stepUnapproved(fewer, { approval: await claimOf(fewer) })).toBe('Done');
  });

  it('stay, the last of them, but for people (rail 3)', async () => {
    await member(vault, BOB);
    await applied(null, naming(ALICE, BOB));
    const suspend = (key: string): StepAction => ({
      kind: 'SuspendMember',
      key,
      before: { state: 'Active' },
      after: { state: 'Suspended' },
    });
    const remove: StepAction = {
      kind: 'RemoveMember',
      key: ALICE,
      before: { ...access(), state: 'Active' },
      after: null,
    };
    expect(await vault.step(suspend(BOB))).toBe('Done');
    expect(await vault.step(suspend(ALICE))).toBe('Floor');
    expect(await vault.step(remove)).toBe('Floor');
    const byPeople = await boss.ask('DELETE', `/vaults/${vault.vaultId}/members/${ALICE}`);
    expect(byPeople.status).toBe(204);
  });
});

/** As if the person had added one; its proof is the tests' of passkeys. */
async function addPasskey(vault: TestVault, email: string): Promise<void> {
  const { id } = await vault.context.reader
    .selectFrom('accounts')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow();
  await vault.database.edit(
    `insert into passkeys (id, account_id, credential_id, public_key, counter, transports, name, backed_up, created_at)
      values ('psk_0123456789abcdef', ?, 'one', '', 0, '[]', 'laptop', 0, 0)`,
    id,
  );
}
