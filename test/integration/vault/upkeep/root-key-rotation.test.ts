import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretValue } from '#model/secret-value.ts';
import { ROOT_KEY, startTestVault, type TestVault } from '#test/builders/vault.ts';
import type { VaultContext } from '#vault/act/context.ts';
import { makeContext } from '#vault/app/vault-context.ts';
import { RootKey } from '#vault/crypto/root-key.ts';
import { SecretCipher } from '#vault/crypto/secret-cipher.ts';
import { StoredSecrets } from '#vault/machine-api/secret-reader.ts';
import { createProject } from '#vault/projects/projects.ts';
import { setByPerson } from '#vault/secrets/secret-values.ts';
import { openStore } from '#vault/store/store.ts';
import type { Store } from '#vault/store/store-interface.ts';
import { keysOfOthers, rotateRootKey } from '#vault/upkeep/root-key-rotation.ts';
import { examine } from '#vault/upkeep/verification.ts';

const NEXT = new RootKey(Buffer.alloc(32, 8));
const PROJECTS = 250;

describe('the root key is changed without downtime (V5)', () => {
  let vault: TestVault;
  let store: Store;
  let other: VaultContext;
  const secretIds: string[] = [];
  beforeEach(async () => {
    vault = await startTestVault();
    secretIds.length = 0;
    await vault.context.act(vault.vaultId, vault.owner, async (act) => {
      for (let index = 0; index < PROJECTS; index += 1) {
        await createProject(act, `p${index}`, '');
        secretIds.push((await setByPerson(act, `p${index}`, 'token', new SecretValue(`value ${index}`))).id);
      }
    });
    // The command is another process with the same database.
    store = await openStore(vault.database.name, Date.now());
    other = makeContext({ store, cipher: new SecretCipher(NEXT, [ROOT_KEY]) });
  });
  afterEach(async () => {
    await store.close();
    await vault[Symbol.asyncDispose]();
  });

  /** What machines are handed out, in order. */
  async function read(): Promise<string[]> {
    const shelf = new StoredSecrets(vault.context.reader, vault.context.cipher);
    const granted = secretIds.map((id) => ({
      id,
      projectId: '',
      name: 'token',
      version: 1,
      moved: 1,
      movedAt: 0,
      fieldNames: null,
      policy: null,
    }));
    return (await shelf.values(granted)).map(({ value }) => value.reveal());
  }
  const VALUES = Array.from({ length: PROJECTS }, (_, index) => `value ${index}`);
  const rotations = async (): Promise<number> => {
    const rows = await store.reader.selectFrom('audit_entries').select('action').execute();
    return rows.filter(({ action }) => action === 'vault.root-key-rotated').length;
  };

  it('while the server reads on with either key, in batches that are audited', async () => {
    await vault.server.holdRootKeys(NEXT, [ROOT_KEY]);
    const rotating = rotateRootKey(other);
    let isOver = false;
    void rotating.then(() => {
      isOver = true;
    });
    do expect(await read()).toEqual(VALUES);
    while (!isOver);
    expect(await rotating).toEqual({ rewrapped: PROJECTS + 1, broken: [] });
    expect(await rotations()).toBe(3);
    await vault.server.holdRootKeys(NEXT, []);
    expect(await read()).toEqual(VALUES);
    const { faults, keys } = await examine(store.reader, new SecretCipher(NEXT));
    expect({ faults, keys }).toEqual({ faults: [], keys: PROJECTS + 1 });
  });

  it('goes on where it was cut off, and does nothing once it is done', async () => {
    let acts = 0;
    const cut: VaultContext = {
      ...other,
      act: async (...args) => {
        acts += 1;
        if (acts === 2) throw new Error('killed');
        return other.act(...args);
      },
    };
    await expect(rotateRootKey(cut)).rejects.toThrow('killed');
    await vault.server.holdRootKeys(NEXT, [ROOT_KEY]);
    expect(await read()).toEqual(VALUES);
    expect(await rotateRootKey(other)).toMatchObject({ rewrapped: PROJECTS + 1 - 101 });
    expect(await rotateRootKey(other)).toEqual({ rewrapped: 0, broken: [] });
    expect(await rotations()).toBe(3);
  });

  it('leaves alone what does not open, and rewraps the rest', async () => {
    const [row] = await store.reader.selectFrom('projects').select('id').where('name', '=', 'p7').execute();
    const id = row?.id ?? '';
    await other.bookkeep((db) =>
      db.updateTable('projects').set({ wrapped_key: 'AAAA' }).where('id', '=', id).execute(),
    );
    expect(await rotateRootKey(other)).toEqual({ rewrapped: PROJECTS, broken: [id] });
  });

  it('tells how many keys a root key is missing for', async () => {
    expect(await keysOfOthers(other)).toBe(0);
    other.cipher.holdKeys(NEXT, []);
    expect(await keysOfOthers(other)).toBe(PROJECTS + 1);
  });
});
