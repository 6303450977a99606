import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planDigest } from '#model/digest.ts';
import type { Problem } from '#protocol/management.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { access, MovedClock, record, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import { sweep } from '#vault/app/sweep.ts';
import { member, owner, type Person } from '../world/people.ts';

const DAY = 24 * 60 * 60 * 1000;

interface Item {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly project: string | null;
  readonly secrets: number;
  readonly bytes: number;
  readonly deletedBy: string | null;
  readonly deletedAt: number;
  readonly purgedAt: number;
}

describe('the trash', () => {
  let clock: MovedClock;
  let vault: TestVault;
  let boss: Person;
  let ids: Record<string, string>;
  let client: MachineClient;
  beforeEach(async () => {
    clock = new MovedClock();
    vault = await startTestVault({ clock });
    ids = await setValues(vault, { 'web/a': 'aa', 'web/b': 'bbb', 'ops/c': 'cccc' });
    const everything = [
      { project: 'ops', secrets: ['c'] },
      { project: 'web', secrets: ['a', 'b'] },
    ];
    ({ client } = await newMachine(vault, 'pod', everything));
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const remove = (path: string, confirm: string, by = boss) =>
    by.ask('DELETE', at(`/projects/${path}?confirm=${confirm}`));
  const trash = async (by = boss): Promise<Item[]> =>
    (await by.ask<{ items: Item[] }>('GET', at('/trash'))).body.items;
  const restore = (id: string | undefined, body: object = {}, by = boss) =>
    by.ask<Problem & { id: string; name: string }>('POST', at(`/trash/${id}/restore`), body);
  const purge = (id: string | undefined, confirm: string, by = boss) =>
    by.ask('DELETE', at(`/trash/${id}?confirm=${confirm}`));
  const projectId = async (name: string): Promise<string | undefined> =>
    (await vault.snapshot()).projects.find((project) => project.name === name)?.id;
  const send = (method: 'GET' | 'POST', path: string, body?: string) =>
    client.send(method, path, body, { now: clock.now() });
  const read = async (path: string) => (await send('GET', `/v1/secret/${ids[path]}`)).status;
  const grantAll = (secrets: readonly string[]) =>
    boss.ask('PUT', at('/machines/pod/access'), { access: [{ project: 'web', secrets }] });
  const stored = async () => (await boss.ask<{ used: number; inTrash: number }>('GET', at('/storage'))).body;
  const actions = async () =>
    (
      await vault.context.reader.selectFrom('audit_entries').select('action').orderBy('sequence').execute()
    ).map(({ action }) => action);

  it('gives another name only by who may rename, and none that Git declares for a machine (H1)', async () => {
    const capabilities = { Trash: ['View', 'Restore'] };
    await boss.ask('POST', at('/templates'), { name: 'keeper', capabilities });
    const keeper = await member(vault, 'keeper@acme.example', { template: 'keeper' });
    await remove('web/secrets/a', 'a');
    expect(await restore(ids['web/a'], { name: 'b-too' }, keeper)).toMatchObject({
      status: 403,
      body: { code: 'Forbidden', detail: 'Requires Secrets: Manage in web.' },
    });
    expect((await restore(ids['web/a'], { name: 'a' }, keeper)).status).toBe(200);
    await remove('ops', 'ops');
    const [project] = await trash();
    expect((await restore(project?.id, { name: 'ops-too' }, keeper)).status).toBe(403);
    expect((await restore(project?.id, {}, keeper)).status).toBe(200);
    const applied = { access: [{ project: 'web', secrets: ['declared'] }] };
    const claim = { kind: 'Claim', key: 'MachineBinding/pod', before: null } as const;
    expect(
      await vault.step(
        { ...claim, after: { kind: 'MachineBinding', applied } },
        { record: record('MachineBinding', 'pod', applied) },
      ),
    ).toBe('Done');
    await remove('web/secrets/a', 'a');
    expect(await restore(ids['web/a'], { name: 'declared' })).toMatchObject({ body: { code: 'Foreign' } });
  });

  it('takes a secret whose name was typed; machines lose it at once', async () => {
    expect(await remove('web/secrets/a', 'b')).toMatchObject({ status: 422, body: { code: 'NotConfirmed' } });
    expect((await boss.ask('DELETE', at('/projects/web/secrets/a'))).status).toBe(422);
    expect(await read('web/a')).toBe(200);
    expect((await remove('web/secrets/a', 'a')).status).toBe(204);
    expect(await read('web/a')).toBe(404);
    expect(await read('web/b')).toBe(200);
    const polled = await send('POST', '/v1/secrets/poll', JSON.stringify({ watch: [ids['web/a']] }));
    expect(polled.body).toEqual({ changes: { [ids['web/a'] ?? '']: { status: 'deleted' } } });
    const { secrets, machines } = await vault.snapshot();
    expect(secrets.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(machines[0]?.access).toEqual([
      { project: 'ops', secrets: ['c'] },
      { project: 'web', secrets: ['b'] },
    ]);
    expect(await trash()).toEqual([
      {
        id: ids['web/a'],
        kind: 'Secret',
        name: 'a',
        project: 'web',
        secrets: 1,
        bytes: 2,
        deletedAt: clock.now(),
        deletedBy: 'owner',
        purgedAt: clock.now() + 30 * DAY,
      },
    ]);
  });

  it('takes a project with the secrets within as one thing (P2)', async () => {
    const web = await projectId('web');
    await remove('web/secrets/a', 'a');
    clock.advance(1000);
    expect(await remove('web', 'Web')).toMatchObject({ status: 422, body: { code: 'NotConfirmed' } });
    expect((await remove('web', 'web')).status).toBe(204);
    expect(await read('web/b')).toBe(404);
    expect(await read('ops/c')).toBe(200);
    expect(await trash()).toMatchObject([
      { id: web, kind: 'Project', name: 'web', project: null, secrets: 2, bytes: 5 },
      { id: ids['web/a'], kind: 'Secret', project: 'web', secrets: 1, bytes: 2 },
    ]);
    const { projects, machines } = await vault.snapshot();
    expect(projects.map(({ name }) => name)).toEqual(['Main', 'ops']);
    expect(machines[0]?.access).toEqual([{ project: 'ops', secrets: ['c'] }]);
  });

  it('gives a secret back with its versions; who may grant it grants it anew (H1)', async () => {
    await boss.ask('PUT', at('/projects/web/secrets/a'), { value: 'a2' });
    expect(await read('web/a')).toBe(200);
    await remove('web/secrets/a', 'a');
    expect(await restore(ids['web/a'])).toMatchObject({ status: 200, body: { id: ids['web/a'], name: 'a' } });
    expect(await trash()).toEqual([]);
    expect(await read('web/a')).toBe(403);
    expect((await grantAll(['a', 'b'])).status).toBe(204);
    expect((await send('GET', `/v1/secret/${ids['web/a']}`)).body).toEqual({ value: 'a2' });
    const listed = await boss.ask<{ versions: object[] }>('GET', at('/projects/web/secrets/a/versions'));
    expect(listed.body.versions).toHaveLength(2);
  });

  it('gives a project back with the secrets that went with it, and not with those from before', async () => {
    const web = await projectId('web');
    await remove('web/secrets/a', 'a');
    await remove('web', 'web');
    expect((await restore(web)).status).toBe(200);
    const { projects, secrets } = await vault.snapshot();
    expect(projects.map(({ id }) => id)).toContain(web);
    expect(secrets.map(({ name }) => name)).toEqual(['c', 'b']);
    expect(await trash()).toMatchObject([{ id: ids['web/a'] }]);
    expect((await restore(ids['web/a'])).status).toBe(200);
    await grantAll(['a', 'b']);
    expect([await read('web/a'), await read('web/b')]).toEqual([200, 200]);
  });

  it('says what to do where the name is taken, and takes another', async () => {
    const web = await projectId('web');
    await remove('web/secrets/a', 'a');
    const fresh = await boss.ask<{ id: string }>('PUT', at('/projects/web/secrets/a'), { value: 'new' });
    expect(fresh.body.id).not.toBe(ids['web/a']);
    expect(await restore(ids['web/a'])).toMatchObject({
      status: 409,
      body: { code: 'NameTaken', next: expect.stringContaining('another name') },
    });
    expect((await restore(ids['web/a'], { name: 'a-before' })).body).toMatchObject({ name: 'a-before' });
    await remove('web', 'web');
    await setValues(vault, { 'web/z': 'z' });
    expect(await restore(web)).toMatchObject({ status: 409, body: { code: 'NameTaken' } });
    expect((await restore(web, { name: 'web-before' })).status).toBe(200);
    const { secrets } = await vault.snapshot();
    expect(secrets.map(({ project, name }) => `${project}/${name}`)).toEqual([
      'ops/c',
      'web/z',
      'web-before/a',
      'web-before/a-before',
      'web-before/b',
    ]);
  });

  it('names the project that a secret needs first', async () => {
    const web = await projectId('web');
    await remove('web/secrets/a', 'a');
    await remove('web', 'web');
    for (const path of ['web/a', 'web/b']) {
      expect(await restore(ids[path])).toMatchObject({
        status: 409,
        body: { code: 'ProjectGone', next: `Restore the project ${web} first.` },
      });
    }
  });

  it('has no room for a project where the plan has none (P3)', async () => {
    await using small = await startTestVault({ plan: 'Free' });
    const person = await owner(small);
    const names = ['p1', 'p2', 'p3', 'p4'];
    for (const name of names) await setValues(small, { [`${name}/s`]: '1' });
    const of = `/vaults/${small.vaultId}`;
    await person.ask('DELETE', `${of}/projects/p1?confirm=p1`);
    await setValues(small, { 'p5/s': '1' });
    const [item] = (await person.ask<{ items: Item[] }>('GET', `${of}/trash`)).body.items;
    const refused = await person.ask('POST', `${of}/trash/${item?.id}/restore`, {});
    expect(refused).toMatchObject({ status: 409, body: { code: 'QuotaReached' } });
  });

  it('moves the revisions, so that operators see what came back (V1)', async () => {
    const before = await vault.snapshot();
    await remove('web/secrets/a', 'a');
    const gone = await vault.changes(`since=${before.revision}&wait=0`);
    expect(gone.revision).toBe(before.revision + 1);
    await restore(ids['web/a']);
    const back = await vault.changes(
      `since=${gone.revision}&secretsSince=${gone.volatile.secretRevision}&wait=0`,
    );
    expect(back).toMatchObject({
      revision: before.revision + 2,
      secrets: [{ id: ids['web/a'], version: 1 }],
    });
    const { revision } = await vault.snapshot();
    await remove('web/secrets/a', 'a');
    await purge(ids['web/a'], 'a');
    // The last one too: the cut of the secret says from then on that nothing is left to restore (rail 7).
    expect((await vault.snapshot()).revision).toBe(revision + 2);
  });

  it('destroys on demand: versions and wrapped keys are gone from the database (V5)', async () => {
    const web = await projectId('web');
    await boss.ask('PUT', at('/projects/web/secrets/a'), { value: 'a2' });
    expect(await stored()).toMatchObject({ used: 11, inTrash: 0 });
    await remove('web/secrets/a', 'a');
    expect(await stored()).toMatchObject({ used: 11, inTrash: 4 });
    expect(await purge(ids['web/a'], 'b')).toMatchObject({ status: 422, body: { code: 'NotConfirmed' } });
    expect((await purge(ids['web/a'], 'a')).status).toBe(204);
    expect(await stored()).toMatchObject({ used: 7, inTrash: 0 });
    const { reader } = vault.context;
    const versions = () => reader.selectFrom('secret_versions').select('secret_id').execute();
    expect(new Set((await versions()).map(({ secret_id }) => secret_id))).toEqual(
      new Set([ids['web/b'], ids['ops/c']]),
    );
    await remove('web', 'web');
    await purge(web, 'web');
    expect(await versions()).toEqual([{ secret_id: ids['ops/c'] }]);
    const keys = await reader
      .selectFrom('projects')
      .select('name')
      .where('wrapped_key', 'is not', null)
      .execute();
    expect(keys).toEqual([{ name: 'ops' }]);
    expect((await restore(web)).status).toBe(404);
    expect(await actions()).toEqual(expect.arrayContaining(['secret.purged', 'project.purged']));
  });

  it('does not destroy what is alive', async () => {
    expect((await purge(ids['web/a'], 'a')).status).toBe(404);
    expect((await purge(await projectId('web'), 'web')).status).toBe(404);
    expect((await restore(ids['web/a'])).status).toBe(404);
    expect(await read('web/a')).toBe(200);
  });

  it('destroys by itself after 30 days, and not before, as an act of the system (A1)', async () => {
    await remove('web/secrets/a', 'a');
    clock.advance(DAY);
    boss = await owner(vault);
    await remove('ops', 'ops');
    clock.advance(29 * DAY - 1);
    await sweep(vault.context);
    boss = await owner(vault);
    expect(await trash()).toHaveLength(2);
    clock.advance(1);
    await sweep(vault.context);
    expect(await trash()).toMatchObject([{ kind: 'Project', name: 'ops' }]);
    clock.advance(DAY);
    await sweep(vault.context);
    boss = await owner(vault);
    expect(await trash()).toEqual([]);
    expect(await stored()).toMatchObject({ used: 3 });
    const rows = await vault.context.reader
      .selectFrom('audit_entries')
      .select('entry')
      .where('action', 'in', ['secret.purged', 'project.purged'])
      .orderBy('sequence')
      .execute();
    expect(rows.map(({ entry }) => JSON.parse(entry))).toMatchObject([
      { actor: { type: 'system' }, subject: { key: 'web/a' }, details: { versions: 1, bytes: 2 } },
      { actor: { type: 'system' }, subject: { key: 'ops' } },
    ]);
  });

  it('destroys more than one transaction takes', async () => {
    const many = Object.fromEntries(Array.from({ length: 210 }, (_, index) => [`many/s${index}`, 'x']));
    await setValues(vault, { 'many/first': 'x' });
    await setValues(vault, many);
    await vault.database.edit(
      'update secrets set deleted_at = ? where name like ?',
      clock.now() - 31 * DAY,
      's%',
    );
    await sweep(vault.context);
    const left = await vault.context.reader.selectFrom('secrets').select('name').orderBy('name').execute();
    expect(left.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'first']);
  });

  it('is guarded by its cells: each act by its own (Trash: View, Restore, Purge)', async () => {
    await remove('web/secrets/a', 'a');
    for (const cell of ['View', 'Restore', 'Purge']) {
      await vault.step({
        kind: 'CreateTemplate',
        key: cell,
        before: null,
        after: { description: '', capabilities: { Trash: [cell] }, projectScope: 'All' },
      });
      const email = `${cell.toLowerCase()}@acme.example`;
      const person = await member(vault, email, { template: cell });
      const listed = await person.ask('GET', at('/trash'));
      const restored = await restore('sk_0000000000', {}, person);
      const purged = await purge('sk_0000000000', 'a', person);
      expect([listed.status === 200, restored.status === 404, purged.status === 404]).toEqual(
        ['View', 'Restore', 'Purge'].map((one) => one === cell),
      );
      expect((await remove('web/secrets/b', 'b', person)).status).toBe(403);
      expect((await remove('web', 'web', person)).status).toBe(403);
    }
  });

  it('keeps what automation deletes too, and shows by whom', async () => {
    const before = { description: '', secrets: ['c'] };
    const action = { kind: 'DeleteProject', key: 'ops', before, after: null } as const;
    await vault.step(
      { kind: 'Claim', key: 'Project/ops', before: null, after: { kind: 'Project', applied: {} } },
      { record: record('Project', 'ops', {}) },
    );
    const digest = planDigest(vault.vaultId, [action]);
    const approval = await boss.ask<{ id: string }>('POST', at('/approvals'), { digest, reason: 'test' });
    const fence = await vault.fence();
    const reserved = await vault.request('POST', '/reservations', {
      fence,
      class: 'projects',
      actions: [action],
      approval: { digest, approver: 'owner', via: 'Vault', reference: approval.body.id, reason: 'test' },
    });
    expect(reserved.status).toBe(200);
    expect(await vault.step(action)).toBe('Done');
    expect(await trash()).toMatchObject([{ kind: 'Project', name: 'ops', deletedBy: 'operator' }]);
    expect((await restore((await trash())[0]?.id)).status).toBe(200);
  });

  it('takes the grants of people in a project, which automation gives back only by naming the entry (rail 7)', async () => {
    const web = await projectId('web');
    const grants = [{ project: 'web', access: 'Read' as const }];
    await member(vault, 'alice@acme.example', { grants });
    await remove('web', 'web');
    expect((await vault.snapshot()).tombstones[0]).toMatchObject({
      ...{ kind: 'Member', key: 'alice@acme.example', act: 'GrantRemoved', item: 'web', actor: 'owner' },
    });
    await boss.ask('POST', at('/projects'), { name: 'web' });
    const again = { kind: 'SetMemberAccess', key: 'alice@acme.example' } as const;
    const given = { ...again, before: access(), after: access({ grants }) };
    expect(await vault.step(given)).toBe('Tombstoned');
    // Another project of that name is there by now.
    await restore(web, { name: 'web-before' });
    const [cut] = (await vault.snapshot()).tombstones;
    expect(await vault.step(given)).toBe('Tombstoned');
    expect(await vault.step(given, { reinstate: cut?.entry ?? '' })).toBe('Done');
  });
});
