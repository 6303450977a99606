import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepAction } from '#model/step.ts';
import type { StepAnswer } from '#protocol/management.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import {
  type Answer,
  access,
  MANAGER,
  MovedClock,
  OWNER,
  record,
  startTestVault,
  type TestVault,
} from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { planCatalog } from '#vault/common/tiers.ts';
import { setPlan } from '#vault/organizations/tier-setting.ts';
import { invitee, member, newAccount, owner, type Person, signIn } from '../world/people.ts';
import { auditedActions, inVault } from './in-vault.ts';

const DAY = 24 * 60 * 60 * 1000;
const BILLING = 'https://billing.example/acme';
const none = { members: null, projects: null, machines: null, groups: null, storedBytes: null };
const offer = (name: string, caps: Partial<typeof none> | object, trialDays: number | null = null) => ({
  name,
  caps: { ...none, ...caps },
  features: [],
  billingUrl: BILLING,
  trialDays,
});
const CATALOG = planCatalog(
  [offer('Free', { members: 2, projects: 1, machines: 1 }), offer('Trial', {}, 14), offer('Paid', {})],
  { selfService: ['Free', 'Trial'] },
);

let clock: MovedClock;
let vault: TestVault;
let boss: Person;
beforeEach(async () => {
  clock = new MovedClock();
  vault = await startTestVault({ clock, catalog: CATALOG, plan: 'Paid' });
  boss = await owner(vault);
});
afterEach(() => vault[Symbol.asyncDispose]());

const at = (path = '') => `/vaults/${vault.vaultId}${path}`;
const code = ({ status, body }: Answer<unknown>) => [status, (body as { code?: string } | null)?.code];

describe('a plan (P4)', () => {
  it('is taken by an account itself only where whoever runs the server leaves it to accounts', async () => {
    const make = (plan: string) => boss.ask('POST', '/organizations', { displayName: 'Other', plan });
    expect(await make('Free')).toMatchObject({ status: 201, body: { plan: 'Free', planUntil: null } });
    expect(await make('Paid')).toMatchObject({
      status: 403,
      body: { code: 'PlanNotOffered', detail: 'The tier Paid is set by whoever runs the server.' },
    });
    expect(code(await make('Unknown'))).toEqual([422, 'UnknownPlan']);
    expect((await boss.ask('GET', '/plans')).body).toMatchObject({
      plans: [
        { name: 'Free', selfService: true, caps: { members: 2 } },
        { name: 'Trial', selfService: true, trialDays: 14 },
        { name: 'Paid', selfService: false },
      ],
    });
  });

  it('is tried for its days, and once an account', async () => {
    const make = () => boss.ask('POST', '/organizations', { displayName: 'Other', plan: 'Trial' });
    expect(await make()).toMatchObject({ status: 201, body: { planUntil: clock.now() + 14 * DAY } });
    expect(code(await make())).toEqual([409, 'TrialUsed']);
  });

  it('caps members, projects and machines; the refusal says plan, used, cap and where to pay (I5, P3)', async () => {
    await setPlan(vault.context, vault.vaultId, { plan: 'Free', until: null });
    const invite = (email: string) => boss.ask('POST', at('/invites'), { emails: [email] });
    expect((await invite('alice@acme.example')).status).toBe(204);
    const seat = await invite('bob@acme.example');
    expect(seat).toMatchObject({ status: 409, body: { code: 'SeatsExhausted' } });
    expect(seat.body.detail).toContain('The plan Free has 2 seats and 2 are taken');
    expect(seat.body.next).toContain(BILLING);
    expect((await boss.ask('POST', at('/machines'), { name: 'one' })).status).toBe(201);
    const machine = await boss.ask('POST', at('/machines'), { name: 'two' });
    expect(machine).toMatchObject({ status: 409, body: { code: 'QuotaReached' } });
    expect(machine.body.detail).toContain('Free has room for 1 machines and 1 are there');
    expect(machine.body.next).toContain(BILLING);
    const project = await vault.step({
      kind: 'CreateProject',
      key: 'second',
      before: null,
      after: { description: '' },
    });
    expect(project).toBe('QuotaReached');
    expect((await boss.ask('GET', at('/usage'))).body).toMatchObject({
      plan: 'Free',
      members: { used: 2, cap: 2 },
      projects: { used: 1, cap: 1 },
      machines: { used: 1, cap: 1 },
    });
  });

  it('that is smaller than what there is takes nothing away', async () => {
    for (const email of ['a@acme.example', 'b@acme.example', 'c@acme.example']) await member(vault, email);
    await setPlan(vault.context, vault.vaultId, { plan: 'Free', until: null });
    expect((await boss.ask<{ members: unknown[] }>('GET', at('/members'))).body.members).toHaveLength(4);
    expect(code(await boss.ask('POST', at('/invites'), { emails: ['d@acme.example'] }))).toEqual([
      409,
      'SeatsExhausted',
    ]);
  });

  it('of another name than the catalog has is refused, and so is an unknown vault', async () => {
    await expect(setPlan(vault.context, vault.vaultId, { plan: 'Gold', until: null })).rejects.toThrow(
      'UnknownPlan',
    );
    await expect(
      setPlan(vault.context, 'vault_0000000000000000', { plan: 'Free', until: null }),
    ).rejects.toThrow('VaultNotFound');
  });
});

