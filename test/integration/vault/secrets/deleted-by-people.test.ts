import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StepAction } from '#model/step.ts';
import { newMachine, setValues } from '#test/builders/machine.ts';
import { startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { MachineClient } from '#test/fakes/machine-client.ts';
import { owner, type Person } from '../world/people.ts';

const generator = { length: 16, charset: 'Hex' } as const;

describe('what a person deleted, to the steps of automation (rail 7)', () => {
  let vault: TestVault;
  let boss: Person;
  let ids: Record<string, string>;
  let client: MachineClient;
  beforeEach(async () => {
    vault = await startTestVault();
    ids = await setValues(vault, { 'web/a': 'value-of-a', 'web/b': 'value-of-b' });
    ({ client } = await newMachine(vault, 'pod', [{ project: 'web', secrets: ['a', 'b'] }]));
    boss = await owner(vault);
  });
  afterEach(() => vault[Symbol.asyncDispose]());

  const at = (path: string): string => `/vaults/${vault.vaultId}${path}`;
  const remove = (path: string, confirm: string) =>
    boss.ask('DELETE', at(`/projects/${path}?confirm=${confirm}`));
  const cut = async (item: string | null) =>
    (await vault.snapshot()).tombstones.find(
      (one) => one.kind === 'Project' && one.key === 'web' && one.item === item,
    );
  const entry = async (item: string | null) => (await cut(item))?.entry ?? '';
  const restored = (newValue: typeof generator | null = null, id = ids['web/a'] ?? ''): StepAction => ({
    ...{ kind: 'RestoreSecret', key: 'web/a', before: null, after: { id, newValue } },
  });
  const created: StepAction = {
    ...{ kind: 'CreateSecret', key: 'web/a', before: null, after: { generator } },
  };
  const project = async (secrets: readonly string[], id?: string): Promise<StepAction> => ({
    ...{ kind: 'RestoreProject', key: 'web', before: null },
    after: { id: id ?? (await cut(null))?.trashed ?? '', description: '', secrets },
  });
  const read = async () => {
    await boss.ask('PUT', at('/machines/pod/access'), { access: [{ project: 'web', secrets: ['a'] }] });
    return (await client.send('GET', `/v1/secret/${ids['web/a']}`)).body;
  };

  it('is a cut that says what the trash has of it', async () => {
    await remove('web/secrets/a', 'a');
    expect(await cut('a')).toMatchObject({ act: 'SecretDeleted', actor: 'owner', trashed: ids['web/a'] });
    await boss.ask('DELETE', at(`/trash/${ids['web/a']}?confirm=a`));
    expect(await cut('a')).toMatchObject({ act: 'SecretDeleted' });
    expect(await cut('a')).not.toHaveProperty('trashed');
  });

  it('comes back by its entry with the same value, once', async () => {
    await remove('web/secrets/a', 'a');
    const reinstate = await entry('a');
    expect(await vault.step(restored())).toBe('Tombstoned');
    expect(await vault.step(restored(), { reinstate: 'aud_another' })).toBe('Tombstoned');
    expect(await vault.step(restored(), { reinstate })).toBe('Done');
    expect(await read()).toEqual({ value: 'value-of-a' });
    expect(await vault.step(restored(), { reinstate })).toBe('StaleBefore');
  });

  it('comes back with another value under the same id, as the next version', async () => {
    await remove('web/secrets/a', 'a');
    expect(await vault.step(restored(generator), { reinstate: await entry('a') })).toBe('Done');
    expect(await read()).toEqual({ value: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const { secrets } = await vault.snapshot();
    expect(secrets.find(({ name }) => name === 'a')).toMatchObject({ id: ids['web/a'], version: 2 });
  });

  it('is nothing else that lies in the trash, whatever the step says', async () => {
    await remove('web/secrets/a', 'a');
    await remove('web/secrets/b', 'b');
    const reinstate = await entry('a');
    expect(await vault.step(restored(null, ids['web/b']), { reinstate })).toBe('StaleBefore');
    expect((await vault.snapshot()).secrets).toEqual([]);
  });

  it('has no value made under its name, and one by its entry once it was purged', async () => {
    await remove('web/secrets/a', 'a');
    await boss.ask('DELETE', at(`/trash/${ids['web/a']}?confirm=a`));
    expect(await vault.step(created)).toBe('Tombstoned');
    expect(await vault.step(created, { reinstate: await entry('a') })).toBe('Done');
    expect(await cut('a')).toBeUndefined();
  });

  it('is a project with just the secrets that went with it', async () => {
    await remove('web/secrets/b', 'b');
    await remove('web', 'web');
    const reinstate = await entry(null);
    const create = { kind: 'CreateProject', key: 'web', before: null, after: { description: '' } } as const;
    expect(await vault.step(create)).toBe('Tombstoned');
    expect(await vault.step(await project(['a', 'b']), { reinstate })).toBe('StaleBefore');
    expect(await vault.step(await project(['a']))).toBe('Tombstoned');
    expect(await vault.step(await project(['a']), { reinstate })).toBe('Done');
    expect(await read()).toEqual({ value: 'value-of-a' });
    expect(await cut('a')).toBeUndefined();
    expect(await cut('b')).toMatchObject({ act: 'SecretDeleted', trashed: ids['web/b'] });
  });

  it('stays cut in a project that a person makes again, and lies in the trash of the former one', async () => {
    await remove('web', 'web');
    await boss.ask('POST', at('/projects'), { name: 'web' });
    expect(await cut(null)).toBeUndefined();
    expect(await cut('a')).not.toHaveProperty('trashed');
    expect(await vault.step(created)).toBe('Tombstoned');
    expect(await vault.step(restored(), { reinstate: await entry('a') })).toBe('StaleBefore');
    expect(await vault.step(created, { reinstate: await entry('a') })).toBe('Done');
  });

  it('is back with what a person restores, and a secret that was purged meanwhile is not', async () => {
    await remove('web', 'web');
    const id = (await cut(null))?.trashed;
    await boss.ask('DELETE', at(`/trash/${ids['web/b']}?confirm=b`));
    expect((await boss.ask('POST', at(`/trash/${id}/restore`), {})).status).toBe(200);
    expect([await cut(null), await cut('a')]).toEqual([undefined, undefined]);
    expect(await cut('b')).toMatchObject({ act: 'SecretDeleted' });
  });

  it('goes with its project to another name', async () => {
    await remove('web/secrets/a', 'a');
    expect((await boss.ask('PATCH', at('/projects/web'), { name: 'shop' })).status).toBe(204);
    const { tombstones } = await vault.snapshot();
    expect(tombstones).toMatchObject([{ key: 'shop', item: 'a', trashed: ids['web/a'] }]);
    const moved = { ...restored(), key: 'shop/a' } as StepAction;
    expect(await vault.step(moved, { reinstate: tombstones[0]?.entry ?? '' })).toBe('Done');
  });
});
