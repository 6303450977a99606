import { beforeEach, describe, expect, it } from 'vitest';
import type { MovedClock, TestVault } from '#test/builders/vault.ts';
import { sweep } from '#vault/app/sweep.ts';
import { ownedVault } from '../world/owned-vault.ts';
import { member, type Person } from '../world/people.ts';

const ALICE = 'alice@acme.example';
const HOUR = 60 * 60 * 1000;

interface Entry {
  readonly action: string;
  readonly subject: { readonly key: string };
  readonly details: Record<string, unknown>;
}

describe('an end of access that has come (M5)', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let home: string;
  let end: number;
  beforeEach(async () => {
    ({ clock, vault, boss } = await ownedVault());
    home = `/vaults/${vault.vaultId}`;
    end = clock.now() + HOUR;
    for (const [path, body] of [
      ['/projects', { name: 'web' }],
      [
        '/templates',
        { name: 'dev', description: '', capabilities: { Secrets: ['View'] }, projectScope: 'All' },
      ],
      ['/groups', { name: 'ops' }],
    ] as const) {
      expect((await boss.ask('POST', `${home}${path}`, body)).status).toBe(201);
    }
    await member(vault, ALICE, {
      expiresAt: end + 4,
      template: 'dev',
      templateExpiresAt: end,
      grants: [{ project: 'web', access: 'Write', expiresAt: end + 1 }],
    });
    await boss.ask('POST', `${home}/groups/ops/members`, { emails: [ALICE], expiresAt: end + 2 });
    await boss.ask('PUT', `${home}/groups/ops/grants/web`, { access: 'Read', expiresAt: end + 3 });
  });

  /** Entries of ends, newest last. */
  const told = async (): Promise<Entry[]> => {
    const { body } = await boss.ask<{ entries: Entry[] }>('GET', `${home}/audit?limit=500`);
    return body.entries.filter(({ action }) => /end(ed|s-undone)$/.test(action));
  };
  const actions = async () => (await told()).map(({ action }) => action).sort();
  const revision = async () => (await vault.snapshot()).revision;
  const moveTo = (time: number) => clock.advance(time - clock.now());

  it('has one entry, whoever looks how often, and moves the revision', async () => {
    await sweep(vault.context);
    expect(await told()).toEqual([]);
    const before = await revision();
    moveTo(end + 4);
    await sweep(vault.context);
    await sweep(vault.context);
    const ended = [
      'group.grant-ended',
      'group.membership-ended',
      'member.ended',
      'member.grant-ended',
      'member.template-ended',
    ];
    expect(await actions()).toEqual(ended);
    const after = await revision();
    expect(after).toBe(before + 1);
    await vault.restart();
    await sweep(vault.context);
    expect([await actions(), await revision()]).toEqual([ended, after]);
    const byAction = new Map((await told()).map((entry) => [entry.action, entry]));
    expect(byAction.get('member.grant-ended')).toMatchObject({
      subject: { key: ALICE },
      details: { project: 'web', access: 'Write', expiresAt: end + 1 },
    });
    expect(byAction.get('group.membership-ended')).toMatchObject({
      subject: { key: 'ops' },
      details: { member: ALICE, expiresAt: end + 2 },
    });
    expect(vault.faults).toEqual([]);
  });

  it('ends the sessions of a membership alone, and changes nothing else of the member', async () => {
    const sessions = () => vault.context.reader.selectFrom('sessions').select('account_id').execute();
    const count = (await sessions()).length;
    moveTo(end + 3);
    await sweep(vault.context);
    expect(await sessions()).toHaveLength(count);
    const before = (await vault.snapshot()).members;
    moveTo(end + 4);
    await sweep(vault.context);
    expect((await sessions()).length).toBeLessThan(count);
    expect((await vault.snapshot()).members).toEqual(before);
  });

  it('is told again where the clock was wrong, and that it had not come', async () => {
    moveTo(end + 9 * HOUR);
    await sweep(vault.context);
    expect(await actions()).toHaveLength(5);
    moveTo(end - HOUR / 2);
    await sweep(vault.context);
    await sweep(vault.context);
    const undone = (await told()).filter(({ action }) => action === 'access.ends-undone');
    expect(undone.map(({ details }) => (details.ends as unknown[]).length)).toEqual([5]);
    moveTo(end + 4);
    await sweep(vault.context);
    expect(await actions()).toHaveLength(11);
  });
});