describe('an organization whose plan lapsed (P4)', () => {
  let alice: Person;
  beforeEach(async () => {
    alice = await member(vault, 'alice@acme.example', { grants: [{ project: 'Main', access: 'Write' }] });
    await setPlan(vault.context, vault.vaultId, { plan: 'Paid', until: clock.now() + DAY });
  });
  /** Signed in anew: a working day is shorter than what passes. */
  const lapse = async () => {
    clock.advance(DAY);
    boss = await owner(vault);
    alice = await signIn(vault, 'alice@acme.example');
  };

  it('is read by people and written by nobody, from the moment on and before anybody noticed', async () => {
    const write = () => alice.ask('PUT', at('/projects/Main/secrets/key'), { value: 'v' });
    expect((await write()).status).toBe(200);
    await lapse();
    const refused = await write();
    expect(code(refused)).toEqual([423, 'PlanLapsed']);
    expect((refused.body as { next?: string }).next).toContain(BILLING);
    expect((await alice.ask('GET', at('/secrets'))).status).toBe(200);
    expect((await boss.ask('GET', at())).body).toMatchObject({ plan: { name: 'Paid', lapsed: true } });
    for (const [method, path, body] of [
      ['POST', '/invites', { emails: ['bob@acme.example'] }],
      ['POST', '/machines', { name: 'web' }],
      ['PATCH', '', { displayName: 'Other' }],
      ['POST', '/automations', { name: 'n', abilities: ['values:sync'] }],
    ] as const) {
      expect(code(await boss.ask(method, at(path), body))).toEqual([423, 'PlanLapsed']);
    }
  });

  it('loses access as ever: suspended, removed, left, machines disabled and revoked', async () => {
    await member(vault, 'bob@acme.example');
    await newMachine(vault, 'web');
    await lapse();
    const statuses = [
      await alice.ask('POST', at('/leave'), {}),
      await boss.ask('POST', at('/members/bob@acme.example/suspend')),
      await boss.ask('POST', at('/machines/web/disable')),
      await boss.ask('DELETE', at('/machines/web')),
    ].map(({ status }) => status);
    expect(statuses).toEqual([204, 204, 204, 204]);
    expect(code(await boss.ask('POST', at('/members/bob@acme.example/unsuspend')))).toEqual([
      423,
      'PlanLapsed',
    ]);
    expect((await boss.ask('DELETE', at('/members/bob@acme.example'))).status).toBe(204);
  });

  it('is frozen and thawed as ever: managers go on taking access away there (rail 12)', async () => {
    await lapse();
    const fence = await vault.lease(MANAGER, 'installation-1');
    const action = { kind: 'CreateProject', key: 'p', before: null, after: { description: '' } } as const;
    const answerOfStep = async () => (await vault.steps([{ action }], { fence }))[0];
    expect((await boss.ask('PUT', at('/freeze'), { reason: 'incident' })).status).toBe(204);
    expect(await answerOfStep()).toMatchObject({ code: 'Frozen' });
    expect((await boss.ask('DELETE', at('/freeze'))).status).toBe(204);
    expect(await answerOfStep()).toMatchObject({ code: 'PlanLapsed' });
  });

  it('makes cuts final, and lets Git give none of them back (rail 7)', async () => {
    await lapse();
    expect((await boss.ask('POST', at('/members/alice@acme.example/suspend'))).status).toBe(204);
    const [cut] = (await vault.snapshot()).tombstones;
    const final = at(`/cuts/${cut?.entry}/final`);
    expect((await boss.ask('PUT', final)).status).toBe(204);
    expect(code(await boss.ask('DELETE', final))).toEqual([423, 'PlanLapsed']);
  });

  it('loses keys, invites and what machines are granted too, and gains none of them', async () => {
    await setValues(vault, { 'Main/key': 'v', 'Main/other': 'v' });
    await newMachine(vault, 'web', [{ project: 'Main', secrets: ['key', 'other'] }]);
    const machineKeys = at('/machines/web/keys');
    const ci = at(`/automations/${vault.identity.id}/keys`);
    const addTo = async (keys: string) =>
      `${keys}/${(await boss.ask<{ fingerprint: string }>('POST', keys, {})).body.fingerprint}`;
    const [second, ofCi] = [await addTo(machineKeys), await addTo(ci)];
    const email = 'bob@acme.example';
    expect((await boss.ask('POST', at('/invites'), { emails: [email] })).status).toBe(204);
    await lapse();
    const grant = (secrets: string[]) =>
      boss.ask('PUT', at('/machines/web/access'), { access: [{ project: 'Main', secrets }] });
    const statuses = [
      await boss.ask('DELETE', second),
      await boss.ask('DELETE', ofCi),
      await boss.ask('DELETE', at(`/invites/${email}`)),
      await grant(['key']),
    ].map(({ status }) => status);
    expect(statuses).toEqual([204, 204, 204, 204]);
    for (const gain of [
      await boss.ask('POST', machineKeys, {}),
      await boss.ask('POST', ci, {}),
      await grant(['other']),
    ]) {
      expect(code(gain)).toEqual([423, 'PlanLapsed']);
    }
  });

  it('ends an offer of ownership by either side, and moves ownership to nobody', async () => {
    const offer = () => boss.ask('PUT', at('/ownership-offer'), { email: 'alice@acme.example' });
    expect((await offer()).status).toBe(200);
    await lapse();
    expect(code(await alice.ask('POST', at('/ownership-offer/accept')))).toEqual([423, 'PlanLapsed']);
    expect((await alice.ask('POST', at('/ownership-offer/decline'))).status).toBe(204);
    await setPlan(vault.context, vault.vaultId, { plan: 'Paid', until: clock.now() + DAY });
    expect((await offer()).status).toBe(200);
    await lapse();
    expect((await boss.ask('DELETE', at('/ownership-offer'))).status).toBe(204);
    expect((await boss.ask('GET', at('/ownership-offer'))).body).toEqual({ offer: null });
    expect(code(await offer())).toEqual([423, 'PlanLapsed']);
    const actions = (await auditedActions(vault)).filter((action) => action.startsWith('ownership.offer-'));
    expect(actions).toEqual(['ownership.offer-declined', 'ownership.offer-withdrawn']);
  });

  it('lets nobody in who was invited before', async () => {
    const carol = await invitee(vault, 'carol@acme.example');
    const { invites } = (await carol.ask<{ invites: { id: string }[] }>('GET', '/me/invites')).body;
    clock.advance(DAY);
    const again = await signIn(vault, 'carol@acme.example', 'none');
    const accepted = await again.ask('POST', `/me/invites/${invites[0]?.id}/accept`, {});
    expect(code(accepted)).toEqual([423, 'PlanLapsed']);
  });

  it('hands values to its machines on', async () => {
    const ids = await setValues(vault, { 'Main/key': 'v' });
    const { client } = await newMachine(vault, 'web', [{ project: 'Main', secrets: ['key'] }]);
    await lapse();
    await sweep(vault.context);
    const read = await client.send('GET', `/v1/secret/${ids['Main/key']}`, undefined, { now: clock.now() });
    expect(read).toMatchObject({ status: 200, body: { value: 'v' } });
  });

  it('takes losses of automation and refuses what gives, with a reason', async () => {
    await newMachine(vault, 'web', [{ project: 'Main', secrets: [] }]);
    await lapse();
    const fence = await vault.lease(MANAGER, 'installation-1');
    const run = async (action: StepAction): Promise<StepAnswer | undefined> => {
      const kept = { record: record('Member', 'alice@acme.example') };
      return (
        await vault.steps([{ action, ...(action.key === 'alice@acme.example' ? kept : {}) }], { fence })
      )[0];
    };
    const after = { description: '' };
    const refused = await run({ kind: 'CreateProject', key: 'p', before: null, after });
    expect(refused).toMatchObject({ status: 'Refused', code: 'PlanLapsed' });
    expect((refused as { next?: string }).next).toContain(BILLING);
    const had = access({ grants: [{ project: 'Main', access: 'Write' }] });
    const alice = { key: 'alice@acme.example' } as const;
    for (const action of [
      { kind: 'InviteMember', key: 'bob@acme.example', before: null, after: access() },
      { kind: 'CreateTemplate', key: 't', before: null, after: TEMPLATE },
      { ...alice, kind: 'SetMemberAccess', before: had, after: access({ role: 'Admin' }) },
    ] satisfies StepAction[]) {
      expect(await run(action)).toMatchObject({ status: 'Refused', code: 'PlanLapsed' });
    }
    const narrower = access({ grants: [{ project: 'Main', access: 'Read' }] });
    for (const [lossClass, action] of [
      ['access', { ...alice, kind: 'SetMemberAccess', before: had, after: narrower }],
      [
        'suspensions',
        { ...alice, kind: 'SuspendMember', before: { state: 'Active' }, after: { state: 'Suspended' } },
      ],
    ] satisfies [string, StepAction][]) {
      const asked = { fence, class: lossClass, actions: [action], approval: null };
      expect((await vault.request('POST', '/reservations', asked)).status).toBe(200);
      expect(await run(action)).toMatchObject({ status: 'Done' });
    }
    const back = {
      ...alice,
      kind: 'UnsuspendMember',
      before: { state: 'Suspended' },
      after: { state: 'Active' },
    } as const;
    expect(await run(back)).toMatchObject({ status: 'Refused', code: 'PlanLapsed' });
  });

  it('says so once in the audit log, the snapshot and a mail to the owner (V1)', async () => {
    await lapse();
    const { revision } = await vault.snapshot();
    await sweep(vault.context);
    await sweep(vault.context);
    expect((await auditedActions(vault)).filter((action) => action === 'organization.plan-lapsed')).toEqual([
      'organization.plan-lapsed',
    ]);
    const after = await vault.snapshot();
    expect(after.plan).toMatchObject({ name: 'Paid', lapsedAt: clock.now() });
    expect(after.revision).toBe(revision + 1);
    const mails = await vault.context.reader.selectFrom('mails').select(['kind', 'recipient']).execute();
    expect(mails.filter(({ kind }) => kind === 'plan-lapsed')).toEqual([
      { kind: 'plan-lapsed', recipient: OWNER },
    ]);
  });

  it('thaws when a plan is set again, with nothing lost', async () => {
    await lapse();
    await sweep(vault.context);
    await setPlan(vault.context, vault.vaultId, { plan: 'Paid', until: null });
    expect((await alice.ask('PUT', at('/projects/Main/secrets/key'), { value: 'v' })).status).toBe(200);
    expect((await vault.snapshot()).plan).not.toHaveProperty('lapsedAt');
    expect((await boss.ask('GET', at())).body).toMatchObject({ plan: { lapsed: false, until: null } });
  });

  it('is only the one whose trial ended: others of the same account go on', async () => {
    await newAccount(vault, 'dora@acme.example');
    const dora = await signIn(vault, 'dora@acme.example', 'none');
    const made = await dora.ask<{ vaultId: string }>('POST', '/organizations', {
      displayName: 'Dora',
      plan: 'Trial',
    });
    const kept = await dora.ask<{ vaultId: string }>('POST', '/vaults', {});
    clock.advance(15 * DAY);
    for (const [{ body }, status] of [
      [made, 423],
      [kept, 200],
    ] as const) {
      const there = await signIn(inVault(vault, body.vaultId), 'dora@acme.example');
      const path = `/vaults/${body.vaultId}/projects/Main/secrets/key`;
      expect((await there.ask('PUT', path, { value: 'v' })).status).toBe(status);
    }
  });
});

const TEMPLATE = { description: '', capabilities: {}, projectScope: 'All' } as const;
